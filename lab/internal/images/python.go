package images

import (
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/oci"
)

// pythonSeries is the Python of Debian's Suite, whose released source is compiled.
const pythonSeries = "3.13"

// olderSeries and its Debian release are those of a second Python.
const (
	olderSeries  = "3.11"
	olderRelease = "bookworm"
)

// compilePython makes /usr/local as the official image has it: a shared library that the
// interpreter finds beside itself, pip, and neither tests nor bytecode nor static
// libraries. Profile-guided optimisation, most of an hour, is left out.
func compilePython(fetch, series string) string {
	return fetch + `
fetch_source python` + series + ` /usr/src/python
./configure --build="$(dpkg-architecture --query DEB_BUILD_GNU_TYPE)" --enable-loadable-sqlite-extensions \
	--enable-option-checking=fatal --enable-shared --with-ensurepip --disable-test-modules
build() { make --silent --jobs "$(nproc)" EXTRA_CFLAGS=-g0 COMPILEALL_OPTS='-r 0' "$@"; }
build LDFLAGS=-Wl,--strip-all
rm python
build LDFLAGS="-Wl,--strip-all,-rpath='\$\$ORIGIN/../lib'" python
build LDFLAGS="-Wl,--strip-all,-rpath='\$\$ORIGIN/../lib'" install
cd /usr/local
find . -depth \( -type d \( -name test -o -name tests -o -name idle_test -o -name __pycache__ \) \
	-o -type f -name 'libpython*.a' \) -exec rm -r {} +
for name in idle pip pydoc python; do ln -s "${name}3" "bin/$name"; done
ln -s python3-config bin/python-config
ldconfig
export PYTHONDONTWRITEBYTECODE=1
bin/python -c 'import bz2, ctypes, curses, dbm.gnu, lzma, readline, sqlite3, ssl, uuid, zlib'
bin/pip --version
bin/python -c 'import platform; print(platform.python_version())' > /out/version
mkdir -p /out/root/usr /out/root/etc
rm -r share/ca-certificates
cp --archive /usr/local /out/root/usr/
cp /etc/ld.so.cache /out/root/etc/
`
}

var pythonGroup = pythonGroupOf("python", pythonSeries, compilePython(fetchSource, pythonSeries))

var olderPythonGroup = pythonGroupOf("python"+olderSeries, olderSeries, compilePython(fetchSourceOf(olderRelease), olderSeries))

func pythonGroupOf(name, series, compile string) group {
	return group{
		name:    name,
		usual:   "about 3 min",
		missing: always,
		inputs: func(_ context.Context, w *Workshop) ([]string, error) {
			return slices.Concat([]string{"python 2", compile, w.Machine.PipConfig}, w.toolchainInputs()), nil
		},
		before: standOnBoth,
		build: func(ctx context.Context, w *Workshop, l oci.Layout) error {
			return buildPython(ctx, w, l, series, compile)
		},
	}
}

func buildPython(ctx context.Context, w *Workshop, l oci.Layout, series, compile string) error {
	on, err := w.toolchain(ctx)
	if err != nil {
		return err
	}
	work := filepath.Join(l.Dir, "work")
	defer os.RemoveAll(work)
	// The packages are the base's, so that the linker's cache made here is right there.
	out, err := w.workroom(ctx, work, toolchainPackages, compile)
	if err != nil {
		return err
	}
	version, err := builtVersion(out, series+".")
	if err != nil {
		return err
	}
	tree := oci.NewTree(newest)
	if err := tree.AddDir(filepath.Join(out, "root"), "", everything, nil); err != nil {
		return err
	}
	if w.Machine.PipConfig != "" {
		if err := tree.File("etc/pip.conf", 0o644, []byte(w.Machine.PipConfig)); err != nil {
			return err
		}
	}
	config := oci.Config{
		Env: slices.Concat([]string{"PATH=/usr/local/bin:" + strings.TrimPrefix(systemPath, "PATH="), "PYTHON_VERSION=" + version},
			w.Machine.TrustEnv("PIP_CERT", "REQUESTS_CA_BUNDLE")),
		Cmd: []string{"python3"},
	}
	names := pythonTags(series, version)
	return errors.Join(
		on.image(l, gzip.BestSpeed, tree, config, names),
		w.slimImage(ctx, l, tree, config, slimTags(names)),
	)
}

// pythonTags returns the names of a Python, of which the newest has those without its series.
func pythonTags(series, version string) []string {
	names := tags("library/python", version)
	if series == pythonSeries {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(name, ":"+series) })
}
