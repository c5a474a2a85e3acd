// Golden writes operations as BuildKit's own client marshals them, for our marshaller to be compared with.
//
// Usage: go run ./golden FILE writes the file; go run ./golden -check FILE tells whether it is fresh (exit status 1
// if not).
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// golden is one operation: what it is, its bytes, and what BuildKit says of it and of all that it needs.
type golden struct {
	Name string `json:"name"`
	// Digest and Bytes are those of the operation; Output is which of its outputs the case ends in.
	Digest string `json:"digest"`
	Output int64  `json:"output"`
	Bytes  string `json:"bytes"`
	// Caps are the capabilities of the operation, sorted.
	Caps []string `json:"caps,omitempty"`
	// Order has the digests of the whole definition, terminal operation included.
	Order []string `json:"order,omitempty"`
	// Op describes the fields.
	Op json.RawMessage `json:"op"`
}

func main() {
	check := flag.Bool("check", false, "compare with the file instead of writing it")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: golden [-check] FILE")
		os.Exit(2)
	}
	if err := generate(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		os.Exit(1)
	}
}

func generate(path string, check bool) error {
	var all []golden
	for _, c := range states() {
		g, err := ofState(c.name, c.state)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		all = append(all, g)
	}
	helper, err := ofState("helper", source())
	if err != nil {
		return err
	}
	for _, c := range wires(helper.Digest) {
		g, err := ofWire(c.name, c.op)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		all = append(all, g)
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if !check {
		return os.WriteFile(path, data, 0o644)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, data) {
		return fmt.Errorf("%s is not what BuildKit gives now: write it anew", path)
	}
	fmt.Printf("%d operations, fresh\n", len(all))
	return nil
}

// ofState is the operation that a state ends in.
func ofState(name string, state llb.State) (golden, error) {
	definition, err := state.Marshal(context.Background(), llb.LinuxAmd64)
	if err != nil {
		return golden{}, err
	}
	terminal := &pb.Op{}
	if err := proto.Unmarshal(definition.Def[len(definition.Def)-1], terminal); err != nil {
		return golden{}, err
	}
	head := terminal.Inputs[0]
	for _, data := range definition.Def {
		if digest.FromBytes(data).String() != head.Digest {
			continue
		}
		g, err := describe(name, data)
		if err != nil {
			return golden{}, err
		}
		g.Output = head.Index
		for id := range definition.Metadata[digest.Digest(head.Digest)].Caps {
			g.Caps = append(g.Caps, string(id))
		}
		slices.Sort(g.Caps)
		for _, data := range definition.Def {
			g.Order = append(g.Order, digest.FromBytes(data).String())
		}
		return g, nil
	}
	return golden{}, fmt.Errorf("no operation %s", head.Digest)
}

// ofWire is an operation that the client library cannot write.
func ofWire(name string, op *pb.Op) (golden, error) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(op)
	if err != nil {
		return golden{}, err
	}
	return describe(name, data)
}

func describe(name string, data []byte) (golden, error) {
	op := &pb.Op{}
	if err := proto.Unmarshal(data, op); err != nil {
		return golden{}, err
	}
	// protojson varies its spaces on purpose; indenting the whole file takes them out again.
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(op)
	if err != nil {
		return golden{}, err
	}
	return golden{Name: name, Digest: digest.FromBytes(data).String(), Bytes: hex.EncodeToString(data), Op: text}, nil
}
