package images

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// What images take over from the machine stands in this file and in clients.go: where
// packages come from, whom to trust, and how toolchains reach registries. Runtime images
// take nothing of it but the place of Debian's packages.

// bundle is where Debian keeps all certificates in one file.
const bundle = "/etc/ssl/certs/ca-certificates.crt"

// Machine is what images take over from the machine that builds them.
type Machine struct {
	// Sources are apt's sources for Suite.
	Sources []Source
	// Certificates are the machine's extra certificate authorities by file name.
	Certificates map[string]string
	// GoEnv and CargoConfig are how Go and Cargo reach their registries, where that is
	// not the default.
	GoEnv       []string
	CargoConfig string
	// PipConfig and NpmConfig are the same for pip and npm, as a pip.conf and an npmrc.
	PipConfig, NpmConfig string
	// MavenSettings are Maven's mirrors and proxies, the inside of a settings.xml.
	MavenSettings string
}

// Source is one of apt's package sources.
type Source struct {
	URI      string
	Suites   []string
	SignedBy string
}

// ReadMachine looks at the machine. It fails when no Debian source is configured.
func ReadMachine(ctx context.Context) (Machine, error) {
	sources, err := readSources("/etc/apt", codename("/etc/os-release"))
	if err != nil {
		return Machine{}, err
	}
	certificates, err := readCertificates("/usr/local/share/ca-certificates")
	if err != nil {
		return Machine{}, err
	}
	goEnv, err := readGoEnv(ctx)
	if err != nil {
		return Machine{}, err
	}
	return Machine{
		Sources: sources, Certificates: certificates,
		GoEnv: goEnv, CargoConfig: registryTables(readCargoConfig()),
		PipConfig: readPip(), NpmConfig: readNpm(), MavenSettings: readMaven(),
	}, nil
}

// TrustEnv returns the variables that make the usual clients read the system's bundle,
// and nothing on a machine without certificates of its own. more names those that only
// one toolchain knows.
func (m Machine) TrustEnv(more ...string) []string {
	if len(m.Certificates) == 0 {
		return nil
	}
	var env []string
	for _, name := range append([]string{"SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"}, more...) {
		env = append(env, name+"="+bundle)
	}
	return env
}

// certificateKey names the certificates for a cache key.
func (m Machine) certificateKey() string {
	var all []string
	for name, text := range m.Certificates {
		all = append(all, name+"\n"+text)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func codename(osRelease string) string {
	f, err := os.Open(osRelease)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VERSION_CODENAME="); ok {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

func readCertificates(dir string) (map[string]string, error) {
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".crt" {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "BEGIN CERTIFICATE") {
			found[filepath.Base(path)] = strings.TrimSpace(string(text)) + "\n"
		}
		return err
	})
	return found, err
}

func lookPath(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}
