package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/proc"
)

// fetchSource is a function for workroom scripts: it unpacks a Debian source package as
// its authors released it, checked by apt, into a directory.
const fetchSource = `fetch_source() {
	find /etc/apt -name '*.list' -exec sed 's/^deb /deb-src /' {} + > /tmp/source.list
	mv /tmp/source.list /etc/apt/sources.list.d/
	apt-get -q update
	mkdir -p "$2" /tmp/source
	cd /tmp/source
	apt-get -q source --download-only --tar-only "$1"
	tar --extract --strip-components=1 --directory "$2" --file "$1"_*.orig.tar.*
	cd "$2"
}
`

// fetchSourceOf is the same for a source package of another Debian release.
func fetchSourceOf(release string) string {
	return strings.Replace(fetchSource, "s/^deb /deb-src /", "s/^deb /deb-src /; s/"+Suite+"/"+release+"/", 1)
}

// workroom runs a script in a throw-away Debian of the given packages, with the machine's
// extra certificates, and returns the directory that holds what the script left in /out.
// So recipes compile and fetch with ordinary tools that the machine itself need not have.
func (w *Workshop) workroom(ctx context.Context, dir string, packages []string, script string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "script.sh")
	if err := os.WriteFile(file, []byte(w.workroomScript(script)), 0o644); err != nil {
		return "", err
	}
	options := slices.Concat([]string{"--format=null"}, w.trustHooks(), []string{
		fmt.Sprintf("--customize-hook=upload '%s' /tmp/script.sh", file),
		`--customize-hook=chroot "$1" env --ignore-environment sh -eu /tmp/script.sh`,
		fmt.Sprintf("--customize-hook=copy-out /out '%s'", dir),
	})
	return filepath.Join(dir, "out"), proc.Run(w.debootstrap(ctx, append(slices.Clip(packages), "ca-certificates"), options...))
}

// builtVersion reads what a workroom's script wrote into /out/version, the program's own
// word, which must begin as expected.
func builtVersion(out, begin string) (string, error) {
	text, err := os.ReadFile(filepath.Join(out, "version"))
	if err != nil {
		return "", err
	}
	version := strings.TrimSpace(string(text))
	if !strings.HasPrefix(version, begin) {
		return "", fmt.Errorf("the program built says that it is version %q, not %s…", version, begin)
	}
	return version, nil
}

// workroomScript puts in front of a script what holds for all of them.
func (w *Workshop) workroomScript(script string) string {
	env := append([]string{
		systemPath, "HOME=/root", "LC_ALL=C.UTF-8", fmt.Sprintf("SOURCE_DATE_EPOCH=%d", newest.Unix()),
	}, w.Machine.TrustEnv("NODE_EXTRA_CA_CERTS")...)
	return "export " + strings.Join(env, " ") + "\numask 022\nmkdir /out\n" + script
}
