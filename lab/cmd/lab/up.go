package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cofferdam/lab/internal/daemon"
	"cofferdam/lab/internal/images"
	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
	"cofferdam/lab/internal/term"
	"cofferdam/lab/internal/tools"
)

// mainDaemon is the daemon that a verb means without --name.
const mainDaemon = "main"

// programs are the cache directories of the lab's tools.
type programs struct{ buildkit, oldest, registry, buildx, compose, cosign string }

// hasBuildx says whether buildx was built; `up --buildx=false` leaves it out.
func (p programs) hasBuildx() bool { return place.Filled(p.buildx) }

// of returns the directory of a daemon's programs.
func (p programs) of(daemon string) string {
	if daemon == oldestDaemon {
		return p.oldest
	}
	return p.buildkit
}

// request is what `up` is asked for.
type request struct {
	name, snapshotter string
	images            []string
	buildx            bool
}

func up(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	name := nameFlag(flags)
	snapshotter := flags.String("snapshotter", "", "overlayfs or native (default: as last time, else overlayfs)")
	withBuildx := flags.Bool("buildx", true, "build buildx, which buildctl's users can do without")
	list := flags.String("images", "all", "groups of images, comma separated, or none: "+fmt.Sprint(images.Groups()))
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	wanted, err := images.Parse(*list)
	if err != nil {
		return err
	}
	if err := errors.Join(place.CheckName(*name), checkSnapshotter(*snapshotter), noArguments(flags)); err != nil {
		return err
	}
	if err := tools.CheckMachine(); err != nil {
		return err
	}
	start := time.Now()
	if err := l.bringUp(ctx, request{*name, *snapshotter, wanted, *withBuildx}); err != nil {
		return err
	}
	term.Sayf("up in %s; next: eval \"$(%s)\"", term.Duration(time.Since(start)), l.command("env"+nameHint(*name)))
	return nil
}

// bringUp makes tools and images side by side (one mostly computes, the other mostly
// downloads), then starts the servers.
func (l *lab) bringUp(ctx context.Context, r request) error {
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(l.instance.Claim(l.moduleDir), l.sweep(ctx)); err != nil {
		return err
	}
	if err := tools.EnsurePackages(ctx, l.cache); err != nil {
		return err
	}
	p, layouts, err := l.prepare(ctx, r)
	if err != nil {
		return err
	}
	registry := daemon.NewRegistry(l.instance, p.registry)
	if err := registry.Up(ctx); err != nil {
		return err
	}
	for _, layout := range layouts {
		if err := registry.Seed(layout); err != nil {
			return err
		}
	}
	buildkit := daemon.NewBuildKit(l.instance, r.name, p.of(r.name))
	if err := buildkit.Up(ctx, r.snapshotter, registry.Address()); err != nil {
		return err
	}
	if err := l.configureClients(ctx, p, buildkit); err != nil {
		return err
	}
	return l.report(ctx, os.Stderr, p)
}

func (l *lab) prepare(ctx context.Context, req request) (programs, []oci.Layout, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		layouts []oci.Layout
		err     error
	}
	done := make(chan result, 1)
	go func() {
		layouts, err := l.ensureImages(ctx, req.images)
		if err != nil {
			cancel()
		}
		done <- result{layouts, err}
	}()
	p, err := l.ensurePrograms(ctx, req)
	if err != nil {
		cancel()
	}
	r := <-done
	return p, r.layouts, firstCause(err, r.err)
}

func (l *lab) ensureImages(ctx context.Context, wanted []string) ([]oci.Layout, error) {
	machine, err := images.ReadMachine(ctx)
	if err != nil {
		return nil, err
	}
	w := &images.Workshop{Cache: l.cache, ModuleDir: l.moduleDir, Machine: machine}
	return images.Ensure(ctx, w, wanted)
}

func (l *lab) ensurePrograms(ctx context.Context, req request) (programs, error) {
	sets := []tools.Set{buildkitOf(req.name), tools.Registry}
	if req.buildx {
		sets = append(sets, tools.Buildx)
	}
	for _, set := range sets {
		if _, err := set.Ensure(ctx, l.cache, l.moduleDir); err != nil {
			return programs{}, err
		}
	}
	return l.locate()
}

// locate finds the tools without building them.
func (l *lab) locate() (programs, error) {
	var p programs
	for _, step := range []struct {
		set  tools.Set
		into *string
	}{
		{tools.BuildKit, &p.buildkit},
		{tools.OldestBuildKit, &p.oldest},
		{tools.Registry, &p.registry},
		{tools.Buildx, &p.buildx},
		{tools.Compose, &p.compose},
		{tools.Cosign, &p.cosign},
	} {
		dir, err := step.set.Dir(l.cache, l.moduleDir)
		if err != nil {
			return p, err
		}
		*step.into = dir
	}
	return p, nil
}

// configureClients gives Docker's client a configuration of the lab's own, with buildx
// as its plugin and one builder for each daemon.
func (l *lab) configureClients(ctx context.Context, p programs, b daemon.BuildKit) error {
	if err := os.MkdirAll(l.dockerConfig(), 0o755); err != nil {
		return err
	}
	// Podman wants the file to exist wherever DOCKER_CONFIG points.
	if err := os.WriteFile(filepath.Join(l.dockerConfig(), "config.json"), []byte("{}\n"), 0o600); err != nil {
		return err
	}
	if !p.hasBuildx() {
		return nil
	}
	buildx := filepath.Join(p.buildx, "buildx")
	if err := l.plug("docker-buildx", buildx); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(l.dockerConfig(), "buildx", "instances", builder(b.Name))); err == nil {
		return nil
	}
	cmd := proc.Command(ctx, buildx, "create", "--name", builder(b.Name), "--driver", "remote", b.Host())
	cmd.Env = append(os.Environ(), "DOCKER_CONFIG="+l.dockerConfig(), "BUILDX_CONFIG=", "BUILDX_BUILDER=")
	return proc.Run(cmd)
}

// plug makes a program a plugin of Docker's client.
func (l *lab) plug(name, program string) error {
	plugin := filepath.Join(l.dockerConfig(), "cli-plugins", name)
	if old, err := os.Readlink(plugin); err == nil && old == program {
		return nil
	}
	return errors.Join(
		os.MkdirAll(filepath.Dir(plugin), 0o755),
		os.RemoveAll(plugin),
		os.Symlink(program, plugin),
	)
}

func (l *lab) dockerConfig() string { return filepath.Join(l.instance.Root, "docker") }

func builder(daemonName string) string {
	if daemonName == mainDaemon {
		return "cofferdam"
	}
	return "cofferdam-" + daemonName
}

// firstCause prefers the error that is not the other's cancellation.
func firstCause(errs ...error) error {
	var canceled error
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			canceled = err
		}
	}
	return canceled
}

func checkSnapshotter(name string) error {
	if name != "" && name != "overlayfs" && name != "native" {
		return fmt.Errorf("no snapshotter %q; there are overlayfs and native", name)
	}
	return nil
}

func nameFlag(flags *flag.FlagSet) *string {
	return flags.String("name", mainDaemon, "which daemon of this instance")
}

func noArguments(flags *flag.FlagSet) error {
	if flags.NArg() > 0 {
		return fmt.Errorf("%s takes no argument, but got %q", flags.Name(), flags.Arg(0))
	}
	return nil
}

func nameHint(name string) string {
	if name == mainDaemon {
		return ""
	}
	return " --name " + name
}
