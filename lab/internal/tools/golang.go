package tools

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"cofferdam/lab/internal/proc"
)

// goCommand prepares the go command in a set's module, static and for this machine
// whatever the environment says.
func (s Set) goCommand(ctx context.Context, moduleDir string, args ...string) *exec.Cmd {
	cmd := proc.Command(ctx, "go", args...)
	cmd.Dir = s.source(moduleDir)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=", "GOARCH=", "GOWORK=off", "GOFLAGS=-mod=readonly")
	return cmd
}

func trimLine(s string) string { return strings.TrimSpace(s) }
