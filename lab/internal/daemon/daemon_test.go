package daemon

import (
	"archive/tar"
	"compress/gzip"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/place"
)

func TestSeedLinksBlobsAndNamesThem(t *testing.T) {
	layout, err := oci.Create(t.TempDir())
	must(t, err)
	layer, err := layout.Write(gzip.BestSpeed, func(*tar.Writer) error { return nil })
	must(t, err)
	image, err := layout.Image(oci.Platform{OS: "linux", Architecture: "amd64"}, oci.Config{}, []oci.Layer{layer})
	must(t, err)
	must(t, layout.Tag([]oci.Descriptor{image}, "library/x:1"))
	r := NewRegistry(place.Instance{ID: "i", Root: t.TempDir()}, "bin")
	for range 2 {
		must(t, r.Seed(layout))
	}
	index, err := layout.Index()
	must(t, err)
	digest := index.Manifests[0].Digest
	current, err := os.ReadFile(filepath.Join(r.storage(), "repositories/library/x/_manifests/tags/1/current/link"))
	if err != nil || string(current) != digest {
		t.Errorf("tag: %q, %v; want %q", current, err, digest)
	}
	hex := hexOf(layer.Blob.Digest)
	blob, err := os.Stat(filepath.Join(r.storage(), "blobs/sha256", hex[:2], hex, "data"))
	must(t, err)
	cached, err := os.Stat(layout.Blob(layer.Blob.Digest))
	must(t, err)
	if !os.SameFile(blob, cached) {
		t.Error("the blob was copied, not linked")
	}
	if _, err := os.Stat(filepath.Join(r.storage(), "repositories/library/x/_layers/sha256", hex, "link")); err != nil {
		t.Error(err)
	}
}

func TestSeedRefusesAnImageWithoutAName(t *testing.T) {
	layout, err := oci.Create(t.TempDir())
	must(t, err)
	must(t, layout.Tag(nil, "nameless"))
	if err := NewRegistry(place.Instance{Root: t.TempDir()}, "").Seed(layout); err == nil {
		t.Error("no error")
	}
}

func TestConfigServesOfficialNamesFromTheLab(t *testing.T) {
	b := NewBuildKit(place.Instance{Root: "/state"}, "second", "/bin-of-a-key")
	config := b.config("native", "127.0.0.1:5")
	for _, want := range []string{
		"[registry.\"docker.io\"]\n  mirrors = [\"127.0.0.1:5\"]", "[registry.\"gcr.io\"]", "snapshotter = \"native\"",
		"unix:///state/daemon/second/buildkitd.sock", "[registry.\"127.0.0.1:5\"]\n  http = true", "/bin-of-a-key",
	} {
		if !strings.Contains(config, want) {
			t.Errorf("no %q in\n%s", want, config)
		}
	}
}

func TestAPortInUseIsNotFree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	if free(l.Addr().String()) {
		t.Error("a port in use counts as free")
	}
	must(t, l.Close())
	if speaksHTTP(l.Addr().String()) {
		t.Error("nobody listens, but somebody speaks")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
