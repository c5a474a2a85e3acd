package oci

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTreeGivesTheSameBytesHoweverItWasFilled(t *testing.T) {
	files := []string{"usr/b", "usr/a/x", "etc/passwd", "usr/a/y", "opt"}
	var first Layer
	for n := range 25 {
		tree := NewTree(time.Unix(0, 0))
		for i := range files {
			must(t, tree.File(files[(i+n)%len(files)], 0o644, []byte(files[(i+n)%len(files)])))
		}
		layer, err := newLayout(t).Write(gzip.BestCompression, tree.Write)
		must(t, err)
		if n == 0 {
			first = layer
		} else if layer.Blob.Digest != first.Blob.Digest || layer.DiffID != first.DiffID {
			t.Fatalf("round %d: %v, want %v", n, layer, first)
		}
	}
}

func TestTreeFollowsItsOwnLinks(t *testing.T) {
	tree := NewTree(time.Unix(0, 0))
	must(t, tree.Link("lib", "usr/lib"))
	must(t, tree.Dir("lib/", 0o755))
	must(t, tree.File("lib/x86/libc.so", 0o644, []byte("elf")))
	must(t, tree.Link("usr/lib/abs", "/opt"))
	must(t, tree.File("lib/abs/tool", 0o755, nil))
	want := []string{"lib", "opt", "opt/tool", "usr", "usr/lib", "usr/lib/abs", "usr/lib/x86", "usr/lib/x86/libc.so"}
	if got := tree.Names(); !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	if text, err := tree.Read("usr/lib/x86/libc.so"); err != nil || string(text) != "elf" {
		t.Errorf("content %q, %v", text, err)
	}
}

func TestTreeRefusesLoopsAndFilesAsDirectories(t *testing.T) {
	tree := NewTree(time.Unix(0, 0))
	must(t, tree.Link("a", "b"))
	must(t, tree.Link("b", "a"))
	if err := tree.File("a/x", 0o644, nil); err == nil {
		t.Error("a loop of links was followed")
	}
	must(t, tree.File("f", 0o644, nil))
	if err := tree.File("f/x", 0o644, nil); err == nil {
		t.Error("a file took a child")
	}
	must(t, tree.File("../../etc/x", 0o644, nil))
	if !slices.Contains(tree.Names(), "etc/x") {
		t.Errorf("a path that climbs must stay inside: %v", tree.Names())
	}
}

func TestCopyTarDropsDevicesAndCapsTimes(t *testing.T) {
	var source bytes.Buffer
	w := tar.NewWriter(&source)
	cap := time.Unix(1000, 0)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "./"},
		{Typeflag: tar.TypeDir, Name: "./dev/"},
		{Typeflag: tar.TypeChar, Name: "./dev/null"},
		{Typeflag: tar.TypeReg, Name: "./new", ModTime: time.Unix(2000, 0)},
		{Typeflag: tar.TypeReg, Name: "./old", ModTime: time.Unix(10, 0)},
		{Typeflag: tar.TypeLink, Name: "./hard", Linkname: "./old"},
		{Typeflag: tar.TypeReg, Name: "./unwanted"},
	} {
		must(t, w.WriteHeader(&h))
	}
	must(t, w.Close())
	layout := newLayout(t)
	layer, err := layout.Write(gzip.BestSpeed, func(out *tar.Writer) error {
		return CopyTar(out, &source, cap, func(name string) bool { return name != "unwanted" })
	})
	must(t, err)
	var got []string
	for _, h := range list(t, layout, layer) {
		got = append(got, h.Name+" "+h.Linkname)
		if h.ModTime.After(cap) {
			t.Errorf("%s: time %v is after the cap", h.Name, h.ModTime)
		}
	}
	if want := []string{"dev/ ", "new ", "old ", "hard old"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

func TestWriteLeavesNoPartBehind(t *testing.T) {
	layout := newLayout(t)
	broken := errors.New("broken")
	if _, err := layout.Write(gzip.BestSpeed, func(*tar.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error: %v", err)
	}
	if left, _ := filepath.Glob(layout.Blob("*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestImagesAreFoundByNameDownToTheirLayers(t *testing.T) {
	layout := newLayout(t)
	tree := NewTree(time.Unix(0, 0))
	must(t, tree.File("x", 0o644, []byte("x")))
	layer, err := layout.Write(gzip.BestSpeed, tree.Write)
	must(t, err)
	image, err := layout.Image(Platform{OS: "linux", Architecture: "arm64"}, Config{User: "65532"}, []Layer{layer})
	must(t, err)
	must(t, layout.Tag([]Descriptor{image}, "a/b:1", "a/b:2"))
	index, err := layout.Index()
	must(t, err)
	if len(index.Manifests) != 2 || index.Manifests[1].Annotations[RefName] != "a/b:2" {
		t.Fatalf("index: %+v", index)
	}
	var platforms Index
	must(t, layout.Read(index.Manifests[0].Digest, &platforms))
	if p := platforms.Manifests[0].Platform; p == nil || p.Architecture != "arm64" {
		t.Errorf("platform: %+v", p)
	}
	var manifest Manifest
	must(t, layout.Read(platforms.Manifests[0].Digest, &manifest))
	var config struct {
		Architecture string
		RootFS       struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	must(t, layout.Read(manifest.Config.Digest, &config))
	if config.Architecture != "arm64" || config.RootFS.DiffIDs[0] != layer.DiffID || manifest.Layers[0].Digest != layer.Blob.Digest {
		t.Errorf("config %+v, manifest %+v, layer %+v", config, manifest, layer)
	}
	if info, err := os.Stat(layout.Blob(layer.Blob.Digest)); err != nil || info.Size() != layer.Blob.Size {
		t.Errorf("the layer's size is wrong: %v, %v", info, err)
	}
}

func TestCopiedDirectoriesTakeModesByRule(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "bin"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "bin", "go"), []byte("elf"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "skip"), nil, 0o600))
	must(t, os.Symlink("go", filepath.Join(dir, "bin", "gofmt")))
	tree := NewTree(time.Unix(0, 0))
	must(t, tree.AddDir(dir, "opt", func(rel string) bool { return rel != "skip" }, func(string, os.FileMode) int64 { return 0o755 }))
	layout := newLayout(t)
	layer, err := layout.Write(gzip.BestSpeed, tree.Write)
	must(t, err)
	var got []string
	for _, h := range list(t, layout, layer) {
		got = append(got, h.Name)
		if h.Typeflag != tar.TypeSymlink && h.Mode != 0o755 {
			t.Errorf("%s has mode %o", h.Name, h.Mode)
		}
	}
	if want := "opt/ opt/bin/ opt/bin/go opt/bin/gofmt"; strings.Join(got, " ") != want {
		t.Errorf("entries %q, want %q", got, want)
	}
}

func list(t *testing.T, layout Layout, layer Layer) []tar.Header {
	t.Helper()
	f, err := os.Open(layout.Blob(layer.Blob.Digest))
	must(t, err)
	defer f.Close()
	zip, err := gzip.NewReader(f)
	must(t, err)
	var all []tar.Header
	for in := tar.NewReader(zip); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		all = append(all, *h)
	}
}

func newLayout(t *testing.T) Layout {
	t.Helper()
	l, err := Create(t.TempDir())
	must(t, err)
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
