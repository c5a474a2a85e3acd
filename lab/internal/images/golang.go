package images

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/proc"
)

// goVersion is the Go that projects get, whatever the machine itself has.
const goVersion = "1.26.8"

var golangGroup = group{
	name:    "go",
	usual:   "about 5 s",
	missing: always,
	inputs: func(_ context.Context, w *Workshop) ([]string, error) {
		return slices.Concat([]string{"go 2", goVersion}, w.toolchainInputs(), w.Machine.GoEnv), nil
	},
	before: standOnToolchain,
	build:  buildGolang,
}

func buildGolang(ctx context.Context, w *Workshop, l oci.Layout) error {
	on, err := w.toolchain(ctx)
	if err != nil {
		return err
	}
	dist, err := goDistribution(ctx)
	if err != nil {
		return err
	}
	tree := oci.NewTree(newest)
	if err := tree.AddDir(dist, "usr/local/go", goPart, goMode); err != nil {
		return err
	}
	for _, dir := range []string{"go", "go/src", "go/bin"} {
		if err := tree.Dir(dir, 0o1777); err != nil {
			return err
		}
	}
	config := oci.Config{
		Env: slices.Concat([]string{
			pathWith("/go/bin:/usr/local/go/bin"),
			"GOLANG_VERSION=" + goVersion, "GOTOOLCHAIN=local", "GOPATH=/go",
		}, w.Machine.GoEnv, w.Machine.TrustEnv()),
		Cmd:        []string{"bash"},
		WorkingDir: "/go",
	}
	return on.image(l, gzip.BestSpeed, tree, config, tags("library/golang", goVersion))
}

// goDistribution returns a directory with Go as released: the machine's own when it is
// that version, else the toolchain that the module proxy serves, checked by its checksum.
func goDistribution(ctx context.Context) (string, error) {
	root, err := proc.Output(proc.Command(ctx, "go", "env", "GOROOT"))
	if err != nil {
		return "", err
	}
	root = strings.TrimSpace(root)
	if version, err := os.ReadFile(filepath.Join(root, "VERSION")); err == nil {
		if first, _, _ := strings.Cut(string(version), "\n"); first == "go"+goVersion {
			return filepath.EvalSymlinks(root)
		}
	}
	cmd := proc.Command(ctx, "go", "mod", "download", "-json", "golang.org/toolchain@v0.0.1-go"+goVersion+".linux-amd64")
	cmd.Dir = os.TempDir()
	text, err := proc.Output(cmd)
	if err != nil {
		return "", err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(text), &module); err != nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	return module.Dir, nil
}

// goPart keeps what compiling needs, which is also what both sources of Go have.
func goPart(rel string) bool {
	top, _, _ := strings.Cut(rel, string(filepath.Separator))
	return slices.Contains([]string{"bin", "lib", "pkg", "src", "go.env", "LICENSE", "PATENTS", "VERSION"}, top)
}

// goMode sets modes by place, because the module cache keeps no executable bits.
func goMode(rel string, mode fs.FileMode) int64 {
	if mode.IsDir() || strings.HasPrefix(rel, "bin/") || strings.HasPrefix(rel, "pkg/tool/") {
		return 0o755
	}
	return 0o644
}
