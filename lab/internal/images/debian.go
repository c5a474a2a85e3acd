package images

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/proc"
)

var amd64 = oci.Platform{OS: "linux", Architecture: "amd64"}

// toolchainPackages are what the official Go and Rust images have beyond Debian's
// minimum, so that both share one layer.
var toolchainPackages = []string{
	"ca-certificates", "curl", "g++", "gcc", "git", "libc6-dev", "libssl-dev", "make", "netbase",
	"openssh-client", "pkg-config", "tzdata", "wget", "xz-utils", "zlib1g-dev",
}

var debianGroup = group{
	name:    "debian",
	usual:   "about 20 s",
	missing: always,
	inputs: func(_ context.Context, w *Workshop) ([]string, error) {
		return append([]string{"debian 3"}, lines(w.Machine.Sources)...), nil
	},
	before: nothing,
	build:  buildDebian,
}

// buildDebian makes the plain image, and the slim one without documentation from the
// same root file system.
func buildDebian(ctx context.Context, w *Workshop, l oci.Layout) error {
	whole := filepath.Join(l.Dir, "root.tar")
	defer os.Remove(whole)
	out, err := os.Create(whole)
	if err != nil {
		return err
	}
	defer out.Close()
	err = proc.Stream(debootstrap(ctx, w, nil, nil), func(r io.Reader) error {
		_, err := io.Copy(out, r)
		return err
	})
	if err != nil {
		return err
	}
	for suffix, keep := range map[string]func(string) bool{"": everything, "-slim": shipped} {
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			return err
		}
		layer, err := debianLayer(l, gzip.DefaultCompression, out, w, keep)
		if err != nil {
			return err
		}
		manifest, err := l.Image(amd64, oci.Config{Env: []string{systemPath}, Cmd: []string{"bash"}}, []oci.Layer{layer})
		if err != nil {
			return err
		}
		if err := l.Tag([]oci.Descriptor{manifest}, "library/debian:"+Suite+suffix); err != nil {
			return err
		}
	}
	return nil
}

// toolchainBase returns the layer under the Go and Rust images, with the machine's extra
// certificates installed, and the layout that holds it.
func (w *Workshop) toolchainBase(ctx context.Context) (oci.Layout, oci.Layer, error) {
	inputs := w.toolchainInputs()
	l, err := w.fill(ctx, "toolchain-base", "building the layer under the toolchain images", "about 70 s", inputs,
		func(ctx context.Context, l oci.Layout) error {
			var layer oci.Layer
			err := proc.Stream(debootstrap(ctx, w, toolchainPackages, w.Machine.Certificates), func(r io.Reader) (err error) {
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
	return slices.Concat([]string{"toolchain base 2", w.Machine.certificateKey()}, toolchainPackages, lines(w.Machine.Sources))
}

// debootstrap prepares a command that prints a root file system as a tar.
func debootstrap(ctx context.Context, w *Workshop, packages []string, certificates map[string]string) *exec.Cmd {
	args := []string{"--mode=root", "--variant=minbase", "--format=tar", "--architectures=amd64"}
	if len(packages) > 0 {
		args = append(args, "--include="+strings.Join(packages, ","))
	}
	if len(certificates) > 0 {
		args = append(args,
			"--customize-hook=copy-in /usr/local/share/ca-certificates /usr/local/share",
			`--customize-hook=chroot "$1" update-ca-certificates`)
	}
	args = append(args, Suite, "-")
	cmd := proc.Command(ctx, "mmdebstrap", append(args, lines(w.Machine.Sources)...)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", newest.Unix()), "LC_ALL=C.UTF-8")
	return cmd
}

const sourcesDir = "etc/apt/sources.list.d"

// debianLayer turns a root file system into a layer whose package sources are written
// the way the official image has them.
func debianLayer(l oci.Layout, level int, root io.Reader, w *Workshop, keep func(string) bool) (oci.Layer, error) {
	return l.Write(level, func(out *tar.Writer) error {
		err := oci.CopyTar(out, root, newest, func(name string) bool {
			sources := strings.HasPrefix(name, "etc/apt/sources.list") && path.Clean(name) != sourcesDir
			return keep(name) && !sources && name != "var/log/bootstrap.log"
		})
		if err != nil {
			return err
		}
		// One entry and no parents: some engines refuse a layer that names a directory twice.
		content := []byte(stanzas(w.Machine.Sources))
		header := tar.Header{
			Typeflag: tar.TypeReg, Name: sourcesDir + "/debian.sources", Mode: 0o644, Size: int64(len(content)), ModTime: newest,
		}
		if err := out.WriteHeader(&header); err != nil {
			return err
		}
		_, err = out.Write(content)
		return err
	})
}

func everything(string) bool { return true }
