// Command summary prints what an image is and what was proved about it: size, user, layers, rules, components.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// image is what the summary needs, wherever it was read from.
type image struct {
	config   config
	manifest manifest
	sbom     spdx
	report   map[string]report
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations"`
	Platform    struct {
		Architecture string `json:"architecture"`
	} `json:"platform"`
}

type manifest struct {
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"`
}

type config struct {
	Config struct {
		User       string
		Entrypoint []string
	} `json:"config"`
	History []struct {
		Comment    string `json:"comment"`
		EmptyLayer bool   `json:"empty_layer"`
	} `json:"history"`
}

type spdx struct {
	Packages []struct {
		Name         string `json:"name"`
		Version      string `json:"versionInfo"`
		ExternalRefs []struct {
			Locator string `json:"referenceLocator"`
		} `json:"externalRefs"`
	} `json:"packages"`
	Files []json.RawMessage `json:"files"`
}

// report is what the frontend returns beside the image.
type report struct {
	Base  string   `json:"base"`
	Rules []string `json:"rules"`
	Files int      `json:"files"`
	Bytes int64    `json:"bytes"`
}

func main() {
	layout := flag.String("layout", "", "OCI layout to read")
	files := flag.String("files", "", "directory with config.json, manifest.json and sbom.json instead")
	metadata := flag.String("metadata", "", "buildx's metadata file")
	flag.Parse()
	if err := run(*layout, *files, *metadata); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
}

func run(layout, files, metadata string) error {
	var i image
	err := errors.New("summary needs --layout or --files")
	switch {
	case layout != "":
		err = i.readLayout(layout)
	case files != "":
		err = i.readFiles(files)
	}
	if err != nil {
		return err
	}
	if err := i.readReport(metadata); err != nil {
		return err
	}
	i.print()
	return nil
}

func (i *image) readFiles(dir string) error {
	return errors.Join(
		read(filepath.Join(dir, "config.json"), &i.config),
		read(filepath.Join(dir, "manifest.json"), &i.manifest),
		read(filepath.Join(dir, "sbom.json"), &i.sbom),
	)
}

func (i *image) readLayout(dir string) error {
	blob := func(d descriptor) string {
		return filepath.Join(dir, "blobs", strings.Replace(d.Digest, ":", string(filepath.Separator), 1))
	}
	var index manifest
	if err := read(filepath.Join(dir, "index.json"), &index); err != nil {
		return err
	}
	// An index of indexes is read down to the images and their attestations.
	for len(index.Manifests) == 1 && strings.Contains(index.Manifests[0].MediaType, "index") {
		nested := blob(index.Manifests[0])
		index = manifest{}
		if err := read(nested, &index); err != nil {
			return err
		}
	}
	for _, d := range index.Manifests {
		if d.Platform.Architecture != "unknown" {
			if err := errors.Join(read(blob(d), &i.manifest), read(blob(i.manifest.Config), &i.config)); err != nil {
				return err
			}
			continue
		}
		var attestations manifest
		if err := read(blob(d), &attestations); err != nil {
			return err
		}
		for _, layer := range attestations.Layers {
			if layer.Annotations["in-toto.io/predicate-type"] == "https://spdx.dev/Document" {
				statement := struct{ Predicate *spdx }{&i.sbom}
				if err := read(blob(layer), &statement); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readReport finds the frontend's report in buildx's metadata, as an object or as a text that holds one.
func (i *image) readReport(path string) error {
	var metadata struct {
		Report json.RawMessage `json:"frontend.cofferdam.report"`
	}
	if err := read(path, &metadata); err != nil {
		return err
	}
	var text string
	if json.Unmarshal(metadata.Report, &text) == nil {
		metadata.Report = []byte(text)
	}
	if err := json.Unmarshal(metadata.Report, &i.report); err != nil {
		return fmt.Errorf("%s has no report of the frontend: %w", path, err)
	}
	return nil
}

func (i *image) print() {
	var size int64
	for _, layer := range i.manifest.Layers {
		size += layer.Size
	}
	fmt.Printf("  size       %s compressed, in %d layers\n", megabytes(size), len(i.manifest.Layers))
	fmt.Printf("  user       %s\n", i.config.Config.User)
	fmt.Printf("  starts     %s\n", strings.Join(i.config.Config.Entrypoint, " "))
	i.printLayers()
	for platform, r := range i.report {
		fmt.Printf("  base       %s\n", r.Base)
		fmt.Printf("  proved     for %s, with %d files of %s:\n", platform, r.Files, megabytes(r.Bytes))
		for rules := range slices.Chunk(r.Rules, 4) {
			fmt.Printf("               %s\n", strings.Join(rules, "  "))
		}
	}
	i.printComponents()
}

func (i *image) printLayers() {
	n := 0
	for _, entry := range i.config.History {
		if entry.EmptyLayer || n == len(i.manifest.Layers) {
			continue
		}
		role := strings.TrimPrefix(entry.Comment, "io.cofferdam.layer=")
		if role == entry.Comment {
			role = "base"
		}
		fmt.Printf("  layer      %-14s %s\n", role, megabytes(i.manifest.Layers[n].Size))
		n++
	}
}

func (i *image) printComponents() {
	kinds := map[string][]string{}
	for _, p := range i.sbom.Packages {
		for _, reference := range p.ExternalRefs {
			if kind, _, found := strings.Cut(strings.TrimPrefix(reference.Locator, "pkg:"), "/"); found && strings.HasPrefix(reference.Locator, "pkg:") {
				version, _, _ := strings.Cut(p.Version, "sha256:")
				kinds[kind] = append(kinds[kind], strings.TrimSpace(p.Name+" "+version))
			}
		}
	}
	fmt.Printf("  SBOM       SPDX 2.3, %d packages, %d files\n", len(i.sbom.Packages), len(i.sbom.Files))
	names := make([]string, 0, len(kinds))
	for kind := range kinds {
		names = append(names, kind)
	}
	slices.Sort(names)
	for _, kind := range names {
		few := kinds[kind]
		more := ""
		if len(few) > 4 {
			few, more = few[:4], fmt.Sprintf(", and %d more", len(kinds[kind])-4)
		}
		fmt.Printf("    %-8s %s%s\n", kind, strings.Join(few, ", "), more)
	}
}

func megabytes(n int64) string {
	if n < 100_000 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.2f MB", float64(n)/1e6)
}

func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
