// Dockerfile2llb measures BuildKit's own compiler inside one process: from the text of a Dockerfile to LLB bytes.
//
// Usage: dockerfile2llb FILE ITERATIONS. Prints one line of JSON like bench/compile.rs: nanoseconds per iteration,
// and how large the definition is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dockerfile2llb:", err)
		os.Exit(1)
	}
}

// one is a compilation: how long it took and what came out.
type one struct {
	Compile    int64 `json:"compile"`
	Bytes      int   `json:"bytes"`
	Operations int   `json:"operations"`
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: dockerfile2llb FILE ITERATIONS")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	iterations, err := strconv.ParseInt(args[1], 10, 32)
	if err != nil || iterations < 1 {
		return fmt.Errorf("%q is not a number of iterations", args[1])
	}
	// Once untimed, so that neither side pays for its first page faults where it runs often.
	if iterations > 1 {
		if _, err := compile(text); err != nil {
			return err
		}
	}
	var last one
	var total int64
	for range iterations {
		if last, err = compile(text); err != nil {
			return err
		}
		total += last.Compile
	}
	last.Compile = total / iterations
	return json.NewEncoder(os.Stdout).Encode(last)
}

// compile does what the frontend docker/dockerfile does between reading the file and asking for the solve.
func compile(text []byte) (one, error) {
	ctx := context.Background()
	start := time.Now()
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, text, dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildPlatforms: []ocispecs.Platform{platform}},
		TargetPlatform: &platform,
		MetaResolver:   images{},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text),
	})
	if err != nil {
		return one{}, err
	}
	definition, err := result.State.Marshal(ctx, llb.Platform(platforms.Normalize(platform)))
	if err != nil {
		return one{}, err
	}
	bytes, err := definition.ToPB().Marshal()
	if err != nil {
		return one{}, err
	}
	return one{time.Since(start).Nanoseconds(), len(bytes), len(definition.Def)}, nil
}

// images answers for every image alike, without any registry.
type images struct{}

var config = []byte(`{"architecture":"amd64","os":"linux",` +
	`"config":{"Env":["PATH=/usr/local/go/bin:/usr/bin:/bin"],"User":"0"}}`)

func (images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, digest.FromString(ref), config, nil
}
