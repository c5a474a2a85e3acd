package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"

	"cofferdam/lab/internal/tools"
)

// oldestDaemon is the name of the daemon that runs the oldest BuildKit that is supported.
const oldestDaemon = "oldest"

// buildkitOf returns the programs of a daemon.
func buildkitOf(daemon string) tools.Set {
	if daemon == oldestDaemon {
		return tools.OldestBuildKit
	}
	return tools.BuildKit
}

// extras are the programs that `up` leaves out.
var extras = map[string]tools.Set{
	"compose":    tools.Compose,
	"cosign":     tools.Cosign,
	oldestDaemon: tools.OldestBuildKit,
}

// buildTools builds programs that few need; `env` then has them on the PATH.
func buildTools(ctx context.Context, l *lab, args []string) error {
	flags := flag.NewFlagSet("tools", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	for _, name := range flags.Args() {
		set, known := extras[name]
		if !known {
			return fmt.Errorf("no tool %q; there are compose, cosign and %s", name, oldestDaemon)
		}
		dir, err := set.Ensure(ctx, l.cache, l.moduleDir)
		if err != nil {
			return err
		}
		if name == "compose" {
			err = l.plug(set.Name(), filepath.Join(dir, set.Name()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
