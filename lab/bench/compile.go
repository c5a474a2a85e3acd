package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// compilation is what either compiler's program prints: nanoseconds per iteration, and how large the graph is.
type compilation struct {
	Compile    float64 `json:"compile"`
	Prove      float64 `json:"prove"`
	Bytes      int     `json:"bytes"`
	Operations int     `json:"operations"`
}

// compileCase is one manifest with the Dockerfile that asks for the same.
type compileCase struct {
	name                 string
	manifest, dockerfile string
}

// compileCases are the example and builds with ever more steps, as files in a directory.
func compileCases(root, dir string, sizes []int) ([]compileCase, error) {
	cases := []compileCase{{
		name:       "Go service",
		manifest:   filepath.Join(root, "examples/go-service/cofferdam.yaml"),
		dockerfile: filepath.Join(root, dockerfile),
	}}
	for _, n := range sizes {
		c := compileCase{
			name:       group(n) + " steps",
			manifest:   filepath.Join(dir, fmt.Sprintf("steps-%d.yaml", n)),
			dockerfile: filepath.Join(dir, fmt.Sprintf("steps-%d.Dockerfile", n)),
		}
		for path, text := range map[string]string{c.manifest: manifestOf(n), c.dockerfile: dockerfileOf(n)} {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return nil, err
			}
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func manifestOf(steps int) string {
	var b strings.Builder
	b.WriteString("language: go\nbuild:\n  run:\n")
	for i := range steps {
		fmt.Fprintf(&b, "    - echo step %d\n", i)
	}
	return b.String()
}

func dockerfileOf(steps int) string {
	var b strings.Builder
	b.WriteString("FROM golang:1.26-trixie AS modules\nWORKDIR /src\nCOPY go.mod go.sum ./\n" +
		"RUN go mod download && go mod verify\nFROM modules AS build\nCOPY . .\n")
	for i := range steps {
		fmt.Fprintf(&b, "RUN echo step %d\n", i)
	}
	b.WriteString("RUN go build -o /out/service .\nFROM gcr.io/distroless/static-debian13:nonroot\n" +
		"COPY --from=build /out/service /app/service\nUSER 65532:65532\nENTRYPOINT [\"/app/service\"]\n")
	return b.String()
}

// compilers are the two programs.
type compilers struct{ ours, theirs string }

// measured is a case with what came out.
type measured struct {
	Name string `json:"name"`
	summary
	// Prove is what proving the graph takes besides, in nanoseconds.
	Prove            float64   `json:"prove,omitempty"`
	OursOperations   int       `json:"ours_operations,omitempty"`
	TheirsOperations int       `json:"theirs_operations,omitempty"`
	OursSamples      []float64 `json:"ours_samples"`
	TheirsSamples    []float64 `json:"theirs_samples"`
}

// perSample is how long one process measures, where a single iteration does not take longer.
const perSample = 200 * time.Millisecond

// compare measures pairs of processes, A B B A and so on; it stops early when the budget is used up.
func (c compilers) compare(one compileCase, pairs int, budget time.Duration) (measured, error) {
	m := measured{Name: one.name}
	var proofs []float64
	sides := []*side{{program: c.ours, file: one.manifest}, {program: c.theirs, file: one.dockerfile}}
	for _, s := range sides {
		if err := s.calibrate(); err != nil {
			return m, err
		}
	}
	ours, theirs := sides[0], sides[1]
	for start := time.Now(); len(m.OursSamples) < pairs && (len(m.OursSamples) < fewest || time.Since(start) < budget); {
		order := []*side{ours, theirs}
		if len(m.OursSamples)%2 == 1 {
			order = []*side{theirs, ours}
		}
		for _, s := range order {
			if err := s.measure(); err != nil {
				return m, err
			}
		}
		m.OursSamples = append(m.OursSamples, ours.last.Compile)
		m.TheirsSamples = append(m.TheirsSamples, theirs.last.Compile)
		proofs = append(proofs, ours.last.Prove)
	}
	m.summary, m.Prove = summarize(m.OursSamples, m.TheirsSamples), median(proofs)
	m.OursOperations, m.TheirsOperations = ours.last.Operations, theirs.last.Operations
	return m, nil
}

// fewest is how many pairs an interval needs.
const fewest = 6

// side is one of the two compilers at one case.
type side struct {
	program, file string
	iterations    int
	last          compilation
}

// calibrate finds out how many iterations make a sample.
func (s *side) calibrate() error {
	s.iterations = 1
	if err := s.measure(); err != nil {
		return err
	}
	once := time.Duration(s.last.Compile + s.last.Prove)
	s.iterations = int(max(1, min(2000, perSample/max(1, once))))
	return nil
}

func (s *side) measure() error {
	cmd := exec.Command(s.program, s.file, strconv.Itoa(s.iterations))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(s.program), filepath.Base(s.file), err)
	}
	s.last = compilation{}
	return json.Unmarshal(out, &s.last)
}
