package oci

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Tree is a file system in the making. It is written sorted, with one time for all, so
// the same content gives the same bytes.
type Tree struct {
	// Time is the modification time of everything in the tree.
	Time    time.Time
	entries map[string]*entry
}

type entry struct {
	header tar.Header
	open   func() (io.ReadCloser, error)
}

// NewTree returns an empty tree.
func NewTree(at time.Time) *Tree { return &Tree{Time: at, entries: map[string]*entry{}} }

// Add puts one tar entry at header.Name, below the symbolic links of the tree where they
// lead to (so lib/x lands in usr/lib/x once lib is a link). Later entries replace
// earlier ones, except that a directory stays one.
func (t *Tree) Add(header tar.Header, content []byte) error {
	return t.add(header, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
}

// Dir adds a directory that root owns.
func (t *Tree) Dir(name string, mode int64) error {
	return t.Add(tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode}, nil)
}

// File adds a file that root owns.
func (t *Tree) File(name string, mode int64, content []byte) error {
	return t.Add(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content))}, content)
}

// Link adds a symbolic link.
func (t *Tree) Link(name, target string) error {
	return t.Add(tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, nil)
}

// AddDir copies a directory of the machine to a place in the tree, as root's. keep says
// which paths (relative to the directory) come along; modeOf, when not nil, decides modes.
func (t *Tree) AddDir(dir, at string, keep func(rel string) bool, modeOf func(rel string, m os.FileMode) int64) error {
	return filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		if rel != "." && !keep(rel) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := int64(info.Mode().Perm())
		if modeOf != nil {
			mode = modeOf(rel, info.Mode())
		}
		return t.addFromDisk(p, path.Join(at, rel), info, mode)
	})
}

// Write writes the tree into an archive, parents before children.
func (t *Tree) Write(w *tar.Writer) error {
	for _, name := range t.Names() {
		if err := t.writeOne(w, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (t *Tree) writeOne(w *tar.Writer, name string) error {
	e := t.entries[name]
	header := e.header
	header.Name = name
	if header.Typeflag == tar.TypeDir {
		header.Name += "/"
	}
	header.ModTime, header.AccessTime, header.ChangeTime = t.Time, time.Time{}, time.Time{}
	header.Uname, header.Gname = "", ""
	header.Format = tar.FormatPAX
	if err := w.WriteHeader(&header); err != nil {
		return err
	}
	if header.Typeflag != tar.TypeReg {
		return nil
	}
	content, err := e.open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(w, content)
	return err
}

func (t *Tree) addFromDisk(from, at string, info os.FileInfo, mode int64) error {
	switch {
	case info.IsDir():
		return t.Dir(at, mode)
	case info.Mode()&os.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return t.Link(at, target)
	case info.Mode().IsRegular():
		header := tar.Header{Typeflag: tar.TypeReg, Name: at, Mode: mode, Size: info.Size()}
		return t.add(header, func() (io.ReadCloser, error) { return os.Open(from) })
	}
	return fmt.Errorf("%s: only files, directories and symbolic links can be copied", from)
}

func (t *Tree) add(header tar.Header, open func() (io.ReadCloser, error)) error {
	name, err := t.resolve(path.Clean("/" + header.Name)[1:])
	if err != nil || name == "" {
		return err
	}
	if old := t.entries[name]; old != nil && header.Typeflag == tar.TypeDir && old.header.Typeflag == tar.TypeSymlink {
		return nil
	}
	if err := t.parents(name); err != nil {
		return err
	}
	t.entries[name] = &entry{header, open}
	return nil
}

// resolve follows the tree's links in all but the last part of a path.
func (t *Tree) resolve(name string) (string, error) {
	for hops := 0; hops < 32; hops++ {
		next := t.follow(name)
		if next == name {
			return name, nil
		}
		name = next
	}
	return "", fmt.Errorf("%s: too many symbolic links", name)
}

func (t *Tree) follow(name string) string {
	for at := 0; ; {
		slash := strings.IndexByte(name[at:], '/')
		if slash < 0 {
			return name
		}
		at += slash
		if e := t.entries[name[:at]]; e != nil && e.header.Typeflag == tar.TypeSymlink {
			target := e.header.Linkname
			if !path.IsAbs(target) {
				target = path.Join("/", path.Dir(name[:at]), target)
			}
			return path.Join(target, name[at:])[1:]
		}
		at++
	}
}

func (t *Tree) parents(name string) error {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		old := t.entries[dir]
		if old == nil {
			t.entries[dir] = &entry{header: tar.Header{Typeflag: tar.TypeDir, Mode: 0o755}}
		} else if old.header.Typeflag != tar.TypeDir {
			return fmt.Errorf("%s: %s is no directory", name, dir)
		}
	}
	return nil
}

// Names returns all paths in order.
func (t *Tree) Names() []string {
	names := make([]string, 0, len(t.entries))
	for name := range t.entries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Read returns a file's content.
func (t *Tree) Read(name string) ([]byte, error) {
	e := t.entries[name]
	if e == nil || e.header.Typeflag != tar.TypeReg {
		return nil, fmt.Errorf("%s is no file in the tree", name)
	}
	content, err := e.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}

// CopyTo adds the entries that keep wants to another tree.
func (t *Tree) CopyTo(to *Tree, keep func(name string) bool) error {
	for _, name := range t.Names() {
		if !keep(name) {
			continue
		}
		e := t.entries[name]
		header := e.header
		header.Name = name
		if err := to.add(header, e.open); err != nil {
			return err
		}
	}
	return nil
}
