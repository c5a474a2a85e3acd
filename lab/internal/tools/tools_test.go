package tools

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cofferdam/lab/internal/place"
)

func TestKeyFollowsThePinnedModule(t *testing.T) {
	root := t.TempDir()
	module := filepath.Join(root, "tools", Buildx.Module)
	must(t, os.MkdirAll(module, 0o755))
	must(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("a"), 0o644))
	must(t, os.WriteFile(filepath.Join(module, "go.sum"), []byte("b"), 0o644))
	cache := place.Cache{Root: "/cache"}
	first, err := Buildx.Dir(cache, root)
	must(t, err)
	again, err := Buildx.Dir(cache, root)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(module, "go.sum"), []byte("c"), 0o644))
	changed, err := Buildx.Dir(cache, root)
	must(t, err)
	if first != again || first == changed {
		t.Errorf("keys %s, %s, %s", first, again, changed)
	}
	if _, err := Buildx.Dir(cache, t.TempDir()); err == nil {
		t.Error("a module that is not there gave a key")
	}
}

func TestOnlyMissingPackagesAreInstalled(t *testing.T) {
	got := missingPackages(func(program string) (string, error) {
		if program == "podman" {
			return "", errors.New("absent")
		}
		return "/usr/bin/" + program, nil
	})
	if !slices.Equal(got, []string{"podman"}) {
		t.Errorf("missing %v", got)
	}
}

func TestEverySetIsPinned(t *testing.T) {
	for _, set := range append(Sets(), DockerfileFrontend, OldestBuildKit, Compose, Cosign) {
		text, err := os.ReadFile(filepath.Join("..", "..", "tools", set.Module, "go.mod"))
		must(t, err)
		for _, pkg := range set.Packages {
			if !slices.Contains(strings.Fields(string(text)), pkg) {
				t.Errorf("%s is no tool of module %s", pkg, set.Module)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
