package images

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/proc"
)

// debs fetches packages of any architecture, signatures checked by apt, without
// touching the machine's own package state.
type debs struct {
	dir     string
	options []string
}

func newDebs(ctx context.Context, dir, arch string, sources []Source) (*debs, error) {
	for _, sub := range []string{"lists/partial", "cache/archives/partial", "debs"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	list := filepath.Join(dir, "sources.list")
	status := filepath.Join(dir, "status")
	err := errors.Join(
		os.WriteFile(list, []byte(strings.Join(lines(sources), "\n")+"\n"), 0o644),
		os.WriteFile(status, nil, 0o644),
	)
	if err != nil {
		return nil, err
	}
	d := &debs{dir: dir}
	for _, option := range []string{
		"Dir::Etc::sourcelist=" + list, "Dir::Etc::sourceparts=-", "Dir::State::lists=" + filepath.Join(dir, "lists"),
		"Dir::State::status=" + status, "Dir::Cache=" + filepath.Join(dir, "cache"), "APT::Architecture=" + arch,
		"APT::Architectures=" + arch, "Acquire::Languages=none", "Acquire::Retries=3", "APT::Sandbox::User=root",
		"Debug::NoLocking=1",
	} {
		d.options = append(d.options, "-o", option)
	}
	return d, d.apt(ctx, dir, "update")
}

// unpack puts packages into a tree as distroless does: files without documentation, and
// for scanners each package's record and checksums under status.d.
func (d *debs) unpack(ctx context.Context, tree *oci.Tree, packages ...string) error {
	into, err := os.MkdirTemp(filepath.Join(d.dir, "debs"), "")
	if err != nil {
		return err
	}
	if err := d.apt(ctx, into, append([]string{"download"}, packages...)...); err != nil {
		return err
	}
	for _, name := range packages {
		found, err := filepath.Glob(filepath.Join(into, name+"_*.deb"))
		if err != nil || len(found) != 1 {
			return fmt.Errorf("package %s: %d files came, want one: %w", name, len(found), err)
		}
		if err := unpackOne(ctx, tree, name, found[0]); err != nil {
			return fmt.Errorf("package %s: %w", name, err)
		}
	}
	return nil
}

func (d *debs) apt(ctx context.Context, dir string, args ...string) error {
	cmd := proc.Command(ctx, "apt-get", append(append([]string{"-q"}, d.options...), args...)...)
	cmd.Dir = dir
	return proc.Run(cmd)
}

func unpackOne(ctx context.Context, tree *oci.Tree, name, file string) error {
	err := proc.Stream(proc.Command(ctx, "dpkg-deb", "--fsys-tarfile", file), func(r io.Reader) error {
		return eachEntry(r, func(header *tar.Header, content []byte) error {
			if !shipped(strings.TrimPrefix(header.Name, "./")) {
				return nil
			}
			return tree.Add(*header, content)
		})
	})
	if err != nil {
		return err
	}
	return proc.Stream(proc.Command(ctx, "dpkg-deb", "--ctrl-tarfile", file), func(r io.Reader) error {
		return eachEntry(r, func(header *tar.Header, content []byte) error {
			switch path.Base(header.Name) {
			case "control":
				return tree.File("var/lib/dpkg/status.d/"+name, 0o644, content)
			case "md5sums":
				return tree.File("var/lib/dpkg/status.d/"+name+".md5sums", 0o644, content)
			}
			return nil
		})
	})
}

func eachEntry(r io.Reader, use func(*tar.Header, []byte) error) error {
	for in := tar.NewReader(r); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if err := use(header, content); err != nil {
			return err
		}
	}
}

// shipped leaves out documentation but keeps the licences.
func shipped(name string) bool {
	if rest, ok := strings.CutPrefix(name, "usr/share/doc/"); ok {
		pkg, file, _ := strings.Cut(rest, "/")
		return pkg == "" || file == "" || file == "copyright"
	}
	for _, dropped := range []string{"usr/share/man/", "usr/share/info/", "usr/share/locale/", "usr/share/lintian/"} {
		if strings.HasPrefix(name, dropped) {
			return false
		}
	}
	return true
}
