package images

import (
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/oci"
	"cofferdam/lab/internal/proc"
)

var rustGroup = group{
	name:  "rust",
	usual: "about 10 s",
	missing: func(context.Context) string {
		if !lookPath("rustc") || !lookPath("cargo") {
			return "rustc and cargo are not on the PATH, and no package registry serves them"
		}
		return ""
	},
	inputs: func(ctx context.Context, w *Workshop) ([]string, error) {
		version, err := proc.Output(proc.Command(ctx, "rustc", "--version", "--verbose"))
		if err != nil {
			return nil, err
		}
		return slices.Concat([]string{"rust 2", version, w.Machine.CargoConfig}, w.toolchainInputs()), nil
	},
	before: standOnToolchain,
	build:  buildRust,
}

func buildRust(ctx context.Context, w *Workshop, l oci.Layout) error {
	on, err := w.toolchain(ctx)
	if err != nil {
		return err
	}
	rust, err := readRust(ctx)
	if err != nil {
		return err
	}
	tree, err := rust.tree(w.Machine.CargoConfig)
	if err != nil {
		return err
	}
	config := oci.Config{
		Env: slices.Concat([]string{
			pathWith("/usr/local/cargo/bin"),
			"RUSTUP_HOME=/usr/local/rustup", "CARGO_HOME=/usr/local/cargo", "RUST_VERSION=" + rust.version,
		}, w.Machine.TrustEnv("CARGO_HTTP_CAINFO")),
		Cmd: []string{"bash"},
	}
	return on.image(l, gzip.BestSpeed, tree, config, tags("library/rust", rust.version))
}

// rust is the machine's toolchain.
type rust struct{ sysroot, version, rustup string }

func readRust(ctx context.Context) (rust, error) {
	sysroot, err := proc.Output(proc.Command(ctx, "rustc", "--print", "sysroot"))
	if err != nil {
		return rust{}, err
	}
	version, err := proc.Output(proc.Command(ctx, "rustc", "--version"))
	if err != nil {
		return rust{}, err
	}
	words := strings.Fields(version)
	if len(words) < 2 {
		return rust{}, fmt.Errorf("rustc --version says %q", version)
	}
	dir, err := filepath.EvalSymlinks(strings.TrimSpace(sysroot))
	if err != nil {
		return rust{}, err
	}
	return rust{sysroot: dir, version: words[1], rustup: findRustup()}, nil
}

func findRustup() string {
	home := os.Getenv("CARGO_HOME")
	if home == "" {
		home = filepath.Join(os.Getenv("HOME"), ".cargo")
	}
	path := filepath.Join(home, "bin", "rustup")
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return path
}

// tree lays the toolchain out as rustup does; without a rustup on the machine the
// programs are links straight into the toolchain.
func (r rust) tree(cargoConfig string) (*oci.Tree, error) {
	tree := oci.NewTree(newest)
	name := r.version + "-x86_64-unknown-linux-gnu"
	toolchain := "usr/local/rustup/toolchains/" + name
	if err := tree.AddDir(r.sysroot, toolchain, rustPart, nil); err != nil {
		return nil, err
	}
	for _, dir := range []string{"usr/local/cargo", "usr/local/cargo/bin", "usr/local/rustup"} {
		if err := tree.Dir(dir, 0o777); err != nil {
			return nil, err
		}
	}
	if cargoConfig != "" {
		if err := tree.File("usr/local/cargo/config.toml", 0o644, []byte(cargoConfig)); err != nil {
			return nil, err
		}
	}
	if r.rustup != "" {
		if err := addRustup(tree, r.rustup, name); err != nil {
			return nil, err
		}
	}
	programs, err := os.ReadDir(filepath.Join(r.sysroot, "bin"))
	if err != nil {
		return nil, err
	}
	for _, program := range programs {
		target := "/" + toolchain + "/bin/" + program.Name()
		if r.rustup != "" {
			target = "rustup"
		}
		if err := tree.Link("usr/local/cargo/bin/"+program.Name(), target); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

func addRustup(tree *oci.Tree, from, toolchain string) error {
	binary, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := tree.File("usr/local/cargo/bin/rustup", 0o755, binary); err != nil {
		return err
	}
	settings := fmt.Sprintf("version = \"12\"\ndefault_toolchain = %q\nprofile = \"minimal\"\nauto_self_update = \"disable\"\n\n[overrides]\n", toolchain)
	return tree.File("usr/local/rustup/settings.toml", 0o644, []byte(settings))
}

// rustPart leaves out the documentation, more than half of a toolchain.
func rustPart(rel string) bool {
	return rel != "share/doc" && rel != "share/man"
}
