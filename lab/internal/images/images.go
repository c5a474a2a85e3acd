// Package images builds the base images that projects name, because the lab reaches no
// container registry: from Debian's packages and sources, the Go and Rust toolchains,
// what npm and Maven serve, and our tools.
package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/term"
)

// Suite is the Debian release of every image.
const Suite = "trixie"

// newest caps file times, so that two builds of the same packages give the same bytes.
var newest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Workshop is what recipes work with.
type Workshop struct {
	Cache     place.Cache
	ModuleDir string
	Machine   Machine
}

// group is a set of images that are built together.
type group struct {
	name  string
	usual string
	// missing says why the group cannot be built on this machine, or nothing.
	missing func(context.Context) string
	// inputs returns everything the bytes depend on.
	inputs func(context.Context, *Workshop) ([]string, error)
	// before makes what the group stands on, as a stage of its own.
	before func(context.Context, *Workshop) error
	build  func(context.Context, *Workshop, oci.Layout) error
}

var groups = []group{distrolessGroup, golangGroup, dockerfileGroup, debianGroup, rustGroup, pythonGroup, olderPythonGroup, nodeGroup, javaGroup("java", usualJava), javaGroup("java25", "25"), nginxGroup}

// Groups lists the names that `--images` takes.
func Groups() []string {
	var names []string
	for _, g := range groups {
		names = append(names, g.name)
	}
	return names
}

// Parse checks a comma-separated list of groups; an empty list or "all" means all.
func Parse(list string) ([]string, error) {
	if list == "" || list == "all" {
		return Groups(), nil
	}
	var wanted []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "none" {
			continue
		}
		if !slices.Contains(Groups(), name) {
			return nil, fmt.Errorf("no images %q; there are %s", name, strings.Join(Groups(), ", "))
		}
		wanted = append(wanted, name)
	}
	return wanted, nil
}

// Ensure returns the layouts of the wanted groups, building those that are not cached. A
// group whose toolchain the machine lacks is left out with a word about it.
func Ensure(ctx context.Context, w *Workshop, wanted []string) ([]oci.Layout, error) {
	var layouts []oci.Layout
	for _, g := range groups {
		if !slices.Contains(wanted, g.name) {
			continue
		}
		if why := g.missing(ctx); why != "" {
			term.Sayf("leaving out the %s images: %s", g.name, why)
			continue
		}
		layout, err := g.ensure(ctx, w)
		if err != nil {
			return nil, err
		}
		layouts = append(layouts, layout)
	}
	return layouts, nil
}

func (g group) ensure(ctx context.Context, w *Workshop) (oci.Layout, error) {
	inputs, err := g.inputs(ctx, w)
	if err != nil {
		return oci.Layout{}, fmt.Errorf("%s images: %w", g.name, err)
	}
	if !place.Filled(w.Cache.Entry("images", g.name, key(inputs))) {
		if err := g.before(ctx, w); err != nil {
			return oci.Layout{}, fmt.Errorf("%s images: %w", g.name, err)
		}
	}
	return w.fill(ctx, g.name, "building the "+g.name+" images", g.usual, inputs, func(ctx context.Context, l oci.Layout) error {
		return g.build(ctx, w, l)
	})
}

// fill returns a cached layout, made by build unless it is there.
func (w *Workshop) fill(ctx context.Context, name, what, usual string, inputs []string, build func(context.Context, oci.Layout) error) (oci.Layout, error) {
	entry := w.Cache.Entry("images", name, key(inputs))
	err := place.Fill(ctx, entry, func(ctx context.Context, dir string) error {
		return term.Stage(ctx, what, usual, func(ctx context.Context) error {
			layout, err := oci.Create(dir)
			if err != nil {
				return err
			}
			return build(ctx, layout)
		})
	})
	return oci.Layout{Dir: entry}, err
}

func key(inputs []string) string {
	h := sha256.New()
	for _, input := range inputs {
		fmt.Fprintf(h, "%d %s\n", len(input), input)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func always(context.Context) string { return "" }

func nothing(context.Context, *Workshop) error { return nil }
