package images

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cofferdam/lab/internal/oci"
)

// The packages of each distroless image beyond those of the one before it.
var (
	staticPackages = []string{"base-files", "media-types", "netbase", "tzdata", "tzdata-legacy"}
	basePackages   = []string{"libc6", "libssl3t64", "libzstd1", "zlib1g"}
	ccPackages     = []string{"gcc-14-base", "libgcc-s1", "libgomp1", "libstdc++6"}
)

const (
	systemPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	passwd     = "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
	groupFile  = "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n"
	nsswitch   = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n"
)

var distrolessGroup = group{
	name:    "distroless",
	usual:   "about 25 s",
	missing: always,
	inputs: func(_ context.Context, w *Workshop) ([]string, error) {
		return slices.Concat([]string{"distroless 2", passwd, groupFile, nsswitch},
			staticPackages, basePackages, ccPackages, lines(w.Machine.Sources)), nil
	},
	before: nothing,
	build:  buildDistroless,
}

func buildDistroless(ctx context.Context, w *Workshop, l oci.Layout) error {
	work, err := os.MkdirTemp("", "lab-debs-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	manifests := map[string][]oci.Descriptor{}
	for _, arch := range []string{"amd64", "arm64"} {
		from, err := newDebs(ctx, filepath.Join(work, arch), arch, w.Machine.Sources)
		if err != nil {
			return err
		}
		if err := distrolessOf(ctx, l, arch, from, manifests); err != nil {
			return err
		}
	}
	for _, name := range []string{"static", "base", "cc"} {
		for tag, key := range map[string]string{"latest": name, "nonroot": name + "-nonroot"} {
			names := []string{"distroless/" + name + "-debian13:" + tag, "distroless/" + name + ":" + tag}
			if err := l.Tag(manifests[key], names...); err != nil {
				return err
			}
		}
	}
	return nil
}

// distrolessOf writes the images of one architecture, each over the layers of the one
// before it, and collects their manifests.
func distrolessOf(ctx context.Context, l oci.Layout, arch string, from *debs, manifests map[string][]oci.Descriptor) error {
	var layers []oci.Layer
	for _, step := range []struct {
		name     string
		packages []string
		scaffold func(context.Context, *debs, *oci.Tree) error
	}{{"static", staticPackages, scaffold}, {"base", basePackages, nil}, {"cc", ccPackages, nil}} {
		tree := oci.NewTree(time.Unix(0, 0).UTC())
		if err := from.unpack(ctx, tree, step.packages...); err != nil {
			return err
		}
		if step.scaffold != nil {
			if err := step.scaffold(ctx, from, tree); err != nil {
				return err
			}
		}
		layer, err := l.Write(gzip.BestCompression, tree.Write)
		if err != nil {
			return err
		}
		layers = append(layers, layer)
		for key, config := range map[string]oci.Config{
			step.name:              {User: "0", WorkingDir: "/"},
			step.name + "-nonroot": {User: "65532", WorkingDir: "/home/nonroot"},
		} {
			config.Env = []string{systemPath, "SSL_CERT_FILE=" + bundle}
			manifest, err := l.Image(oci.Platform{OS: "linux", Architecture: arch}, config, layers)
			if err != nil {
				return err
			}
			manifests[key] = append(manifests[key], manifest)
		}
	}
	return nil
}

// scaffold adds what is no package: accounts, homes, and the bundle of certificates.
func scaffold(ctx context.Context, from *debs, tree *oci.Tree) error {
	for name, text := range map[string]string{"etc/passwd": passwd, "etc/group": groupFile, "etc/nsswitch.conf": nsswitch} {
		if err := tree.File(name, 0o644, []byte(text)); err != nil {
			return err
		}
	}
	if err := tree.Add(tar.Header{Typeflag: tar.TypeDir, Name: "home/nonroot", Mode: 0o700, Uid: 65532, Gid: 65532}, nil); err != nil {
		return err
	}
	authorities := oci.NewTree(tree.Time)
	if err := from.unpack(ctx, authorities, "ca-certificates"); err != nil {
		return err
	}
	text, err := joinCertificates(authorities)
	if err != nil {
		return err
	}
	if err := tree.File(strings.TrimPrefix(bundle, "/"), 0o644, text); err != nil {
		return err
	}
	return authorities.CopyTo(tree, func(name string) bool {
		return strings.HasPrefix(name, "var/lib/dpkg/status.d/") || strings.HasPrefix(name, "usr/share/doc/")
	})
}

// joinCertificates makes the bundle as update-ca-certificates does: sorted by path.
func joinCertificates(tree *oci.Tree) ([]byte, error) {
	var all bytes.Buffer
	for _, name := range tree.Names() {
		if !strings.HasPrefix(name, "usr/share/ca-certificates/") || !strings.HasSuffix(name, ".crt") {
			continue
		}
		text, err := tree.Read(name)
		if err != nil {
			return nil, err
		}
		all.Write(bytes.TrimSpace(text))
		all.WriteByte('\n')
	}
	if all.Len() == 0 {
		return nil, fmt.Errorf("the package ca-certificates holds no certificates")
	}
	return all.Bytes(), nil
}
