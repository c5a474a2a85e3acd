package images

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cofferdam/lab/internal/oci"
)

func TestSourcesAreAskedForTheImagesReleaseFromTheSamePlace(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "sources.list.d"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "sources.list"), []byte(
		"# deb http://commented.example bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://lines.example/debian bookworm main contrib\ndeb-src http://src.example bookworm main\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "sources.list.d", "debian.sources"), []byte(
		"Types: deb\n# a comment: with a colon\nURIs: http://a.example/debian\nSuites: bookworm bookworm-updates bookworm-backports\nComponents: main\nSigned-By: /a.gpg\n\nTypes: deb\nURIs: http://a.example/security\nSuites: bookworm-security\nComponents: main\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "sources.list.d", "vendor.sources"), []byte(
		"Types: deb\nURIs: http://vendor.example\nSuites: nodistro\nComponents: main\n\nTypes: deb\nEnabled: no\nURIs: http://off.example\nSuites: bookworm\nComponents: main\n"), 0o644))
	got, err := readSources(dir, "bookworm")
	must(t, err)
	want := []string{
		"deb [signed-by=/k.gpg] http://lines.example/debian trixie main",
		"deb [signed-by=/a.gpg] http://a.example/debian trixie main",
		"deb [signed-by=/a.gpg] http://a.example/debian trixie-updates main",
		"deb [signed-by=" + keyring + "] http://a.example/security trixie-security main",
	}
	if !slices.Equal(lines(got), want) {
		t.Errorf("sources\n%s\nwant\n%s", strings.Join(lines(got), "\n"), strings.Join(want, "\n"))
	}
	if _, err := readSources(dir, "forky"); err == nil {
		t.Error("a release without sources gave no error")
	}
}

func TestTrustIsOnlySpelledOutWhereTheMachineHasCertificates(t *testing.T) {
	if env := (Machine{}).TrustEnv("CARGO_HTTP_CAINFO"); env != nil {
		t.Errorf("a plain machine gives %v", env)
	}
	m := Machine{Certificates: map[string]string{"a.crt": "x"}}
	if env := m.TrustEnv("CARGO_HTTP_CAINFO"); !slices.Contains(env, "CARGO_HTTP_CAINFO="+bundle) || !slices.Contains(env, "SSL_CERT_FILE="+bundle) {
		t.Errorf("env %v", env)
	}
}

func TestCertificatesAreReadFromBelowAndOnlyCertificates(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "sub", "ca.crt"), []byte("-----BEGIN CERTIFICATE-----\n\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "empty.crt"), nil, 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "key.pem"), []byte("-----BEGIN PRIVATE KEY-----"), 0o644))
	got, err := readCertificates(dir)
	must(t, err)
	if len(got) != 1 || got["ca.crt"] != "-----BEGIN CERTIFICATE-----\n" {
		t.Errorf("certificates %q", got)
	}
	if got, err := readCertificates(filepath.Join(dir, "absent")); err != nil || len(got) != 0 {
		t.Errorf("no directory: %v, %v", got, err)
	}
}

func TestDocumentationGoesAndLicencesStay(t *testing.T) {
	for name, want := range map[string]bool{
		"usr/share/doc/": true, "usr/share/doc/base-files/": true, "usr/share/doc/base-files/copyright": true,
		"usr/share/doc/base-files/examples/copyright": false, "usr/share/doc/base-files/README": false,
		"usr/share/man/man1/ls.1.gz": false, "usr/bin/tool": true, "usr/share/zoneinfo/UTC": true,
	} {
		if shipped(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestOfficialTagsOfAVersion(t *testing.T) {
	want := []string{"library/rust:1.95.0", "library/rust:1.95.0-trixie", "library/rust:1.95", "library/rust:1.95-trixie", "library/rust:1", "library/rust:1-trixie", "library/rust:latest", "library/rust:trixie"}
	if got := tags("library/rust", "1.95.0"); !slices.Equal(got, want) {
		t.Errorf("tags %v", got)
	}
}

func TestGoKeepsItsProgramsExecutable(t *testing.T) {
	for rel, want := range map[string]int64{"bin/go": 0o755, "pkg/tool/linux_amd64/compile": 0o755, "src/fmt/print.go": 0o644, "src/make.bash": 0o644} {
		if got := goMode(rel, 0); got != want {
			t.Errorf("%s: %o, want %o", rel, got, want)
		}
	}
	if goPart("test/fixedbugs") || goPart("testdata") || !goPart("src/test/x") || !goPart("go.env") {
		t.Error("the wrong parts of Go come along")
	}
}

func TestBundleIsSortedAndNeverEmpty(t *testing.T) {
	tree := oci.NewTree(time.Unix(0, 0))
	if _, err := joinCertificates(tree); err == nil {
		t.Error("an empty bundle was made")
	}
	must(t, tree.File("usr/share/ca-certificates/mozilla/b.crt", 0o644, []byte("B\n\n")))
	must(t, tree.File("usr/share/ca-certificates/mozilla/a.crt", 0o644, []byte("A")))
	must(t, tree.File("usr/share/other.crt", 0o644, []byte("no")))
	if got, err := joinCertificates(tree); err != nil || string(got) != "A\nB\n" {
		t.Errorf("bundle %q, %v", got, err)
	}
}

func TestGroupsOfImagesAreChecked(t *testing.T) {
	if got, err := Parse("rust, go"); err != nil || !slices.Equal(got, []string{"rust", "go"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Parse("none"); err != nil || len(got) != 0 {
		t.Errorf("none: %v, %v", got, err)
	}
	if _, err := Parse("go,cobol"); err == nil || !strings.Contains(err.Error(), "cobol") || !strings.Contains(err.Error(), "distroless") {
		t.Errorf("error %v", err)
	}
	if got, _ := Parse("all"); len(got) != len(groups) {
		t.Errorf("all: %v", got)
	}
}

func TestCacheKeysDoNotRunInputsTogether(t *testing.T) {
	if key([]string{"ab", "c"}) == key([]string{"a", "bc"}) {
		t.Error("different inputs, one key")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
