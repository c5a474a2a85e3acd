// Package oci writes images as an OCI image layout with bytes that repeat.
package oci

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Media types of the OCI image specification, image-spec 1.1.
const (
	TypeIndex    = "application/vnd.oci.image.index.v1+json"
	TypeManifest = "application/vnd.oci.image.manifest.v1+json"
	TypeConfig   = "application/vnd.oci.image.config.v1+json"
	TypeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"

	// RefName is the annotation that names an image inside a layout.
	RefName = "org.opencontainers.image.ref.name"
)

// Platform says what an image runs on.
type Platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

// Descriptor points at a blob.
type Descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *Platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Index is an image index, and also the layout's own index.json.
type Index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []Descriptor `json:"manifests"`
}

// Manifest names an image's configuration and layers.
type Manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        Descriptor   `json:"config"`
	Layers        []Descriptor `json:"layers"`
}

// Config is how a container of the image starts.
type Config struct {
	User         string              `json:"User,omitempty"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
	Env          []string            `json:"Env,omitempty"`
	Entrypoint   []string            `json:"Entrypoint,omitempty"`
	Cmd          []string            `json:"Cmd,omitempty"`
	WorkingDir   string              `json:"WorkingDir,omitempty"`
	Labels       map[string]string   `json:"Labels,omitempty"`
	StopSignal   string              `json:"StopSignal,omitempty"`
}

// Layer is a written layer: its blob and the digest of its uncompressed tar.
type Layer struct {
	Blob   Descriptor `json:"blob"`
	DiffID string     `json:"diffID"`
}

// Layout is an image layout directory.
type Layout struct{ Dir string }

// Create makes an empty layout in dir.
func Create(dir string) (Layout, error) {
	l := Layout{dir}
	if err := os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755); err != nil {
		return l, err
	}
	return l, os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`+"\n"), 0o644)
}

// Blob returns the path of a blob.
func (l Layout) Blob(digest string) string {
	return filepath.Join(l.Dir, "blobs", "sha256", strings.TrimPrefix(digest, "sha256:"))
}

// Image writes one platform's configuration and manifest over layers and returns the
// manifest's descriptor.
func (l Layout) Image(platform Platform, config Config, layers []Layer) (Descriptor, error) {
	type rootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	}
	image := struct {
		Created string `json:"created"`
		Platform
		Config Config `json:"config"`
		RootFS rootFS `json:"rootfs"`
	}{"1970-01-01T00:00:00Z", platform, config, rootFS{Type: "layers", DiffIDs: []string{}}}
	manifest := Manifest{SchemaVersion: 2, MediaType: TypeManifest, Layers: []Descriptor{}}
	for _, layer := range layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, layer.DiffID)
		manifest.Layers = append(manifest.Layers, layer.Blob)
	}
	var err error
	if manifest.Config, err = l.putJSON(TypeConfig, image); err != nil {
		return Descriptor{}, err
	}
	d, err := l.putJSON(TypeManifest, manifest)
	d.Platform = &platform
	return d, err
}

// Tag puts manifests under one index and names it; each name is repository:tag.
func (l Layout) Tag(manifests []Descriptor, names ...string) error {
	d, err := l.putJSON(TypeIndex, Index{SchemaVersion: 2, MediaType: TypeIndex, Manifests: manifests})
	if err != nil {
		return err
	}
	top, err := l.Index()
	if errors.Is(err, os.ErrNotExist) {
		top = Index{SchemaVersion: 2, MediaType: TypeIndex}
	} else if err != nil {
		return err
	}
	for _, name := range names {
		entry := d
		entry.Annotations = map[string]string{RefName: name}
		top.Manifests = append(top.Manifests, entry)
	}
	text, err := json.MarshalIndent(top, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.Dir, "index.json"), append(text, '\n'), 0o644)
}

// Index reads the layout's own index: every image with its name.
func (l Layout) Index() (Index, error) {
	var index Index
	return index, readJSON(filepath.Join(l.Dir, "index.json"), &index)
}

// Read decodes a JSON blob.
func (l Layout) Read(digest string, into any) error { return readJSON(l.Blob(digest), into) }

// Layers returns the layers of a named image that has one platform.
func (l Layout) Layers(name string) ([]Layer, error) {
	top, err := l.Index()
	if err != nil {
		return nil, err
	}
	for _, entry := range top.Manifests {
		if entry.Annotations[RefName] == name {
			return l.layers(entry)
		}
	}
	return nil, fmt.Errorf("%s has no image %s", l.Dir, name)
}

func (l Layout) layers(named Descriptor) ([]Layer, error) {
	var index Index
	if err := l.Read(named.Digest, &index); err != nil {
		return nil, err
	}
	if len(index.Manifests) != 1 {
		return nil, fmt.Errorf("%d platforms, want one", len(index.Manifests))
	}
	var manifest Manifest
	if err := l.Read(index.Manifests[0].Digest, &manifest); err != nil {
		return nil, err
	}
	var image struct {
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		} `json:"rootfs"`
	}
	if err := l.Read(manifest.Config.Digest, &image); err != nil {
		return nil, err
	}
	var layers []Layer
	for i, blob := range manifest.Layers {
		layers = append(layers, Layer{blob, image.RootFS.DiffIDs[i]})
	}
	return layers, nil
}

// Borrow links a layer of another layout into this one, or copies it when the two are
// on different file systems.
func (l Layout) Borrow(from Layout, layer Layer) error {
	return LinkOrCopy(from.Blob(layer.Blob.Digest), l.Blob(layer.Blob.Digest))
}

func (l Layout) putJSON(mediaType string, value any) (Descriptor, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return Descriptor{}, err
	}
	sum := sha256.Sum256(text)
	d := Descriptor{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(len(text))}
	return d, os.WriteFile(l.Blob(d.Digest), text, 0o644)
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
