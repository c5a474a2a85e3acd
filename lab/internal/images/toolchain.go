package images

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
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

// toolchain returns what the toolchain images stand on: one layer, with the machine's
// extra certificates installed.
func (w *Workshop) toolchain(ctx context.Context) (base, error) {
	const record = "layer.json"
	l, err := w.fill(ctx, "toolchain-base", "building the layer under the toolchain images", "about 60 s", w.toolchainInputs(),
		func(ctx context.Context, l oci.Layout) error {
			var layer oci.Layer
			options := append(w.trustHooks(), "--format=tar")
			err := proc.Stream(w.debootstrap(ctx, toolchainPackages, options...), func(r io.Reader) (err error) {
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
			return os.WriteFile(filepath.Join(l.Dir, record), text, 0o644)
		})
	if err != nil {
		return base{}, err
	}
	text, err := os.ReadFile(filepath.Join(l.Dir, record))
	if err != nil {
		return base{}, err
	}
	layers := make([]oci.Layer, 1)
	return base{l, layers}, json.Unmarshal(text, &layers[0])
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

// standOnToolchain is what the toolchain groups do before they build.
func standOnToolchain(ctx context.Context, w *Workshop) error {
	_, err := w.toolchain(ctx)
	return err
}

// standOnBoth is what the groups do before they build that have slim images too.
func standOnBoth(ctx context.Context, w *Workshop) error {
	_, err := w.slim(ctx)
	return errors.Join(err, standOnToolchain(ctx, w))
}

// slimImage writes the image that finals usually stand on: the same tree on Debian's slim
// image, compressed as well as published images are, because its bytes are compared.
func (w *Workshop) slimImage(ctx context.Context, l oci.Layout, tree *oci.Tree, config oci.Config, names []string) error {
	on, err := w.slim(ctx)
	if err != nil {
		return err
	}
	return on.image(l, gzip.DefaultCompression, tree, config, names)
}

// slimTags returns the names of the slim image of those of a whole one.
func slimTags(names []string) []string {
	var slim []string
	for _, name := range names {
		repository, tag, _ := strings.Cut(name, ":")
		switch {
		case tag == "latest":
			slim = append(slim, repository+":slim")
		case strings.HasSuffix(tag, Suite):
			slim = append(slim, repository+":"+strings.TrimSuffix(tag, Suite)+"slim-"+Suite)
		default:
			slim = append(slim, name+"-slim")
		}
	}
	return slim
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
