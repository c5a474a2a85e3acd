// Package tools brings the programs that the lab drives: Go tools built from the pinned
// modules under lab/tools, and Debian packages of the machine.
package tools

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
	"cofferdam/lab/internal/term"
)

// recipe changes when the way of building changes without any other input.
const recipe = "2"

// Set is a group of programs that one pinned module provides.
type Set struct {
	Module   string
	Packages []string
	// Program is the name of the one program, where its package has another.
	Program string
	// VersionVar is where the program keeps the version that it shows; the version is
	// that of VersionModule in the pinned module.
	VersionVar    string
	VersionModule string
	Usual         string
}

var (
	// BuildKit is the daemon and its plain client.
	BuildKit = Set{
		Module:        "buildkit",
		Packages:      []string{"github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit/cmd/buildctl"},
		VersionVar:    "github.com/moby/buildkit/version.Version",
		VersionModule: "github.com/moby/buildkit",
		Usual:         "about 95 s the first time",
	}
	// OldestBuildKit is the same at the oldest version that the module proxy has of the
	// oldest series that is supported.
	OldestBuildKit = Set{
		Module:        "buildkit-oldest",
		Packages:      BuildKit.Packages,
		VersionVar:    BuildKit.VersionVar,
		VersionModule: BuildKit.VersionModule,
		Usual:         "about 80 s the first time",
	}
	// DockerfileFrontend is the peer that benchmarks measure against.
	DockerfileFrontend = Set{
		Module:        "buildkit",
		Packages:      []string{"github.com/moby/buildkit/frontend/dockerfile/cmd/dockerfile-frontend"},
		VersionVar:    "github.com/moby/buildkit/version.Version",
		VersionModule: "github.com/moby/buildkit",
		Usual:         "about 15 s after buildkitd",
	}
	// Buildx is the client that users have.
	Buildx = Set{
		Module:        "buildx",
		Packages:      []string{"github.com/docker/buildx/cmd/buildx"},
		VersionVar:    "github.com/docker/buildx/version.Version",
		VersionModule: "github.com/docker/buildx",
		Usual:         "about 85 s the first time",
	}
	// Compose is Docker's other plugin that builds, by means of buildx: the module is one,
	// so that little is left to compile.
	Compose = Set{
		Module:   "buildx",
		Packages: []string{"github.com/docker/compose/v5/cmd"},
		Program:  "docker-compose",
		Usual:    "about 10 s after buildx",
	}
	// Cosign signs images and verifies signatures.
	Cosign = Set{
		Module:   "cosign",
		Packages: []string{"github.com/sigstore/cosign/v3/cmd/cosign"},
		Usual:    "about 160 s the first time",
	}
	// Registry is a registry server, and crane to look into it.
	Registry = Set{
		Module: "registry",
		Packages: []string{
			"github.com/distribution/distribution/v3/cmd/registry",
			"github.com/google/go-containerregistry/cmd/crane",
		},
		Usual: "about 55 s the first time",
	}
)

// Sets lists what `lab up` needs before a daemon can start.
func Sets() []Set { return []Set{BuildKit, Registry, Buildx} }

// Name returns the name of the set's first program.
func (s Set) Name() string {
	if s.Program != "" {
		return s.Program
	}
	return filepath.Base(s.Packages[0])
}

// Dir returns the cache directory of a set's programs: the key is the pinned module, the
// packages and the compiler.
func (s Set) Dir(cache place.Cache, moduleDir string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, recipe, runtime.Version(), runtime.GOARCH, s)
	for _, name := range []string{"go.mod", "go.sum"} {
		f, err := os.Open(filepath.Join(s.source(moduleDir), name))
		if err != nil {
			return "", err
		}
		_, err = io.Copy(h, f)
		f.Close()
		if err != nil {
			return "", err
		}
	}
	return cache.Entry("bin", s.Name(), hex.EncodeToString(h.Sum(nil)[:8])), nil
}

// Ensure returns the directory of a set's programs, building them unless cached.
func (s Set) Ensure(ctx context.Context, cache place.Cache, moduleDir string) (string, error) {
	dir, err := s.Dir(cache, moduleDir)
	if err != nil {
		return "", err
	}
	return dir, place.Fill(ctx, dir, func(ctx context.Context, work string) error {
		what := "building " + s.Name() + " from source"
		return term.Stage(ctx, what, s.Usual, func(ctx context.Context) error {
			return s.build(ctx, moduleDir, work)
		})
	})
}

func (s Set) source(moduleDir string) string { return filepath.Join(moduleDir, "tools", s.Module) }

func (s Set) build(ctx context.Context, moduleDir, work string) error {
	flags := "-s -w"
	if s.VersionVar != "" {
		version, err := s.version(ctx, moduleDir)
		if err != nil {
			return err
		}
		flags += " -X " + s.VersionVar + "=" + version
	}
	args := []string{
		"build", "-trimpath", "-buildvcs=false", "-tags", "osusergo netgo static_build",
		"-ldflags", flags, "-o", work + string(filepath.Separator) + s.Program,
	}
	cmd := s.goCommand(ctx, moduleDir, append(args, s.Packages...)...)
	return proc.Run(cmd)
}

func (s Set) version(ctx context.Context, moduleDir string) (string, error) {
	out, err := proc.Output(s.goCommand(ctx, moduleDir, "list", "-m", "-f", "{{.Version}}", s.VersionModule))
	if err != nil {
		return "", err
	}
	return trimLine(out), nil
}
