package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
)

func stop(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("stop", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if flags.NArg() != 1 {
		return errors.New("stop needs the name given to `run --detach`")
	}
	name := flags.Arg(0)
	if err := place.CheckName(name); err != nil {
		return err
	}
	return proc.Run(l.podman(ctx, "stop", "--time=10", "--ignore", containerName(l.instance.ID, name)))
}

func (l *lab) containerLogs(ctx context.Context, name string) error {
	cmd := l.podman(ctx, "logs", containerName(l.instance.ID, name))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return errors.Join(errContainer, err)
	}
	return nil
}

// removeContainer ends what a signal left of a container, also where the program as process 1 does not hear
// signals: podman, asked to end, waits for it.
func (l *lab) removeContainer(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return proc.Run(l.podman(ctx, "rm", "--force", "--time=0", "--ignore", containerName(l.instance.ID, name)))
}

// stopContainers ends what `run --detach` left, unless nothing was ever run.
func (l *lab) stopContainers(ctx context.Context) error {
	if _, err := os.Stat(l.podmanRoot()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return proc.Run(l.podman(ctx, "stop", "--all", "--time=10"))
}

func (l *lab) podmanRoot() string { return filepath.Join(l.instance.Root, "podman") }

func (l *lab) podmanRunRoot() string { return filepath.Join("/run/cofferdam-lab", l.instance.ID) }

// podman prepares podman with storage of the instance's own. runc, because crun refuses
// machines with hybrid control groups.
func (l *lab) podman(ctx context.Context, args ...string) *exec.Cmd {
	runc, err := exec.LookPath("runc")
	if err != nil {
		runc = "/usr/sbin/runc"
	}
	global := []string{
		"--root", l.podmanRoot(), "--runroot", l.podmanRunRoot(),
		"--runtime", runc, "--cgroup-manager=cgroupfs", "--events-backend=none",
	}
	return proc.Command(ctx, "podman", append(global, args...)...)
}

func containerName(instance, name string) string { return "cofferdam-" + instance + "-" + name }
