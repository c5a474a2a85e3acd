package images

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/proc"
)

// toolchainPackages are what the official toolchain images have beyond Debian's minimum,
// less the libraries of desktop programs. All of them share one layer, so a daemon
// unpacks it once.
var toolchainPackages = []string{
	"bzip2", "ca-certificates", "curl", "dpkg-dev", "file", "g++", "gcc", "git", "libbz2-dev", "libc6-dev",
	"libcurl4-openssl-dev", "libdb-dev", "libffi-dev", "libgdbm-dev", "libgmp-dev", "libjpeg-dev", "liblzma-dev",
	"libncurses-dev", "libpng-dev", "libpq-dev", "libreadline-dev", "libsqlite3-dev", "libssl-dev", "libxml2-dev",
	"libxslt1-dev", "libyaml-dev", "make", "netbase", "openssh-client", "patch", "pkg-config", "procps", "python3",
	"tzdata", "unzip", "uuid-dev", "wget", "xz-utils", "zlib1g-dev",
}

// toolchainBase returns the layer under the toolchain images, with the machine's extra
// certificates installed, and the layout that holds it.
func (w *Workshop) toolchainBase(ctx context.Context) (oci.Layout, oci.Layer, error) {
	inputs := w.toolchainInputs()
	l, err := w.fill(ctx, "toolchain-base", "building the layer under the toolchain images", "about 70 s", inputs,
		func(ctx context.Context, l oci.Layout) error {
			var layer oci.Layer
			err := proc.Stream(w.debootstrap(ctx, toolchainPackages, slices.Concat(w.trustHooks(), []string{"--format=tar"})...), func(r io.Reader) (err error) {
				layer, err = debianLayer(l, gzip.BestSpeed, r, w, shipped)
				return err
			})
			if err != nil {
				return err
			}
			text, err := json.Marshal(layer)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(l.Dir, "layer.json"), text, 0o644)
		})
	if err != nil {
		return l, oci.Layer{}, err
	}
	var layer oci.Layer
	text, err := os.ReadFile(filepath.Join(l.Dir, "layer.json"))
	if err != nil {
		return l, layer, err
	}
	return l, layer, json.Unmarshal(text, &layer)
}

func (w *Workshop) toolchainInputs() []string {
	return slices.Concat([]string{"toolchain base 3", w.Machine.certificateKey()}, toolchainPackages, lines(w.Machine.Sources))
}

// trustHooks returns the options that install the machine's extra certificates.
func (w *Workshop) trustHooks() []string {
	if len(w.Machine.Certificates) == 0 {
		return nil
	}
	return []string{
		"--customize-hook=copy-in /usr/local/share/ca-certificates /usr/local/share",
		`--customize-hook=chroot "$1" update-ca-certificates`,
	}
}

// standOnBase is what the toolchain groups do before they build.
func standOnBase(ctx context.Context, w *Workshop) error {
	_, _, err := w.toolchainBase(ctx)
	return err
}

// toolchainImage writes an image of the base and a tree on top of it.
func (w *Workshop) toolchainImage(ctx context.Context, l oci.Layout, tree *oci.Tree, config oci.Config, names []string) error {
	from, base, err := w.toolchainBase(ctx)
	if err != nil {
		return err
	}
	if err := l.Borrow(from, base); err != nil {
		return err
	}
	layer, err := l.Write(gzip.BestSpeed, tree.Write)
	if err != nil {
		return err
	}
	manifest, err := l.Image(amd64, config, []oci.Layer{base, layer})
	if err != nil {
		return err
	}
	return l.Tag([]oci.Descriptor{manifest}, names...)
}

// pathWith returns the PATH variable with more directories in front.
func pathWith(dirs string) string { return strings.Replace(systemPath, "=", "="+dirs+":", 1) }

// tags returns the names under which an official image of a version is known.
func tags(repository, version string) []string {
	return append(versionTags(repository, version), repository+":latest", repository+":"+Suite)
}

// versionTags returns those that name the version, from the whole to its first part.
func versionTags(repository, version string) []string {
	parts := strings.Split(version, ".")
	var names []string
	for n := len(parts); n > 0; n-- {
		tag := strings.Join(parts[:n], ".")
		names = append(names, repository+":"+tag, repository+":"+tag+"-"+Suite)
	}
	return names
}
