// Package daemon starts and stops the lab's servers: one registry for each instance and
// one or more BuildKit daemons beside it.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
)

// portTries is how often another port is tried when somebody takes the chosen one.
const portTries = 5

// Registry is the registry of one instance. Its storage belongs to the instance; the
// lab's images are linked into it from the cache.
type Registry struct {
	dir string
	bin string
}

// NewRegistry returns the registry of an instance; bin is the directory of its program.
func NewRegistry(in place.Instance, bin string) Registry { return Registry{in.Registry(), bin} }

// Address returns host:port, or nothing when no port was ever chosen.
func (r Registry) Address() string {
	text, err := os.ReadFile(filepath.Join(r.dir, "address"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// Process returns the registry's process.
func (r Registry) Process() proc.Daemon {
	return proc.Daemon{
		Name:    "registry",
		PidFile: filepath.Join(r.dir, "registry.pid"),
		LogFile: filepath.Join(r.dir, "registry.log"),
		Mark:    filepath.Join(r.dir, "config.yml"),
	}
}

// Up starts the registry unless it runs. It keeps the port of its last start when that
// is free, so that references stay valid.
func (r Registry) Up(ctx context.Context) error {
	address := r.Address()
	if r.Process().Pid() != 0 {
		old, err := os.ReadFile(r.Process().Mark)
		if err == nil && string(old) == r.config(address) {
			return nil
		}
		if err := r.Process().Stop(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(r.storage(), 0o755); err != nil {
		return err
	}
	for try := 1; ; try++ {
		if address == "" || !free(address) {
			chosen, err := choosePort()
			if err != nil {
				return err
			}
			address = chosen
		}
		err := r.start(ctx, address)
		if err == nil || !errors.Is(err, proc.ErrStopped) || try == portTries {
			return err
		}
		address = ""
	}
}

// Seed puts a layout's images into the registry's storage under their names. Blobs are
// hard links into the cache: the registry never writes into a blob, only beside it.
func (r Registry) Seed(layout oci.Layout) error {
	index, err := layout.Index()
	if err != nil {
		return err
	}
	for _, image := range index.Manifests {
		repository, tag, ok := strings.Cut(image.Annotations[oci.RefName], ":")
		if !ok {
			return fmt.Errorf("%s: an image without a name", layout.Dir)
		}
		s := seeder{layout, r.storage(), filepath.Join(r.storage(), "repositories", repository)}
		if err := s.index(image.Digest); err != nil {
			return err
		}
		manifests := filepath.Join(s.repository, "_manifests", "tags", tag)
		if err := errors.Join(
			link(filepath.Join(manifests, "index", "sha256", hexOf(image.Digest)), image.Digest),
			link(filepath.Join(manifests, "current"), image.Digest),
		); err != nil {
			return err
		}
	}
	return nil
}

func (r Registry) storage() string {
	return filepath.Join(r.dir, "data", "docker", "registry", "v2")
}

func (r Registry) start(ctx context.Context, address string) error {
	mark := r.Process().Mark
	err := errors.Join(
		os.WriteFile(mark, []byte(r.config(address)), 0o644),
		os.WriteFile(filepath.Join(r.dir, "address"), []byte(address+"\n"), 0o644),
	)
	if err != nil {
		return err
	}
	cmd := daemonCommand(filepath.Join(r.bin, "registry"), "serve", mark)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	return r.Process().Start(ctx, cmd, 20*time.Second, func(context.Context) bool { return speaksHTTP(address) })
}

// config names the program in a comment, so that a newer one restarts the registry.
func (r Registry) config(address string) string {
	return fmt.Sprintf(`# for %s
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: %q}
  delete: {enabled: true}
http: {addr: %q}
`, r.bin, filepath.Join(r.dir, "data"), address)
}

// seeder writes the registry's storage layout, as its filesystem driver has it.
type seeder struct {
	layout     oci.Layout
	storage    string
	repository string
}

func (s seeder) index(digest string) error {
	var index oci.Index
	if err := s.layout.Read(digest, &index); err != nil {
		return err
	}
	for _, d := range index.Manifests {
		if err := s.manifest(d.Digest); err != nil {
			return err
		}
	}
	return s.revision(digest)
}

func (s seeder) manifest(digest string) error {
	var manifest oci.Manifest
	if err := s.layout.Read(digest, &manifest); err != nil {
		return err
	}
	for _, d := range append(manifest.Layers, manifest.Config) {
		if err := errors.Join(s.blob(d.Digest), link(filepath.Join(s.repository, "_layers", "sha256", hexOf(d.Digest)), d.Digest)); err != nil {
			return err
		}
	}
	return s.revision(digest)
}

func (s seeder) revision(digest string) error {
	return errors.Join(s.blob(digest), link(filepath.Join(s.repository, "_manifests", "revisions", "sha256", hexOf(digest)), digest))
}

func (s seeder) blob(digest string) error {
	hex := hexOf(digest)
	dir := filepath.Join(s.storage, "blobs", "sha256", hex[:2], hex)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return oci.LinkOrCopy(s.layout.Blob(digest), filepath.Join(dir, "data"))
}

// link writes one of the registry's link files: a digest in a file called link.
func link(dir, digest string) error {
	path := filepath.Join(dir, "link")
	if old, err := os.ReadFile(path); err == nil && string(old) == digest {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(digest), 0o644)
}

func hexOf(digest string) string { return strings.TrimPrefix(digest, "sha256:") }

func choosePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return "127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

func free(address string) bool {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// speaksHTTP asks for the registry's base path by hand: net/http would double the time
// that the lab itself takes to compile.
func speaksHTTP(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return false
	}
	if _, err := io.WriteString(c, "GET /v2/ HTTP/1.0\r\n\r\n"); err != nil {
		return false
	}
	status := make([]byte, len("HTTP/1.0 200"))
	if _, err := io.ReadFull(c, status); err != nil {
		return false
	}
	return strings.HasSuffix(string(status), " 200")
}
