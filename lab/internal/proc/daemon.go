package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrStopped says that a daemon ended before it was ready.
var ErrStopped = errors.New("ended before it was ready")

// Daemon is a long-lived process that is known by its pid file. Its command line must
// contain Mark (the path of its own configuration), which tells it from a stranger that
// the kernel gave the same pid after a crash.
type Daemon struct {
	Name    string
	PidFile string
	LogFile string
	Mark    string
}

// Pid returns the process that runs now, or 0 when there is none or the pid file is stale.
func (d Daemon) Pid() int {
	text, err := os.ReadFile(d.PidFile)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 || !d.owns(pid) {
		return 0
	}
	return pid
}

// Start starts the daemon in a session of its own, so that a Ctrl-C on the lab's
// terminal does not reach it, and waits until ready says yes.
func (d Daemon) Start(ctx context.Context, cmd *exec.Cmd, patience time.Duration, ready func(context.Context) bool) error {
	log, err := os.OpenFile(d.LogFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", d.Name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if err := writeFile(d.PidFile, strconv.Itoa(cmd.Process.Pid)+"\n"); err != nil {
		return errors.Join(err, cmd.Process.Kill())
	}
	if err := d.await(ctx, ended, patience, ready); err != nil {
		return errors.Join(err, d.Stop())
	}
	return nil
}

// Stop asks the daemon to end, waits, and kills it after half a minute. A daemon that
// does not run is no error.
func (d Daemon) Stop() error {
	pid := d.Pid()
	if pid == 0 {
		return d.forget()
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && err != syscall.ESRCH {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); d.owns(pid); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
				return err
			}
			deadline = time.Now().Add(30 * time.Second)
		}
	}
	return d.forget()
}

func (d Daemon) await(ctx context.Context, ended <-chan error, patience time.Duration, ready func(context.Context) bool) error {
	deadline := time.Now().Add(patience)
	for !ready(ctx) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("%s %w: %v\n%s", d.Name, ErrStopped, err, lastLines(d.LogFile, 15))
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %s\n%s", d.Name, patience, lastLines(d.LogFile, 15))
		}
	}
	return nil
}

// owns reports whether pid is alive, no zombie, and ours by its command line.
func (d Daemon) owns(pid int) bool {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return false
	}
	for arg := range bytes.SplitSeq(line, []byte{0}) {
		if string(arg) == d.Mark {
			return true
		}
	}
	return false
}

func (d Daemon) forget() error {
	if err := os.Remove(d.PidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func lastLines(path string, n int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func writeFile(path, text string) error {
	part := path + ".part"
	if err := os.WriteFile(part, []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}
