package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
)

// mirrored are the registries whose names the lab's registry answers for.
var mirrored = []string{"docker.io", "gcr.io", "ghcr.io", "quay.io", "cgr.dev", "registry.access.redhat.com"}

// keepBytes bounds a daemon's build cache, so that a lab forgotten does not fill the disk.
const keepBytes = 10_000_000_000

// patience is how long a daemon may take to answer, on a machine that is busy with others.
const patience = 2 * time.Minute

// BuildKit is one BuildKit daemon of an instance.
type BuildKit struct {
	Name string
	dir  string
	bin  string
}

// NewBuildKit returns the daemon of a name; bin is the directory of its programs.
func NewBuildKit(in place.Instance, name, bin string) BuildKit {
	return BuildKit{name, in.Daemon(name), bin}
}

// Host returns the daemon's address for BUILDKIT_HOST.
func (b BuildKit) Host() string { return "unix://" + filepath.Join(b.dir, "buildkitd.sock") }

// Snapshotter returns what the daemon was last started with, or nothing.
func (b BuildKit) Snapshotter() string {
	text, err := os.ReadFile(filepath.Join(b.dir, "snapshotter"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// Process returns the daemon's process.
func (b BuildKit) Process() proc.Daemon {
	return proc.Daemon{
		Name:    "buildkitd " + b.Name,
		PidFile: filepath.Join(b.dir, "buildkitd.pid"),
		LogFile: filepath.Join(b.dir, "buildkitd.log"),
		Mark:    filepath.Join(b.dir, "buildkitd.toml"),
	}
}

// Up starts the daemon unless it runs with this snapshotter and registry already; one
// that runs with others is stopped first. An empty snapshotter means the last one.
func (b BuildKit) Up(ctx context.Context, snapshotter, registry string) error {
	if snapshotter == "" {
		snapshotter = b.Snapshotter()
	}
	if snapshotter == "" {
		snapshotter = "overlayfs"
	}
	config := b.config(snapshotter, registry)
	old, err := os.ReadFile(b.Process().Mark)
	if err == nil && string(old) == config && b.Process().Pid() != 0 {
		return nil
	}
	if err := b.Process().Stop(); err != nil {
		return err
	}
	if last := b.Snapshotter(); last != "" && last != snapshotter {
		if err := os.RemoveAll(b.root()); err != nil {
			return err
		}
	}
	return b.start(ctx, snapshotter, config)
}

// Reset stops the daemon, if it runs, and removes its whole build cache.
func (b BuildKit) Reset() error {
	if err := b.Process().Stop(); err != nil {
		return err
	}
	return os.RemoveAll(b.root())
}

// Remove stops the daemon and forgets everything about it.
func (b BuildKit) Remove() error {
	return errors.Join(b.Reset(), os.RemoveAll(b.dir))
}

func (b BuildKit) root() string { return filepath.Join(b.dir, "root") }

func (b BuildKit) start(ctx context.Context, snapshotter, config string) error {
	if err := os.MkdirAll(b.root(), 0o711); err != nil {
		return err
	}
	err := errors.Join(
		os.WriteFile(b.Process().Mark, []byte(config), 0o644),
		os.WriteFile(filepath.Join(b.dir, "snapshotter"), []byte(snapshotter+"\n"), 0o644),
	)
	if err != nil {
		return err
	}
	cmd := daemonCommand(filepath.Join(b.bin, "buildkitd"), "--config", b.Process().Mark)
	return b.Process().Start(ctx, cmd, patience, b.ready)
}

// config is the daemon's configuration: images come from the lab's registry under their
// official names, and build steps reach the network as the machine does.
func (b BuildKit) config(snapshotter, registry string) string {
	var c strings.Builder
	// The program's path is part of the text, so that a newer one restarts the daemon.
	fmt.Fprintf(&c, "# for %s\n\nroot = %q\n\n[grpc]\n  address = [%q]\n\n", b.bin, b.root(), b.Host())
	fmt.Fprintf(&c, "[worker.containerd]\n  enabled = false\n\n[worker.oci]\n  enabled = true\n  snapshotter = %q\n  networkMode = \"host\"\n  gc = true\n  maxUsedSpace = %d\n\n", snapshotter, int64(keepBytes))
	for _, name := range mirrored {
		fmt.Fprintf(&c, "[registry.%q]\n  mirrors = [%q]\n\n", name, registry)
	}
	fmt.Fprintf(&c, "[registry.%q]\n  http = true\n  insecure = true\n", registry)
	return c.String()
}

func (b BuildKit) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := proc.Command(ctx, filepath.Join(b.bin, "buildctl"), "--addr", b.Host(), "debug", "workers")
	out, err := proc.Output(cmd)
	return err == nil && strings.Contains(out, "linux/")
}

// daemonCommand is a command that no context ends: daemons outlive the lab's own process.
func daemonCommand(program string, args ...string) *exec.Cmd {
	return exec.Command(program, args...)
}
