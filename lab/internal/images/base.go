package images

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"cofferdam/lab/internal/oci"
)

// base is what an image stands on: layers, in the layout that holds them.
type base struct {
	layout oci.Layout
	layers []oci.Layer
}

// slim returns Debian's slim image as a base.
func (w *Workshop) slim(ctx context.Context) (base, error) {
	layout, err := debianGroup.ensure(ctx, w)
	if err != nil {
		return base{}, err
	}
	layers, err := layout.Layers("library/debian:" + Suite + "-slim")
	return base{layout, layers}, err
}

// image writes an image of the base and a tree on top of it.
func (b base) image(l oci.Layout, level int, tree *oci.Tree, config oci.Config, names []string) error {
	for _, layer := range b.layers {
		if err := l.Borrow(b.layout, layer); err != nil {
			return err
		}
	}
	top, err := l.Write(level, tree.Write)
	if err != nil {
		return err
	}
	manifest, err := l.Image(amd64, config, append(slices.Clip(b.layers), top))
	if err != nil {
		return err
	}
	return l.Tag([]oci.Descriptor{manifest}, names...)
}

// account is a user with a group of the same name and number.
type account struct {
	name        string
	id          int
	home, shell string
}

// addAccount adds an account to those of the base.
func (b base) addAccount(tree *oci.Tree, a account) error {
	for name, line := range map[string]string{
		"etc/passwd": fmt.Sprintf("%s:x:%d:%d::%s:%s\n", a.name, a.id, a.id, a.home, a.shell),
		"etc/group":  fmt.Sprintf("%s:x:%d:\n", a.name, a.id),
	} {
		text, err := b.read(name)
		if err != nil {
			return err
		}
		if err := tree.File(name, 0o644, append(text, line...)); err != nil {
			return err
		}
	}
	return nil
}

// read returns a file of the base's first layer.
func (b base) read(name string) ([]byte, error) {
	f, err := os.Open(b.layout.Blob(b.layers[0].Blob.Digest))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	for in := tar.NewReader(zip); ; {
		header, err := in.Next()
		if err != nil {
			return nil, fmt.Errorf("%s of the base: %w", name, err)
		}
		if header.Name == name {
			return io.ReadAll(in)
		}
	}
}
