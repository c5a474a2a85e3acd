package images

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cofferdam/lab/internal/oci"
)

func TestWorkroomScriptsStartTheSameAndTrustTheMachinesAuthorities(t *testing.T) {
	w := &Workshop{}
	if got := w.workroomScript("true\n"); !strings.HasSuffix(got, "\numask 022\nmkdir /out\ntrue\n") || strings.Contains(got, bundle) {
		t.Errorf("script %q", got)
	}
	w.Machine.Certificates = map[string]string{"a.crt": "x"}
	if got := w.workroomScript(""); !strings.Contains(got, "NODE_EXTRA_CA_CERTS="+bundle) {
		t.Errorf("script %q", got)
	}
}

func TestWhatWasBuiltMustBeWhatWasMeant(t *testing.T) {
	out := t.TempDir()
	must(t, os.WriteFile(filepath.Join(out, "version"), []byte("3.13.5\n"), 0o644))
	if got, err := builtVersion(out, "3.13."); err != nil || got != "3.13.5" {
		t.Errorf("version %q, %v", got, err)
	}
	if _, err := builtVersion(out, "3.12."); err == nil {
		t.Error("another version was taken")
	}
}

func TestAccountsAreAddedToThoseOfTheBase(t *testing.T) {
	at := time.Unix(0, 0)
	under := oci.NewTree(at)
	must(t, under.File("etc/passwd", 0o644, []byte("root:x:0:0\n")))
	must(t, under.File("etc/group", 0o644, []byte("root:x:0:\n")))
	must(t, under.File("etc/shadow", 0o640, []byte("root:*:1:::::::\n")))
	layout, err := oci.Create(t.TempDir())
	must(t, err)
	layer, err := layout.Write(gzip.BestSpeed, under.Write)
	must(t, err)
	manifest, err := layout.Image(amd64, oci.Config{}, []oci.Layer{layer})
	must(t, err)
	must(t, layout.Tag([]oci.Descriptor{manifest}, "a/base:1"))
	layers, err := layout.Layers("a/base:1")
	must(t, err)
	if !slices.Equal([]string{layers[0].DiffID, layers[0].Blob.Digest}, []string{layer.DiffID, layer.Blob.Digest}) {
		t.Errorf("layers %v, want %v", layers, layer)
	}
	tree := oci.NewTree(at)
	must(t, base{layout, layers}.addAccount(tree, account{"app", 7, "/home/app", "/bin/sh"}))
	for name, want := range map[string]string{
		"etc/passwd": "root:x:0:0\napp:x:7:7::/home/app:/bin/sh\n",
		"etc/group":  "root:x:0:\napp:x:7:\n",
		"etc/shadow": "root:*:1:::::::\napp:!:::::::\n",
	} {
		if got, err := tree.Read(name); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	if _, err := layout.Layers("a/other:1"); err == nil {
		t.Error("an image that is not there has layers")
	}
}

func TestNpmPackagesAreLaidOutAsNpmDoes(t *testing.T) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	out := tar.NewWriter(zip)
	for name, content := range map[string]string{"package/bin/tool.js": "#!/usr/bin/env node\n", "package/index.js": "x", "package/package.json": "{}"} {
		must(t, out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(content))}))
		_, err := out.Write([]byte(content))
		must(t, err)
	}
	must(t, out.Close())
	must(t, zip.Close())
	file := filepath.Join(t.TempDir(), "tool-1.0.0.tgz")
	must(t, os.WriteFile(file, packed.Bytes(), 0o644))
	tree := oci.NewTree(time.Unix(0, 0))
	must(t, addPacked(tree, file, "opt/tool"))
	if got, want := strings.Join(tree.Names(), " "), "opt opt/tool opt/tool/bin opt/tool/bin/tool.js opt/tool/index.js opt/tool/package.json"; got != want {
		t.Errorf("files %q, want %q", got, want)
	}
	top := oci.NewTree(time.Unix(0, 0))
	must(t, addPacked(top, file, "usr/local"))
	if slices.Contains(top.Names(), "usr/local/package.json") {
		t.Error("all of /usr/local became a package")
	}
}

func TestEachPackageIsFetchedOnce(t *testing.T) {
	packages := nodePackages()
	if !slices.IsSorted(packages) || len(slices.Compact(slices.Clone(packages))) != len(packages) {
		t.Errorf("packages %v", packages)
	}
}

func TestOnlyTheNewestNodeIsLatest(t *testing.T) {
	seen := map[string]string{}
	for i, r := range nodeReleases {
		for _, name := range r.tags(i == len(nodeReleases)-1) {
			if other := seen[name]; other != "" {
				t.Errorf("%s names both %s and %s", name, other, r.node)
			}
			seen[name] = r.node
		}
	}
	newest := nodeReleases[len(nodeReleases)-1].node
	if seen["library/node:latest"] != newest || seen["library/node:lts"] != newest || seen["library/node:22"] == "" {
		t.Errorf("tags %v", seen)
	}
}

func TestJavaAndMavenTags(t *testing.T) {
	want := []string{"library/eclipse-temurin:21", "library/eclipse-temurin:21-jdk", "library/eclipse-temurin:21.0.9_10", "library/eclipse-temurin:21.0.9_10-jdk"}
	if got := javaTags("21", "21.0.9+10"); !slices.Equal(got, want) {
		t.Errorf("java %v", got)
	}
	got, other := mavenTags(usualJava), mavenTags("25")
	if !slices.Contains(other, "library/maven:3.9-eclipse-temurin-25") || slices.ContainsFunc(other, func(name string) bool {
		return slices.Contains(got, name)
	}) {
		t.Errorf("maven on another JDK: %v", other)
	}
	for _, name := range []string{"library/maven:3.9-eclipse-temurin-21", "library/maven:3", "library/maven:" + mavenVersion} {
		if !slices.Contains(got, name) {
			t.Errorf("maven lacks %s: %v", name, got)
		}
	}
	for _, name := range got {
		if strings.Contains(name, Suite) {
			t.Errorf("no official image of Maven is called %s", name)
		}
	}
}

func TestSlimImagesHaveTheNamesOfOfficialOnes(t *testing.T) {
	got := slimTags(tags("library/python", "3.13"))
	want := []string{
		"library/python:3.13-slim", "library/python:3.13-slim-trixie", "library/python:3-slim",
		"library/python:3-slim-trixie", "library/python:slim", "library/python:slim-trixie",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
