package images

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/proc"
)

var amd64 = oci.Platform{OS: "linux", Architecture: "amd64"}

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
	err = proc.Stream(w.debootstrap(ctx, nil, "--format=tar"), func(r io.Reader) error {
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

// debootstrap prepares a command that makes a root file system of packages, and prints
// it where the options ask for a format.
func (w *Workshop) debootstrap(ctx context.Context, packages []string, options ...string) *exec.Cmd {
	args := append([]string{"--mode=root", "--variant=minbase", "--architectures=amd64", "--dpkgopt=force-unsafe-io"}, options...)
	if len(packages) > 0 {
		args = append(args, "--include="+strings.Join(packages, ","))
	}
	cmd := proc.Command(ctx, "mmdebstrap", append(append(args, Suite, "-"), lines(w.Machine.Sources)...)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", newest.Unix()), "LC_ALL=C.UTF-8")
	return cmd
}

const (
	sourcesDir = "etc/apt/sources.list.d"
	// dpkgOptions is where mmdebstrap leaves its own options, by which dpkg does not wait
	// for the disk (four times as quick on a busy machine).
	dpkgOptions = "etc/dpkg/dpkg.cfg.d/99mmdebstrap"
)

// debianLayer turns a root file system into a layer whose package sources are written
// the way the official image has them.
func debianLayer(l oci.Layout, level int, root io.Reader, w *Workshop, keep func(string) bool) (oci.Layer, error) {
	return l.Write(level, func(out *tar.Writer) error {
		err := oci.CopyTar(out, root, newest, func(name string) bool {
			sources := strings.HasPrefix(name, "etc/apt/sources.list") && path.Clean(name) != sourcesDir
			return keep(name) && !sources && name != "var/log/bootstrap.log" && name != dpkgOptions
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
