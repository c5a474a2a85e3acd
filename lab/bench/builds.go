package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// dockerfile asks for what the example's manifest asks for.
const dockerfile = "bench/go-service.Dockerfile"

// builds measures whole builds of one example by the client that users have.
type builds struct {
	// root is the repository; client is how buildx is called.
	root   string
	client []string
}

// compare measures pairs of fully cached builds.
func (b builds) compare(name string, output func(side string) string, pairs int) (measured, error) {
	m := measured{Name: name}
	ours := b.command("examples/go-service/cofferdam.yaml", output("ours"))
	theirs := b.command(dockerfile, output("theirs"))
	for _, args := range [][]string{ours, theirs, ours, theirs} {
		if _, err := b.run(args, "quiet"); err != nil {
			return m, err
		}
	}
	for _, args := range [][]string{ours, theirs} {
		if err := b.cached(args); err != nil {
			return m, err
		}
	}
	for i := range pairs {
		x, y, err := inTurn(i, func() (time.Duration, error) { return b.run(ours, "quiet") },
			func() (time.Duration, error) { return b.run(theirs, "quiet") })
		if err != nil {
			return m, err
		}
		m.OursSamples = append(m.OursSamples, float64(x))
		m.TheirsSamples = append(m.TheirsSamples, float64(y))
	}
	m.summary = summarize(m.OursSamples, m.TheirsSamples)
	return m, nil
}

func (b builds) command(file, output string) []string {
	return []string{"build", "-f", file, "--build-arg", "VERSION=1.0.0", "--output", output, "examples/go-service"}
}

// run builds once and returns how long the client took.
func (b builds) run(args []string, progress string) (time.Duration, error) {
	var out bytes.Buffer
	cmd := b.invocation(args, progress)
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out.String())
	}
	return took, nil
}

// cached makes sure that no step of the build runs any more.
func (b builds) cached(args []string) error {
	var out bytes.Buffer
	cmd := b.invocation(args, "rawjson")
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out.String())
	}
	ran, err := executed(&out)
	if err == nil && len(ran) > 0 {
		err = fmt.Errorf("the build of %s is not fully cached: %s", args[2], strings.Join(ran, "; "))
	}
	return err
}

// executed returns the names of the steps that were neither cached nor BuildKit's or a frontend's own errands.
func executed(progress io.Reader) ([]string, error) {
	type vertex struct {
		Digest, Name string
		Cached       bool
		Completed    *time.Time
	}
	names, cached := map[string]string{}, map[string]bool{}
	for decoder := json.NewDecoder(progress); ; {
		var status struct{ Vertexes []vertex }
		err := decoder.Decode(&status)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, v := range status.Vertexes {
			switch {
			// What is cached may complete once more, when its layers are brought.
			case v.Cached:
				cached[v.Digest] = true
			case v.Completed != nil && isStep(v.Name):
				names[v.Digest] = v.Name
			}
		}
	}
	var ran []string
	for digest, name := range names {
		if !cached[digest] {
			ran = append(ran, name)
		}
	}
	return ran, nil
}

// isStep tells steps from errands: transfers, resolutions, exports. The name of a base image's vertex is a step's
// in Dockerfiles, but nothing runs.
func isStep(name string) bool {
	return strings.HasPrefix(name, "[") && !strings.HasPrefix(name, "[internal]") && !strings.Contains(name, "] FROM ")
}

func (b builds) invocation(args []string, progress string) *exec.Cmd {
	words := append(append([]string{}, b.client...), args...)
	words = append(words, "--progress", progress)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = b.root
	return cmd
}
