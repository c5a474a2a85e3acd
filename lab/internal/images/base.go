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
	on, err := b.add(l, level, tree)
	if err != nil {
		return err
	}
	return on.tag(config, names)
}

// add returns a base in the layout l, with a tree as one more layer.
func (b base) add(l oci.Layout, level int, tree *oci.Tree) (base, error) {
	for _, layer := range b.layers {
		if err := l.Borrow(b.layout, layer); err != nil {
			return base{}, err
		}
	}
	top, err := l.Write(level, tree.Write)
	return base{l, append(slices.Clip(b.layers), top)}, err
}

// tag names the image of the base's layers.
func (b base) tag(config oci.Config, names []string) error {
	manifest, err := b.layout.Image(amd64, config, b.layers)
	if err != nil {
		return err
	}
	return b.layout.Tag([]oci.Descriptor{manifest}, names...)
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
		"etc/shadow": fmt.Sprintf("%s:!:::::::\n", a.name),
	} {
		header, text, err := b.read(name)
		if err != nil {
			return err
		}
		text = append(text, line...)
		header.Size = int64(len(text))
		if err := tree.Add(header, text); err != nil {
			return err
		}
	}
	return nil
}

// read returns a file of the base's first layer.
func (b base) read(name string) (tar.Header, []byte, error) {
	f, err := os.Open(b.layout.Blob(b.layers[0].Blob.Digest))
	if err != nil {
		return tar.Header{}, nil, err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return tar.Header{}, nil, err
	}
	for in := tar.NewReader(zip); ; {
		header, err := in.Next()
		if err != nil {
			return tar.Header{}, nil, fmt.Errorf("%s of the base: %w", name, err)
		}
		if header.Name == name {
			text, err := io.ReadAll(in)
			return *header, text, err
		}
	}
}
