// Package place decides where the lab keeps its cache and the state of each instance.
package place

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// modulePath is how the lab's own directory is recognised.
const modulePath = "cofferdam/lab"

// maxSocketPath is the kernel's limit for the path of a unix socket, less the final NUL.
const maxSocketPath = 107

var nameShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// Cache is the directory that every checkout on this machine shares.
type Cache struct{ Root string }

// Instance is the state of one checkout's registry and daemons.
type Instance struct {
	ID   string
	Root string
}

// OpenCache returns the shared cache: COFFERDAM_LAB_CACHE, else below XDG_CACHE_HOME,
// else below ~/.cache. It fails when no home directory is known.
func OpenCache() (Cache, error) {
	if dir := os.Getenv("COFFERDAM_LAB_CACHE"); dir != "" {
		abs, err := filepath.Abs(dir)
		return Cache{abs}, err
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return Cache{}, fmt.Errorf("no place for the cache: %w", err)
	}
	return Cache{filepath.Join(base, "cofferdam", "lab")}, nil
}

// Entry returns the directory of one cached thing, e.g. Entry("bin", "buildkit", key).
func (c Cache) Entry(kind, name, key string) string {
	return filepath.Join(c.Root, kind, name+"-"+key)
}

// Instance returns the instance of an id, or of the checkout when id is empty.
func (c Cache) Instance(id, moduleDir string) (Instance, error) {
	if id == "" {
		sum := sha256.Sum256([]byte(moduleDir))
		id = hex.EncodeToString(sum[:5])
	}
	if err := CheckName(id); err != nil {
		return Instance{}, err
	}
	in := Instance{ID: id, Root: filepath.Join(c.Root, "run", id)}
	if n := len(in.Daemon("a-name-of-15-chr")) + len("/buildkitd.sock"); n > maxSocketPath {
		return Instance{}, fmt.Errorf("%s is too long for unix sockets; set COFFERDAM_LAB_CACHE to a shorter directory", in.Root)
	}
	return in, nil
}

// Claim writes down which checkout the instance belongs to.
func (i Instance) Claim(moduleDir string) error {
	return os.WriteFile(filepath.Join(i.Root, "checkout"), []byte(moduleDir+"\n"), 0o644)
}

// Abandoned returns the instances whose checkout is gone. Those that no checkout claimed
// are left alone.
func (c Cache) Abandoned() ([]Instance, error) {
	claims, err := filepath.Glob(filepath.Join(c.Root, "run", "*", "checkout"))
	var gone []Instance
	for _, claim := range claims {
		text, err := os.ReadFile(claim)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(strings.TrimSpace(string(text))); !errors.Is(err, os.ErrNotExist) {
			continue
		}
		root := filepath.Dir(claim)
		gone = append(gone, Instance{ID: filepath.Base(root), Root: root})
	}
	return gone, err
}

// Daemon returns the state directory of one of the instance's daemons.
func (i Instance) Daemon(name string) string { return filepath.Join(i.Root, "daemon", name) }

// Daemons lists the names of all daemons that have state, in order.
func (i Instance) Daemons() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(i.Root, "daemon"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// Registry returns the state directory of the instance's registry.
func (i Instance) Registry() string { return filepath.Join(i.Root, "registry") }

// CheckName refuses names that cannot be a directory, a builder and a container at once.
func CheckName(name string) error {
	if !nameShape.MatchString(name) {
		return fmt.Errorf("the name %q must match %s", name, nameShape)
	}
	return nil
}

// ModuleDir walks up from dir to the lab's module and returns its directory, with
// symbolic links resolved so that one checkout has one instance.
func ModuleDir(dir string) (string, error) {
	start, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		for _, candidate := range []string{at, filepath.Join(at, "lab")} {
			if declares(filepath.Join(candidate, "go.mod")) {
				return candidate, nil
			}
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not inside a checkout: no go.mod of module %s above it", start, modulePath)
		}
	}
}

func declares(goMod string) bool {
	f, err := os.Open(goMod)
	if err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.TrimSpace(name) == modulePath
		}
	}
	return false
}
