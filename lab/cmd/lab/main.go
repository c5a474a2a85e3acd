// Command lab stands up a real BuildKit daemon, a registry and base images on a plain
// Debian machine, from package registries alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"cofferdam/lab/internal/place"
)

// verb is one of the lab's commands.
type verb struct {
	name  string
	usage string
	run   func(context.Context, *lab, []string) error
}

// lab is the checkout's instance and where it finds things.
type lab struct {
	cache     place.Cache
	moduleDir string
	instance  place.Instance
}

func verbs() []verb {
	return []verb{
		{"up", "start the registry and a daemon, making what is missing", up},
		{"tools", "build programs that few need: compose, cosign, oldest (BuildKit's)", buildTools},
		{"down", "stop a daemon, and the registry when none is left", down},
		{"status", "say what runs", status},
		{"env", "print shell exports for BuildKit's clients", env},
		{"reset-cache", "empty a daemon's build cache", resetCache},
		{"logs", "print a daemon's, the registry's or a container's log", logs},
		{"run", "run a finished image with podman and runc", run},
		{"stop", "stop a container of `run --detach`", stop},
	}
}

func main() {
	ctx, release := signal.NotifyContext(context.Background(), endings()...)
	endWithGo()
	// Whoever reads what is printed may end first, on the same Ctrl-C: nobody but the lab removes its container.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := exitCode(ctx, dispatch(ctx, os.Args[1:]))
	release()
	os.Exit(code)
}

// endings are the signals that end the lab; a hang-up is none where nohup says so.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// endWithGo asks the kernel for SIGTERM when `go run` ends, which passes no signal on to what it runs.
func endWithGo() {
	parent, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", os.Getppid()))
	if err == nil && string(parent) == "go\n" {
		syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Print(help())
		return nil
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		l, err := open()
		if err != nil {
			return err
		}
		return v.run(ctx, l, args[1:])
	}
	return fmt.Errorf("no verb %q\n%s", args[0], help())
}

// command is how a verb is called from any directory.
func (l *lab) command(verb string) string {
	return fmt.Sprintf("go run -C %s ./cmd/lab %s", quote(l.moduleDir), verb)
}

func open() (*lab, error) {
	cache, err := place.OpenCache()
	if err != nil {
		return nil, err
	}
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	moduleDir, err := place.ModuleDir(wd)
	if err != nil {
		return nil, err
	}
	instance, err := cache.Instance(os.Getenv("COFFERDAM_LAB_INSTANCE"), moduleDir)
	return &lab{cache, moduleDir, instance}, err
}

func help() string {
	var b strings.Builder
	b.WriteString("usage: go run ./cmd/lab VERB [flags]\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-12s %s\n", v.name, v.usage)
	}
	b.WriteString("\n`lab VERB --help` lists a verb's flags. COFFERDAM_LAB_INSTANCE names the instance (default: by\ncheckout), COFFERDAM_LAB_CACHE the cache (default: cofferdam/lab in the user's cache directory).\n")
	return b.String()
}

// exitCode prints an error once and maps it to a status: a container's own, 130 after a
// signal, 2 for wrong usage, else 1.
func exitCode(ctx context.Context, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 2
	case errors.As(err, &exit) && errors.Is(err, errContainer) && exit.ExitCode() >= 0:
		return exit.ExitCode()
	case ctx.Err() != nil && !errors.Is(err, errLeft):
		fmt.Fprintln(os.Stderr, "lab: stopped by a signal; nothing half-made is left")
		return 130
	}
	fmt.Fprintln(os.Stderr, "lab: error:", err)
	return 1
}
