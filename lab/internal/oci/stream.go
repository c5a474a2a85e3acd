package oci

import (
	"archive/tar"
	"errors"
	"io"
	"strings"
	"time"
)

// CopyTar copies a root file system's tar into a layer: names without a leading "./",
// no device nodes (the runtime makes its own), times no later than newest, and only what
// keep says. It returns an error when the source ends early.
func CopyTar(w *tar.Writer, source io.Reader, newest time.Time, keep func(name string) bool) error {
	in := tar.NewReader(source)
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.TrimPrefix(header.Name, "./"), "/")
		if name == "" || deviceNode(header, name) || !keep(name) {
			continue
		}
		out := *header
		out.Name = name
		if header.Typeflag == tar.TypeLink {
			out.Linkname = strings.TrimPrefix(header.Linkname, "./")
		}
		if out.ModTime.After(newest) {
			out.ModTime = newest
		}
		out.ModTime = out.ModTime.Truncate(time.Second)
		out.AccessTime, out.ChangeTime = time.Time{}, time.Time{}
		out.Format = tar.FormatPAX
		if err := w.WriteHeader(&out); err != nil {
			return err
		}
		if _, err := io.Copy(w, in); err != nil {
			return err
		}
	}
}

func deviceNode(header *tar.Header, name string) bool {
	switch header.Typeflag {
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return true
	}
	return strings.HasPrefix(name, "dev/") && name != "dev/"
}
