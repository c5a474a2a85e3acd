package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// cacheCase is an application with the Dockerfile that asks for the same, and the file of it that is edited.
type cacheCase struct{ name, example, dockerfile, edited string }

var cacheCases = []cacheCase{
	{"Rust service", "examples/rust-service", "bench/rust-service.Dockerfile", "src/main.rs"},
	{"Go service", "examples/go-service", dockerfile, "main.go"},
}

// freshDaemon is a daemon of the lab that knows nothing, as a runner in CI is.
const freshDaemon = "bench"

// measureCache measures builds of an edited source by daemons that know nothing but a registry's cache.
func measureCache(o options, r *results) error {
	// What it has takes gigabytes and is of no use to anybody.
	defer func() {
		_ = lab(o.root, "reset-cache", "--name", freshDaemon)
		_ = lab(o.root, "down", "--name", freshDaemon)
	}()
	for _, c := range cacheCases {
		m, err := measureCacheOf(o, c)
		if err != nil {
			return err
		}
		r.Cache = append(r.Cache, m)
	}
	return nil
}

func measureCacheOf(o options, c cacheCase) (measured, error) {
	said("edited source, fresh daemon, registry cache: %s, %d pairs", c.name, o.cachePairs)
	b := builds{root: o.root, client: strings.Fields(o.client)}
	m := measured{Name: c.name}
	ours, theirs := filepath.Join(c.example, "cofferdam.yaml"), c.dockerfile
	for side, file := range map[string]string{"ours": ours, "theirs": theirs} {
		export := "type=registry,mode=max,ref=" + o.cacheRef(c, side)
		if _, err := b.run([]string{"build", "-f", file, "--cache-to", export, c.example}, "quiet"); err != nil {
			return m, err
		}
	}
	for i := range o.cachePairs {
		x, y, err := inTurn(i, func() (time.Duration, error) { return o.rebuild(b, c, "ours", ours, i) },
			func() (time.Duration, error) { return o.rebuild(b, c, "theirs", theirs, i) })
		if err != nil {
			return m, err
		}
		said("%s: %.1f s, %.1f s", c.name, x.Seconds(), y.Seconds())
		m.OursSamples = append(m.OursSamples, float64(x))
		m.TheirsSamples = append(m.TheirsSamples, float64(y))
	}
	m.summary = summarize(m.OursSamples, m.TheirsSamples)
	return m, nil
}

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

func (o options) cacheRef(c cacheCase, side string) string {
	return o.registry + "/bench/" + filepath.Base(c.example) + ":cache-" + side
}

// rebuild empties the fresh daemon, edits a line, and returns how long the build takes.
func (o options) rebuild(b builds, c cacheCase, side, file string, i int) (time.Duration, error) {
	if err := fresh(o.root); err != nil {
		return 0, err
	}
	context, err := os.MkdirTemp("", "cofferdam-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(context)
	if err := os.CopyFS(context, os.DirFS(filepath.Join(o.root, c.example))); err != nil {
		return 0, err
	}
	if err := appendTo(filepath.Join(context, c.edited), fmt.Sprintf("\n// Edit %d of %s.\n", i, side)); err != nil {
		return 0, err
	}
	args := []string{
		"build", "--builder", "cofferdam-" + freshDaemon, "-f", file, "--output", "type=cacheonly",
		"--cache-from", "type=registry,ref=" + o.cacheRef(c, side), context,
	}
	var out bytes.Buffer
	cmd := b.invocation(args, "rawjson")
	cmd.Stderr = &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out.String())
	}
	took := time.Since(start)
	ran, err := executed(&out)
	if fetched := strings.Join(ran, "; "); err == nil && side == "ours" && strings.Contains(fetched, "fetch ") {
		err = fmt.Errorf("%s: what the cache has was fetched again: %s", c.name, fetched)
	}
	return took, err
}

// fresh gives an empty daemon that runs.
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

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
