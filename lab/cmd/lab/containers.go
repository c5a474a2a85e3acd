package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"cofferdam/lab/internal/daemon"
	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/term"
	"cofferdam/lab/internal/tools"
)

// errContainer marks the failure of a container's own program.
var errContainer = errors.New("the container's program failed")

// errLeft marks a container that a signal should have ended, but did not.
var errLeft = errors.New("a container is left")

// many is a flag that may be given more than once.
type many []string

func (m *many) String() string { return strings.Join(*m, ",") }

func (m *many) Set(value string) error {
	*m = append(*m, value)
	return nil
}

// runOptions are the flags of `run`.
type runOptions struct {
	network, user, name, platform, join string
	readOnly, detach                    bool
	env, volumes                        many
}

func (o *runOptions) register(flags *flag.FlagSet) {
	flags.StringVar(&o.network, "network", "host", "host or none")
	flags.BoolVar(&o.readOnly, "read-only", true, "mount the root read-only, with a tmpfs on /tmp")
	flags.StringVar(&o.user, "user", "", "another user than the image's")
	flags.StringVar(&o.name, "name", "", "the container's name, needed with --detach (default: run-PID)")
	flags.StringVar(&o.join, "join", "", "share processes and network with a container of `run --detach`")
	flags.BoolVar(&o.detach, "detach", false, "leave the container running")
	flags.StringVar(&o.platform, "platform", "", "os/arch of the image")
	flags.Var(&o.env, "env", "KEY=VALUE, may be repeated")
	flags.Var(&o.volumes, "volume", "SOURCE:TARGET[:ro], may be repeated")
}

func run(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	var o runOptions
	o.register(flags)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if flags.NArg() == 0 {
		return errors.New("run needs an image")
	}
	if err := o.check(); err != nil {
		return err
	}
	if err := tools.CheckMachine(); err != nil {
		return err
	}
	if err := tools.EnsurePackages(ctx, l.cache); err != nil {
		return err
	}
	if o.name == "" {
		o.name = fmt.Sprintf("run-%d", os.Getpid())
	} else if err := l.checkFree(ctx, o.name); err != nil {
		return err
	}
	return l.runImage(ctx, &o, flags.Arg(0), flags.Args()[1:])
}

// runImage waits for the container unless it is to stay; one that a signal ends is removed.
func (l *lab) runImage(ctx context.Context, o *runOptions, image string, args []string) error {
	image = reference(image, daemon.NewRegistry(l.instance, "").Address())
	cmd := l.podman(ctx, o.podmanArgs(l.instance.ID, image, args)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	unsaid := context.AfterFunc(ctx, func() { term.Sayf("asking the container to end; after 10 s it is killed") })
	err := cmd.Run()
	unsaid()
	switch {
	case err == nil && o.detach:
		term.Sayf("%s runs; its log: %s; to end it: %s", o.name, l.command("logs --container "+o.name), l.command("stop "+o.name))
		return nil
	case err == nil:
		return nil
	case ctx.Err() != nil:
		if left := l.removeContainer(o.name); left != nil {
			return fmt.Errorf("%w: %s: %w", errLeft, o.name, left)
		}
	}
	return errors.Join(errContainer, err)
}

func (o *runOptions) check() error {
	if o.network != "host" && o.network != "none" {
		return fmt.Errorf("no network %q; there are host and none", o.network)
	}
	if o.detach && o.name == "" {
		return errors.New("--detach needs --name, else nothing could stop the container")
	}
	if o.name != "" {
		return place.CheckName(o.name)
	}
	return nil
}

// podmanArgs runs as a careful operator would: no capabilities, no new privileges. The
// limits are spelled out because podman's defaults exceed what some machines allow.
func (o *runOptions) podmanArgs(instance, image string, args []string) []string {
	out := []string{
		"run", "--rm", "--quiet", "--pull=newer", "--tls-verify=false", "--cap-drop=all", "--security-opt=no-new-privileges",
		"--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", "--replace", "--name=" + containerName(instance, o.name),
	}
	if o.join == "" {
		out = append(out, "--network="+o.network)
	} else {
		other := "container:" + containerName(instance, o.join)
		out = append(out, "--network="+other, "--pid="+other)
	}
	if o.readOnly {
		out = append(out, "--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp:rw,nosuid,nodev,mode=1777")
	}
	for flag, value := range map[string]string{"--user=": o.user, "--platform=": o.platform} {
		if value != "" {
			out = append(out, flag+value)
		}
	}
	if o.detach {
		out = append(out, "--detach")
	}
	for _, pair := range o.env {
		out = append(out, "--env="+pair)
	}
	for _, volume := range o.volumes {
		out = append(out, "--volume="+volume)
	}
	return append(append(out, image), args...)
}

// reference completes an image name: one without a registry means the lab's own, and
// podman's transports (an archive or a layout on disk) stay as they are.
func reference(image, registry string) string {
	for _, transport := range []string{"oci:", "oci-archive:", "docker-archive:", "dir:", "docker:"} {
		if strings.HasPrefix(image, transport) {
			return image
		}
	}
	host, _, found := strings.Cut(image, "/")
	if found && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return image
	}
	return registry + "/" + image
}
