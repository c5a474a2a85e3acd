package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// application is what both sides build, each by a file of its own, and what is edited in it.
type application struct {
	name, manifest, dockerfile string
	// fetch puts the source into an empty directory.
	fetch              func(root, into string) error
	code, dependencies edit
	// byName says that it takes too long to be measured unless it is asked for.
	byName bool
}

// chosen are those that a flag names; without one, the examples.
func chosen(name string) []application {
	var found []application
	for _, a := range applications {
		if strings.EqualFold(name, a.name) || name == "" && !a.byName {
			found = append(found, a)
		}
	}
	return found
}

// edit puts something that no other edit says behind what the file says at one place, or at its end.
//
// Edits of code show in what is built: they are in strings. Those of dependencies mean nothing.
type edit struct{ file, at, text string }

// JSON has no comments; white space makes another file too.
const blank = "\n"

// The examples, one for each language; behind them, published programs of a size that is usual.
var applications = []application{
	example("Go", "go-service", edit{"main.go", `"stopping`, "%s"}, edit{"go.mod", "", "\n// %s\n"}),
	example("Rust", "rust-service", edit{"src/main.rs", `"stopped`, "%s"}, edit{"Cargo.toml", "", "\n# %s\n"}),
	example("Python", "python-service", edit{"guestbook.py", `f"entry`, "%s"}, edit{"poetry.lock", "", "\n# %s\n"}),
	example("Node", "node-service", edit{"server.js", "no such port", "%s"}, edit{"package-lock.json", "", blank}),
	example("Java", "java-service", edit{harbour, `"authorities`, "%s"}, edit{"pom.xml", "", "\n<!-- %s -->\n"}),
	example("static", "static-vite", edit{"src/page.jsx", "the day before", "%s"}, edit{"package-lock.json", "", blank}),
	{
		byName: true, name: "Caddy", manifest: "bench/caddy.yaml", dockerfile: "bench/caddy.Dockerfile",
		fetch: module("github.com/caddyserver/caddy/v2@v2.10.2"),
		code:  edit{"caddy.go", "byeee", "%s"}, dependencies: edit{"go.mod", "", "\n// %s\n"},
	},
	{
		byName: true, name: "mdBook", manifest: "bench/mdbook.yaml", dockerfile: "bench/mdbook.Dockerfile",
		fetch: crate("mdbook", "0.4.52"),
		code:  edit{"src/book/mod.rs", `"Running the {} backend`, "%s"}, dependencies: edit{"Cargo.toml", "", "\n# %s\n"},
	},
}

const harbour = "src/main/java/org/example/harbour/Harbour.java"

// example is an application below examples/, with a Dockerfile of that name in bench/.
func example(name, directory string, code, dependencies edit) application {
	fetch := func(root, into string) error {
		return os.CopyFS(into, os.DirFS(filepath.Join(root, "examples", directory)))
	}
	manifest := filepath.Join("examples", directory, "cofferdam.yaml")
	dockerfile := filepath.Join("bench", directory+".Dockerfile")
	return application{name, manifest, dockerfile, fetch, code, dependencies, false}
}

// module fetches a Go module in a version as its proxy has it.
func module(version string) func(root, into string) error {
	return func(_, into string) error {
		var downloaded struct{ Dir string }
		cmd := exec.Command("go", "mod", "download", "-json", version)
		// Outside of any module, whose own file it would change.
		cmd.Dir = into
		if err := answered(cmd, &downloaded); err != nil {
			return err
		}
		return os.CopyFS(into, os.DirFS(downloaded.Dir))
	}
}

// crate fetches a crate in a version: Cargo unpacks what a package depends on.
func crate(name, version string) func(root, into string) error {
	return func(_, into string) error {
		asking, err := os.MkdirTemp("", "cofferdam-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(asking)
		manifest := fmt.Sprintf("[package]\nname = 'asking'\nversion = '0.0.0'\nedition = '2024'\n[lib]\npath = 'lib.rs'\n"+
			"[dependencies]\n%s = '=%s'\n", name, version)
		for file, text := range map[string]string{"Cargo.toml": manifest, "lib.rs": ""} {
			if err := os.WriteFile(filepath.Join(asking, file), []byte(text), 0o644); err != nil {
				return err
			}
		}
		var metadata struct {
			Packages []struct {
				Name         string
				ManifestPath string `json:"manifest_path"`
			}
		}
		cmd := exec.Command("cargo", "metadata", "--format-version=1")
		cmd.Dir = asking
		if err := answered(cmd, &metadata); err != nil {
			return err
		}
		for _, p := range metadata.Packages {
			if p.Name == name {
				return os.CopyFS(into, os.DirFS(filepath.Dir(p.ManifestPath)))
			}
		}
		return fmt.Errorf("cargo does not tell where it has %s", name)
	}
}

// answered reads what a command prints as JSON.
func answered(cmd *exec.Cmd, into any) error {
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return json.Unmarshal(out, into)
}
