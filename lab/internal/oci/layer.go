package oci

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Write streams a layer's tar through gzip into the layout. level is gzip's: toolchain
// layers never leave the lab and are written fast, runtime layers as small as they go.
func (l Layout) Write(level int, fill func(*tar.Writer) error) (Layer, error) {
	f, err := os.CreateTemp(filepath.Join(l.Dir, "blobs", "sha256"), "part-")
	if err != nil {
		return Layer{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	blobSum, tarSum := sha256.New(), sha256.New()
	buffered := bufio.NewWriterSize(f, 1<<20)
	zip, err := gzip.NewWriterLevel(io.MultiWriter(buffered, blobSum), level)
	if err != nil {
		return Layer{}, err
	}
	archive := tar.NewWriter(io.MultiWriter(zip, tarSum))
	if err := fill(archive); err != nil {
		return Layer{}, err
	}
	if err := errors.Join(archive.Close(), zip.Close(), buffered.Flush(), f.Chmod(0o644)); err != nil {
		return Layer{}, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return Layer{}, err
	}
	layer := Layer{
		Blob:   Descriptor{MediaType: TypeLayer, Digest: digestOf(blobSum.Sum(nil)), Size: size},
		DiffID: digestOf(tarSum.Sum(nil)),
	}
	return layer, os.Rename(f.Name(), l.Blob(layer.Blob.Digest))
}

// LinkOrCopy makes to a hard link of from, or a copy where links are not possible. A
// file that is already there stays: its name is its content.
func LinkOrCopy(from, to string) error {
	if err := os.Link(from, to); err == nil || errors.Is(err, os.ErrExist) {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "part-")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(0o644), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

func digestOf(sum []byte) string { return "sha256:" + hex.EncodeToString(sum) }
