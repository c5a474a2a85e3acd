// Bench measures this project against what people use today: BuildKit's Dockerfile compiler and the frontend
// docker/dockerfile, in interleaved pairs on this machine.
//
// scripts/bench.sh builds both sides and calls it. It prints a table and writes all samples as JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// results is what the file holds.
type results struct {
	Processors int    `json:"processors"`
	System     string `json:"system"`
	// Method says how the intervals came about.
	Method  string     `json:"method"`
	Compile []measured `json:"compile,omitempty"`
	Build   []measured `json:"build,omitempty"`
	// Languages are whole builds of each language's example.
	Languages []scenarioOf `json:"languages,omitempty"`
	Size      []size       `json:"size,omitempty"`
}

const method = "median of the ratios of interleaved pairs; 95 % interval of that median from order statistics"

// options are the flags.
type options struct {
	root, registry, out string
	compilers           compilers
	client              string
	pairs, buildPairs   int
	languagePairs       int
	language            string
	scenario            *regexp.Regexp
	budget              time.Duration
	only                string
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the repository")
	flag.StringVar(&o.compilers.ours, "ours", "", "our compiler's program")
	flag.StringVar(&o.compilers.theirs, "theirs", "", "BuildKit's compiler's program")
	flag.StringVar(&o.client, "client", "buildx", "how buildx is called")
	flag.StringVar(&o.registry, "registry", os.Getenv("COFFERDAM_LAB_REGISTRY"), "the lab's registry")
	flag.StringVar(&o.out, "out", "target/bench.json", "where the samples go")
	flag.IntVar(&o.pairs, "pairs", 21, "pairs of compilations for each size")
	flag.IntVar(&o.buildPairs, "build-pairs", 61, "pairs of builds")
	flag.IntVar(&o.languagePairs, "language-pairs", fewest, "pairs of builds of a language in each scenario; 0 for the images' bytes alone")
	flag.StringVar(&o.language, "language", "", "with -only languages: this one alone")
	flag.Func("scenario", "with -only languages: those scenarios alone whose names match this regular expression", func(text string) (err error) {
		o.scenario, err = regexp.Compile(text)
		return err
	})
	flag.DurationVar(&o.budget, "budget", 3*time.Minute, "after this long, a size has pairs enough")
	flag.StringVar(&o.only, "only", "", "compile, build, size or languages alone; languages, which take long, only so")
	flag.Parse()
	r, err := results{}, error(nil)
	if o.languagePairs > 0 && o.languagePairs < fewest {
		err = fmt.Errorf("fewer than %d pairs tell nothing with any confidence", fewest)
	}
	if err == nil {
		r, err = run(o)
	}
	if err == nil {
		err = write(o.out, r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	fmt.Print(table(r))
}

func run(o options) (results, error) {
	r := results{Processors: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Method: method}
	parts := []struct {
		name    string
		measure func(options, *results) error
	}{{"size", measureSize}, {"build", measureBuilds}, {"compile", measureCompilers}, {"languages", measureLanguages}}
	for _, part := range parts {
		if o.only != part.name && (o.only != "" || part.name == "languages") {
			continue
		}
		if err := part.measure(o, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

func measureSize(o options, r *results) error {
	ours, err := sizeOf(o.registry, "cofferdam/cofferdam:1")
	if err != nil {
		return err
	}
	theirs, err := sizeOf(o.registry, "docker/dockerfile:1")
	if err != nil {
		return err
	}
	r.Size = []size{{"frontend image, compressed", ours, theirs, float64(ours) / float64(theirs), 0}}
	return nil
}

func measureBuilds(o options, r *results) error {
	b := builds{root: o.root, client: strings.Fields(o.client)}
	outputs := []struct {
		name string
		of   func(side string) string
	}{
		{"Go service, no export", func(string) string { return "type=cacheonly" }},
		{"Go service, --push", func(side string) string {
			return "type=image,push=true,name=" + o.registry + "/bench/" + side + ":1"
		}},
	}
	for _, output := range outputs {
		said("cached builds: %s, %d pairs", output.name, o.buildPairs)
		m, err := b.compare(output.name, output.of, o.buildPairs)
		if err != nil {
			return err
		}
		r.Build = append(r.Build, m)
	}
	return nil
}

func measureCompilers(o options, r *results) error {
	dir, err := os.MkdirTemp("", "cofferdam-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cases, err := compileCases(o.root, dir, []int{100, 1000, 10000})
	if err != nil {
		return err
	}
	for _, c := range cases {
		said("compilation: %s, %d pairs within %s", c.name, o.pairs, o.budget)
		m, err := o.compilers.compare(c, o.pairs, o.budget)
		if err != nil {
			return err
		}
		r.Compile = append(r.Compile, m)
	}
	return nil
}

// said tells people what goes on; the table alone goes to stdout.
func said(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "    "+format+"\n", args...)
}

func write(path string, r results) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
