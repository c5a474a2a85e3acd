// Package proc runs commands and keeps daemons by pid file.
package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// tail is how much of a failed command's output is worth showing.
const tail = 4000

// Command prepares a command that dies politely, with its children, when ctx ends.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Run runs a command to its end; the error carries the end of what it printed.
func Run(cmd *exec.Cmd) error {
	var out bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &out
	return explain(cmd, cmd.Run(), out.String())
}

// Output runs a command and returns its standard output.
func Output(cmd *exec.Cmd) (string, error) {
	var out bytes.Buffer
	cmd.Stdout = &out
	err := Run(cmd)
	return out.String(), err
}

// Stream runs a command and hands its standard output to read while it runs. A failure
// of the command outranks the broken stream that it leaves behind.
func Stream(cmd *exec.Cmd, read func(io.Reader) error) error {
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := read(out)
	_, drainErr := io.Copy(io.Discard, out)
	if err := explain(cmd, cmd.Wait(), messages.String()); err != nil {
		return err
	}
	return errors.Join(readErr, drainErr)
}

func explain(cmd *exec.Cmd, err error, output string) error {
	if err == nil {
		return nil
	}
	output = strings.TrimSpace(output)
	if len(output) > tail {
		output = "… " + output[len(output)-tail:]
	}
	if output == "" {
		return fmt.Errorf("%s: %w", cmd.Args[0], err)
	}
	return fmt.Errorf("%s: %w\n%s", cmd.Args[0], err, output)
}
