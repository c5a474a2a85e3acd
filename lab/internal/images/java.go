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
)

const (
	javaHome     = "/opt/java/openjdk"
	usualJava    = "21"
	mavenVersion = "3.9.16"
)

// assembleJava makes a JDK that Debian compiled a tree that stands on its own, as the
// official one is: no links out of it, its own certificates, and the libraries of the
// system that it was linked to. Maven brings Maven's own release.
func assembleJava(release string) string {
	return `
out=/out/root
mkdir -p $out` + javaHome + ` ` + javaHome + `
cd /usr/lib/jvm/java-` + release + `-openjdk-amd64
rm -rf docs man lib/src.zip
cp --recursive --dereference . ` + javaHome + `
cd ` + javaHome + `
bin/java -Xshare:dump
cp --archive . $out` + javaHome + `
ldd lib/*.so lib/server/*.so | sed -n 's,.* => \(/lib/[^ ]*\) .*,\1,p' | sort -u > /tmp/linked
grep -E '/lib(asound|brotli|bz2|expat|fontconfig|freetype|glib|graphite2|harfbuzz|jpeg|lcms2|pcre2|pcsclite|png)' /tmp/linked |
	while read -r library; do
		cp --parents --no-dereference "/usr$library" "$out"
		cp --parents "$(realpath "$library")" "$out"
	done
sed -n 's/^JAVA_RUNTIME_VERSION="\([0-9.+]*\).*/\1/p' release > /out/version
mvn --batch-mode --quiet --strict-checksums --global-settings /tmp/settings.xml dependency:copy \
	-Dartifact=org.apache.maven:apache-maven:` + mavenVersion + `:tar.gz:bin -DoutputDirectory=/tmp
mkdir -p /out/maven/usr/share /out/maven/usr/bin
tar --extract --directory /out/maven/usr/share --file /tmp/apache-maven-` + mavenVersion + `-bin.tar.gz
mv /out/maven/usr/share/apache-maven-` + mavenVersion + ` /out/maven/usr/share/maven
ln -s /usr/share/maven/bin/mvn /out/maven/usr/bin/mvn
`
}

// javaPackages hold the JDK, what it opens only when asked to draw, and a Maven to fetch
// Maven's release with.
func javaPackages(release string) []string {
	return []string{
		"fontconfig", "libasound2t64", "libfreetype6", "libharfbuzz0b", "maven", "openjdk-" + release + "-jdk-headless",
	}
}

// javaGroup is one of the releases that Debian's Suite has.
func javaGroup(name, release string) group {
	return group{
		name:    name,
		usual:   "about 90 s",
		missing: always,
		inputs: func(_ context.Context, w *Workshop) ([]string, error) {
			return slices.Concat([]string{"java 3", assembleJava(release), w.Machine.MavenSettings}, javaPackages(release), w.toolchainInputs()), nil
		},
		before: standOnToolchain,
		build: func(ctx context.Context, w *Workshop, l oci.Layout) error {
			return buildJava(ctx, w, l, release)
		},
	}
}

func buildJava(ctx context.Context, w *Workshop, l oci.Layout, release string) error {
	on, err := w.toolchain(ctx)
	if err != nil {
		return err
	}
	work := filepath.Join(l.Dir, "work")
	defer os.RemoveAll(work)
	settings := "cat > /tmp/settings.xml <<'END'\n" + w.mavenSettings() + "END\n"
	out, err := w.workroom(ctx, work, javaPackages(release), settings+assembleJava(release))
	if err != nil {
		return err
	}
	version, err := builtVersion(out, release+".")
	if err != nil {
		return err
	}
	config := oci.Config{
		Env: slices.Concat([]string{
			pathWith(javaHome + "/bin"), "JAVA_HOME=" + javaHome, "JAVA_VERSION=jdk-" + version, "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
		}, w.Machine.TrustEnv()),
		Cmd: []string{"jshell"},
	}
	tree, err := jdkTree(filepath.Join(out, "root"))
	if err != nil {
		return err
	}
	jdk, err := on.add(l, gzip.BestSpeed, tree)
	if err != nil {
		return err
	}
	if err := jdk.tag(config, javaTags(release, version)); err != nil {
		return err
	}
	maven, err := w.mavenTree(filepath.Join(out, "maven"))
	if err != nil {
		return err
	}
	config.Env = append(config.Env, "MAVEN_HOME=/usr/share/maven", "MAVEN_CONFIG=/root/.m2")
	config.Cmd = []string{"mvn"}
	return jdk.image(l, gzip.BestSpeed, maven, config, mavenTags(release))
}

func jdkTree(dir string) (*oci.Tree, error) {
	const truststore = javaHome + "/lib/security/cacerts"
	text, err := os.ReadFile(filepath.Join(dir, truststore))
	if err != nil {
		return nil, err
	}
	dated, err := dateTruststore(text, newest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", truststore, err)
	}
	tree := oci.NewTree(newest)
	if err := tree.AddDir(dir, "", everything, nil); err != nil {
		return nil, err
	}
	return tree, tree.File(truststore, 0o644, dated)
}

func (w *Workshop) mavenTree(dir string) (*oci.Tree, error) {
	tree := oci.NewTree(newest)
	if err := tree.AddDir(dir, "", everything, nil); err != nil || w.Machine.MavenSettings == "" {
		return tree, err
	}
	return tree, tree.File("usr/share/maven/conf/settings.xml", 0o644, []byte(w.mavenSettings()))
}

func javaTags(release, version string) []string {
	version = strings.ReplaceAll(version, "+", "_")
	var names []string
	for _, tag := range []string{release, version} {
		names = append(names, "library/eclipse-temurin:"+tag, "library/eclipse-temurin:"+tag+"-jdk")
	}
	return names
}

// mavenTags returns the names of Maven's image over a JDK, of which one is the default.
func mavenTags(release string) []string {
	var names []string
	for _, name := range versionTags("library/maven", mavenVersion) {
		if strings.HasSuffix(name, "-"+Suite) {
			continue
		}
		names = append(names, name+"-eclipse-temurin-"+release)
		if release == usualJava {
			names = append(names, name)
		}
	}
	if release == usualJava {
		names = append(names, "library/maven:latest")
	}
	return names
}

// mavenSettings is a settings.xml with the machine's mirrors, if it has some.
func (w *Workshop) mavenSettings() string {
	return "<settings>\n" + w.Machine.MavenSettings + "</settings>\n"
}
