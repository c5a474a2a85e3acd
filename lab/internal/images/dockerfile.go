package images

import (
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/tools"
)

// frontendCaps are the abilities that the Dockerfile frontend declares by label.
var frontendCaps = []string{"inputs", "subrequests", "contexts", "gitquerystring", "contexts.zstd"}

var dockerfileGroup = group{
	name:    "dockerfile",
	usual:   "about 5 s",
	missing: always,
	inputs: func(_ context.Context, w *Workshop) ([]string, error) {
		dir, err := tools.DockerfileFrontend.Dir(w.Cache, w.ModuleDir)
		return []string{"dockerfile 1", filepath.Base(dir)}, err
	},
	before: func(ctx context.Context, w *Workshop) error {
		_, err := tools.DockerfileFrontend.Ensure(ctx, w.Cache, w.ModuleDir)
		return err
	},
	build: buildDockerfile,
}

// buildDockerfile packs the Dockerfile frontend as its authors do, to measure against.
func buildDockerfile(ctx context.Context, w *Workshop, l oci.Layout) error {
	dir, err := tools.DockerfileFrontend.Ensure(ctx, w.Cache, w.ModuleDir)
	if err != nil {
		return err
	}
	binary, err := os.ReadFile(filepath.Join(dir, "dockerfile-frontend"))
	if err != nil {
		return err
	}
	tree := oci.NewTree(newest)
	if err := tree.File("bin/dockerfile-frontend", 0o755, binary); err != nil {
		return err
	}
	layer, err := l.Write(gzip.BestCompression, tree.Write)
	if err != nil {
		return err
	}
	prefix := "moby.buildkit.frontend."
	config := oci.Config{
		Env:        []string{systemPath},
		Entrypoint: []string{"/bin/dockerfile-frontend"},
		WorkingDir: "/",
		Labels: map[string]string{
			prefix + "network.none": "true",
			prefix + "caps":         prefix + strings.Join(frontendCaps, ","+prefix),
		},
	}
	manifest, err := l.Image(amd64, config, []oci.Layer{layer})
	if err != nil {
		return err
	}
	return l.Tag([]oci.Descriptor{manifest}, "docker/dockerfile:1", "docker/dockerfile:latest")
}
