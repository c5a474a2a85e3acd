package proc

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary play the daemon, so that no other program is needed.
func TestMain(m *testing.M) {
	switch os.Getenv("LAB_TEST_DAEMON") {
	case "sleep":
		time.Sleep(time.Minute)
		os.Exit(0)
	case "die":
		os.Stderr.WriteString("no such luck\n")
		os.Exit(3)
	}
	os.Exit(m.Run())
}

func TestDaemonStartsAndStops(t *testing.T) {
	d, cmd := newDaemon(t, "sleep")
	if err := d.Start(t.Context(), cmd, time.Minute, func(context.Context) bool { return d.Pid() != 0 }); err != nil {
		t.Fatal(err)
	}
	pid := d.Pid()
	if pid != cmd.Process.Pid {
		t.Errorf("pid %d, want %d", pid, cmd.Process.Pid)
	}
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	if d.Pid() != 0 || exists(d.PidFile) {
		t.Error("the daemon or its pid file is still there")
	}
	if err := d.Stop(); err != nil {
		t.Errorf("stopping what does not run: %v", err)
	}
}

func TestDaemonKilledHardIsSeenAsDown(t *testing.T) {
	d, cmd := newDaemon(t, "sleep")
	if err := d.Start(t.Context(), cmd, time.Minute, func(context.Context) bool { return d.Pid() != 0 }); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(d.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); d.Pid() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a dead daemon still counts as up")
		}
	}
	if !exists(d.PidFile) {
		t.Error("the stale pid file should be there: nobody cleaned up")
	}
}

func TestStrangerWithThePidOfAnOldDaemonIsLeftAlone(t *testing.T) {
	d, _ := newDaemon(t, "sleep")
	if err := os.WriteFile(d.PidFile, []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		t.Fatal(err)
	}
	if pid := d.Pid(); pid != 0 {
		t.Errorf("took process %d for the daemon", pid)
	}
	if err := d.Stop(); err != nil || exists(d.PidFile) {
		t.Errorf("stop: %v; the stale pid file must go", err)
	}
}

func TestDaemonThatEndsEarlyShowsItsLog(t *testing.T) {
	d, cmd := newDaemon(t, "die")
	err := d.Start(t.Context(), cmd, time.Minute, func(context.Context) bool { return false })
	if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "no such luck") {
		t.Errorf("error: %v", err)
	}
}

func TestRunExplainsFailuresWithTheEndOfTheOutput(t *testing.T) {
	err := Run(Command(t.Context(), "sh", "-c", "echo reason >&2; exit 4"))
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 4 || !strings.Contains(err.Error(), "reason") {
		t.Errorf("error: %v", err)
	}
}

func TestStreamPrefersTheCommandsOwnError(t *testing.T) {
	err := Stream(Command(t.Context(), "sh", "-c", "echo half; echo cause >&2; exit 1"), func(r io.Reader) error {
		return errors.New("the stream ended early")
	})
	if err == nil || !strings.Contains(err.Error(), "cause") {
		t.Errorf("error: %v", err)
	}
}

func newDaemon(t *testing.T, role string) (Daemon, *exec.Cmd) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	d := Daemon{"test", filepath.Join(dir, "pid"), filepath.Join(dir, "log"), filepath.Join(dir, "config")}
	cmd := exec.Command(self, d.Mark)
	cmd.Env = append(os.Environ(), "LAB_TEST_DAEMON="+role)
	return d, cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
