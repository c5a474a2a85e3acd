package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cofferdam/lab/internal/daemon"
	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
	"cofferdam/lab/internal/term"
)

func down(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("down", flag.ContinueOnError)
	name := nameFlag(flags)
	all := flags.Bool("all", false, "stop all daemons of this instance, its containers and its registry")
	purge := flags.Bool("purge", false, "also remove the state: build cache, pushed images, logs")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if err := errors.Join(place.CheckName(*name), noArguments(flags)); err != nil {
		return err
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return l.bringDown(ctx, *name, *all, *purge)
}

// lock keeps two labs from working on the instance at once.
func (l *lab) lock(ctx context.Context) (unlock func(), err error) {
	return place.Lock(ctx, filepath.Join(l.instance.Root, "lock"), "another lab works on this instance")
}

func (l *lab) bringDown(ctx context.Context, name string, all, purge bool) error {
	if err := l.stopDaemons(ctx, name, all, purge); err != nil {
		return err
	}
	running, err := l.running()
	if err != nil || len(running) > 0 {
		return err
	}
	registry := daemon.NewRegistry(l.instance, "")
	if err := halt(registry.Process()); err != nil || !all || !purge {
		return err
	}
	return errors.Join(os.RemoveAll(l.instance.Root), os.RemoveAll(l.podmanRunRoot()))
}

// sweep removes the instances of checkouts that are gone, with all that still runs there.
func (l *lab) sweep(ctx context.Context) error {
	gone, err := l.cache.Abandoned()
	for _, instance := range gone {
		term.Sayf("removing the lab of a checkout that is gone (%s)", instance.ID)
		left := &lab{l.cache, l.moduleDir, instance}
		err = errors.Join(err, left.bringDown(ctx, mainDaemon, true, true))
	}
	return err
}

func (l *lab) stopDaemons(ctx context.Context, name string, all, purge bool) error {
	names := []string{name}
	if all {
		known, err := l.instance.Daemons()
		if err != nil {
			return err
		}
		names = known
		if err := l.stopContainers(ctx); err != nil {
			return err
		}
	}
	for _, name := range names {
		b := daemon.NewBuildKit(l.instance, name, "")
		if err := halt(b.Process()); err != nil {
			return err
		}
		if purge {
			if err := b.Remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

func halt(p proc.Daemon) error {
	pid := p.Pid()
	if err := p.Stop(); err != nil {
		return err
	}
	if pid != 0 {
		term.Sayf("%s stopped (pid %d)", p.Name, pid)
	}
	return nil
}

// running returns the names of the daemons that run.
func (l *lab) running() ([]string, error) {
	names, err := l.instance.Daemons()
	return slices.DeleteFunc(names, func(name string) bool {
		return daemon.NewBuildKit(l.instance, name, "").Process().Pid() == 0
	}), err
}

func status(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("status", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	p, err := l.locate()
	if err != nil {
		return err
	}
	return l.report(ctx, os.Stdout, p)
}

// report prints one line for each server and each container.
func (l *lab) report(ctx context.Context, out io.Writer, p programs) error {
	registry := daemon.NewRegistry(l.instance, p.registry)
	fmt.Fprintf(out, "instance  %s  %s\n", l.instance.ID, l.instance.Root)
	fmt.Fprintf(out, "registry  %-10s %s\n", alive(registry.Process()), registry.Address())
	names, err := l.instance.Daemons()
	for _, name := range names {
		b := daemon.NewBuildKit(l.instance, name, p.of(name))
		fmt.Fprintf(out, "buildkitd %-10s %s  %s  %s\n", alive(b.Process()), name, b.Snapshotter(), b.Host())
	}
	if err != nil {
		return err
	}
	running, err := l.containers(ctx)
	for _, c := range running {
		fmt.Fprintf(out, "container pid %-6s %s  %s  to end it: %s\n", c.pid, c.name, c.image, l.command("stop "+c.name))
	}
	if err != nil {
		// The servers are what most people ask about.
		fmt.Fprintf(out, "container list unknown: %v\n", err)
	}
	return nil
}

func alive(p proc.Daemon) string {
	if pid := p.Pid(); pid != 0 {
		return fmt.Sprintf("pid %d", pid)
	}
	return "down"
}

func env(_ context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("env", flag.ContinueOnError)
	name := nameFlag(flags)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	p, err := l.locate()
	if err != nil {
		return err
	}
	b := daemon.NewBuildKit(l.instance, *name, p.of(*name))
	if b.Process().Pid() == 0 {
		return fmt.Errorf("the daemon %s is not up: %s", *name, l.command("up"+nameHint(*name)))
	}
	vars := [][2]string{
		{"BUILDKIT_HOST", b.Host()},
		{"COFFERDAM_LAB_REGISTRY", daemon.NewRegistry(l.instance, p.registry).Address()},
		{"DOCKER_CONFIG", l.dockerConfig()},
	}
	dirs := []string{p.of(*name), p.registry}
	if p.hasBuildx() {
		vars = append(vars, [][2]string{
			{"BUILDX_CONFIG", filepath.Join(l.dockerConfig(), "buildx")},
			{"BUILDX_BUILDER", builder(*name)},
		}...)
		dirs = append(dirs, p.buildx)
	}
	for _, dir := range []string{p.compose, p.cosign} {
		if place.Filled(dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, pair := range vars {
		fmt.Printf("export %s=%s\n", pair[0], quote(pair[1]))
	}
	fmt.Printf("export PATH=%s:\"$PATH\"\n", quote(strings.Join(dirs, ":")))
	return nil
}

// quote makes one word of a text for the shell; one that is such a word stays as it is.
func quote(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[\w%+,./:=@-]+$`)

func resetCache(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("reset-cache", flag.ContinueOnError)
	name := nameFlag(flags)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	p, err := l.locate()
	if err != nil {
		return err
	}
	b := daemon.NewBuildKit(l.instance, *name, p.of(*name))
	if b.Snapshotter() == "" {
		return fmt.Errorf("no daemon %s: %s", *name, l.command("up"+nameHint(*name)))
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	ran := b.Process().Pid() != 0
	return term.Stage(ctx, "emptying the build cache of "+*name, "1 to 10 s", func(ctx context.Context) error {
		if err := b.Reset(); err != nil || !ran {
			return err
		}
		return b.Up(ctx, "", daemon.NewRegistry(l.instance, p.registry).Address())
	})
}

func logs(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("logs", flag.ContinueOnError)
	name := nameFlag(flags)
	registry := flags.Bool("registry", false, "the registry's log")
	container := flags.String("container", "", "the log of a container of `run --detach`")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if *container != "" {
		return l.containerLogs(ctx, *container)
	}
	file := daemon.NewBuildKit(l.instance, *name, "").Process().LogFile
	if *registry {
		file = daemon.NewRegistry(l.instance, "").Process().LogFile
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("no log yet: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(os.Stdout, f)
	return err
}
