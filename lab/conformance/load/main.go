// Load hands marshalled definitions to the part of the daemon that loads them, and compares vertex digests.
//
// Usage: go run ./conformance/load FILE... The daemon puts source identifiers in canonical form, encodes every
// operation again, and names vertices by those bytes. Where its names are not ours, warnings and source lines that
// we give for a vertex are lost; where it refuses a capability or a place, the build fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/solver"
	"github.com/moby/buildkit/solver/llbsolver"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/source"
	"github.com/moby/buildkit/source/containerblob"
	"github.com/moby/buildkit/source/containerimage"
	"github.com/moby/buildkit/source/git"
	"github.com/moby/buildkit/source/http"
	"github.com/moby/buildkit/source/local"
	digest "github.com/opencontainers/go-digest"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: load FILE...")
		os.Exit(2)
	}
	failed := false
	for _, path := range os.Args[1:] {
		count, err := load(path)
		if err != nil {
			failed = true
			fmt.Printf("%s: %v\n", path, err)
			continue
		}
		fmt.Printf("%s: %d vertices loaded, all named as we name them\n", path, count)
	}
	if failed {
		os.Exit(1)
	}
}

func load(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	definition := &pb.Definition{}
	if err := definition.Unmarshal(data); err != nil {
		return 0, err
	}
	if len(definition.Def) < 2 {
		return 0, errors.New("the definition is empty")
	}
	canonical, err := newCanonical()
	if err != nil {
		return 0, err
	}
	edge, err := llbsolver.Load(context.Background(), definition, canonical, llbsolver.WithValidateCaps())
	if err != nil {
		return 0, err
	}
	names := map[digest.Digest]bool{}
	collect(edge.Vertex, names)
	return compare(definition, names)
}

// collect walks to all that a vertex needs.
func collect(vertex solver.Vertex, names map[digest.Digest]bool) {
	if names[vertex.Digest()] {
		return
	}
	names[vertex.Digest()] = true
	for _, input := range vertex.Inputs() {
		collect(input.Vertex, names)
	}
}

// compare looks for the daemon's names among ours; the last operation is only an edge and has none.
func compare(definition *pb.Definition, names map[digest.Digest]bool) (int, error) {
	operations := definition.Def[:len(definition.Def)-1]
	for _, data := range operations {
		name := digest.FromBytes(data)
		if !names[name] {
			op := &pb.Op{}
			if err := op.Unmarshal(data); err != nil {
				return 0, err
			}
			return 0, fmt.Errorf("the daemon does not name a vertex %s: %v", name, op)
		}
		if definition.Metadata[name.String()] == nil {
			return 0, fmt.Errorf("%s has no metadata", name)
		}
	}
	if len(names) != len(operations) {
		return 0, fmt.Errorf("the daemon has %d vertices, the definition %d", len(names), len(operations))
	}
	for name := range definition.Source.GetLocations() {
		if !names[digest.Digest(name)] {
			return 0, fmt.Errorf("no vertex %s, but it has places", name)
		}
	}
	return len(operations), nil
}

// canonical puts source identifiers in the form that the daemon's policy step gives them.
type canonical struct {
	sources *source.Manager
}

func newCanonical() (*canonical, error) {
	manager, err := source.NewManager()
	if err != nil {
		return nil, err
	}
	images, err := containerimage.NewSource(containerimage.SourceOpt{ResolverType: containerimage.ResolverTypeRegistry})
	if err != nil {
		return nil, err
	}
	layouts, err := containerimage.NewSource(containerimage.SourceOpt{ResolverType: containerimage.ResolverTypeOCILayout})
	if err != nil {
		return nil, err
	}
	blobs, err := containerblob.NewSource(containerblob.SourceOpt{})
	if err != nil {
		return nil, err
	}
	repositories, err := git.NewSource(git.Opt{})
	if err != nil {
		return nil, err
	}
	downloads, err := http.NewSource(http.Opt{})
	if err != nil {
		return nil, err
	}
	directories, err := local.NewSource(local.Opt{})
	if err != nil {
		return nil, err
	}
	for _, s := range []source.Source{images, layouts, blobs, repositories, downloads, directories} {
		manager.Register(s)
	}
	return &canonical{manager}, nil
}

// Evaluate is the first step of the daemon's own evaluator, which reports whether it changed more than the form.
func (c *canonical) Evaluate(_ context.Context, op *pb.Op) (bool, error) {
	operation, ok := op.Op.(*pb.Op_Source)
	if !ok {
		return false, nil
	}
	identifier, err := c.sources.Identifier(operation, op.Platform)
	if err != nil {
		return false, err
	}
	if !strings.Contains(identifier.String(), "://") {
		return false, fmt.Errorf("%s has no scheme", identifier)
	}
	operation.Source.Identifier = identifier.String()
	return false, nil
}
