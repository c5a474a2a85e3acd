package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// inTurn runs a pair, A B B A and so on, so that what one leaves behind does not always meet the same other.
func inTurn(i int, ours, theirs func() (time.Duration, error)) (x, y time.Duration, err error) {
	if i%2 == 1 {
		y, x, err = inTurn(0, theirs, ours)
		return x, y, err
	}
	if x, err = ours(); err != nil {
		return x, y, err
	}
	y, err = theirs()
	return x, y, err
}

// fresh gives an empty daemon that runs, as a runner in CI is.
func fresh(root string) error {
	if err := lab(root, "up", "--name", freshDaemon, "--images", "none"); err != nil {
		return err
	}
	return lab(root, "reset-cache", "--name", freshDaemon)
}

func lab(root string, args ...string) error {
	cmd := exec.Command("go", append([]string{"run", "-C", filepath.Join(root, "lab"), "./cmd/lab"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("lab %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
