package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
	"cofferdam/lab/internal/term"
)

// container is one that runs.
type container struct{ name, pid, image string }

// containers returns those of the instance that run.
func (l *lab) containers(ctx context.Context) ([]container, error) {
	if !l.everRan() {
		return nil, nil
	}
	out, err := proc.Output(l.podman(ctx, "ps", "--format={{.Names}}\t{{.Pid}}\t{{.Image}}"))
	if err != nil {
		return nil, err
	}
	return readContainers(out, containerName(l.instance.ID, "")), nil
}

func readContainers(listing, prefix string) []container {
	var found []container
	for line := range strings.Lines(listing) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) == 3 {
			found = append(found, container{strings.TrimPrefix(fields[0], prefix), fields[1], fields[2]})
		}
	}
	return found
}

// checkFree refuses a name that a running container has.
func (l *lab) checkFree(ctx context.Context, name string) error {
	running, err := l.containers(ctx)
	for _, c := range running {
		if c.name == name {
			return fmt.Errorf("a container named %s runs already (%s); to end it: %s", name, c.image, l.command("stop "+name))
		}
	}
	return err
}

func stop(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("stop", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if flags.NArg() != 1 {
		return errors.New("stop needs the name of a container, as `status` lists it")
	}
	name := flags.Arg(0)
	if err := place.CheckName(name); err != nil {
		return err
	}
	stopped, err := proc.Output(l.podman(ctx, "stop", "--time=10", "--ignore", containerName(l.instance.ID, name)))
	switch {
	case err != nil:
		return err
	case stopped == "":
		term.Sayf("no container %s runs", name)
	default:
		term.Sayf("%s stopped", name)
	}
	return nil
}

func (l *lab) containerLogs(ctx context.Context, name string) error {
	cmd := l.podman(ctx, "logs", containerName(l.instance.ID, name))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return errors.Join(errContainer, err)
	}
	return nil
}

// removeContainer ends what a signal left of a container: podman, asked to end, waits for a program that as
// process 1 hears no signal.
func (l *lab) removeContainer(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return proc.Run(l.podman(ctx, "rm", "--force", "--time=0", "--ignore", containerName(l.instance.ID, name)))
}

// stopContainers ends what `run --detach` left, unless nothing was ever run.
func (l *lab) stopContainers(ctx context.Context) error {
	if !l.everRan() {
		return nil
	}
	return proc.Run(l.podman(ctx, "stop", "--all", "--time=10"))
}

// everRan says whether there may be containers at all; where there are none, podman need not be installed.
func (l *lab) everRan() bool {
	_, err := os.Stat(l.podmanRoot())
	return err == nil
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
