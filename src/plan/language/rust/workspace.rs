//! A Cargo workspace as planning sees it: packages, their targets, and a skeleton that compiles without source.
//!
//! The manifests' grammar is that of "The Cargo Book", "The Manifest Format" and "Cargo Targets".

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::facts::literal;
use crate::name::ContextPath;
use crate::plan::node::FileEdit;

/// A package of the workspace.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Package {
    /// The directory of its `Cargo.toml`.
    pub(super) directory: ContextPath,
    /// Its name.
    pub(super) name: String,
    manifest: Table,
}

/// The files that tell which targets packages have.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    files: BTreeSet<ContextPath>,
}

/// Reads a manifest; the error is the parser's message.
pub(super) fn parse(bytes: &[u8]) -> Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    text.parse::<Table>().map_err(|error| error.message().to_owned())
}

/// Whether a manifest is the root of a workspace.
pub(super) fn is_workspace(manifest: &Table) -> bool {
    manifest.contains_key("workspace")
}

/// The directories that a configuration puts in place of registries ("The Cargo Book", "Source Replacement").
pub(super) fn vendored(root: &ContextPath, bytes: &[u8]) -> Vec<ContextPath> {
    let configuration = parse(bytes).unwrap_or_default();
    let sources = configuration.get("source").and_then(Value::as_table);
    let directories =
        sources.into_iter().flat_map(Table::values).filter_map(|source| source.get("directory"));
    directories.filter_map(Value::as_str).filter_map(|path| root.join(path).ok()).collect()
}

impl Package {
    /// The package of a manifest; a virtual workspace has none.
    pub(super) fn new(directory: ContextPath, manifest: Table) -> Option<Package> {
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        is_name(&name).then_some(Package { directory, name, manifest })
    }

    /// The names of the package's programs, by declaration and by convention.
    pub(super) fn programs(&self, layout: &Layout) -> BTreeSet<String> {
        let declared = self.targets("bin").filter_map(|bin| bin.get("name")?.as_str());
        let mut names: BTreeSet<String> = declared.map(str::to_owned).collect();
        if self.setting("autobins") != Some(false) {
            let paths = self.targets("bin").filter_map(|bin| bin.get("path")?.as_str());
            let taken: BTreeSet<ContextPath> =
                paths.filter_map(|path| self.directory.join(path).ok()).collect();
            let free = |path: &str| self.directory.join(path).is_ok_and(|path| !taken.contains(&path));
            if layout.has(&self.directory, "src/main.rs") && free("src/main.rs") {
                names.insert(self.name.clone());
            }
            let found = layout.programs_of(&self.directory).filter(|(path, _)| free(path.as_str()));
            names.extend(found.map(|(_, name)| name));
        }
        names.retain(|name| is_name(name));
        names
    }

    /// Where its source is at home, as it says itself.
    pub(super) fn repository(&self) -> Option<&str> {
        self.package("repository")?.as_str()
    }

    /// The program that `cargo run` would start, where there are several.
    pub(super) fn default_program(&self) -> &str {
        self.package("default-run").and_then(Value::as_str).unwrap_or(&self.name)
    }

    /// Stubs for every target, so that cargo accepts the manifest and builds nothing of the package's own.
    pub(super) fn stubs(&self, layout: &Layout, root: &str) -> Vec<FileEdit> {
        let mut stubs: BTreeMap<String, &str> = BTreeMap::new();
        let mut stub = |path: &str, content| _ = stubs.insert(path.to_owned(), content);
        for file in layout.of(&self.directory) {
            stub(file.as_str(), if file.file_name() == "lib.rs" { LIBRARY } else { PROGRAM });
        }
        for kind in ["bin", "example", "test", "bench"] {
            let paths = self.targets(kind).filter_map(|target| target.get("path")?.as_str());
            paths.for_each(|path| stub(path, PROGRAM));
            let unplaced = self.targets(kind).filter(|target| target.get("path").is_none() && kind != "bin");
            for name in unplaced.filter_map(|target| target.get("name")?.as_str()) {
                let directory = if kind == "bench" { "benches".to_owned() } else { format!("{kind}s") };
                stub(&format!("{directory}/{name}.rs"), PROGRAM);
            }
        }
        let library = self.manifest.get("lib").and_then(|lib| lib.get("path")?.as_str());
        library.into_iter().for_each(|path| stub(path, LIBRARY));
        if let Some(path) = self.package("build").and_then(Value::as_str) {
            stub(path, PROGRAM);
        }
        let inside =
            stubs.into_iter().filter_map(|(path, content)| Some((self.directory.join(&path).ok()?, content)));
        inside
            .map(|(path, content)| FileEdit::File {
                path: format!("{root}/{path}"),
                mode: 0o644,
                content: content.as_bytes().to_vec(),
            })
            .collect()
    }

    fn package(&self, key: &str) -> Option<&Value> {
        self.manifest.get("package")?.get(key)
    }

    fn setting(&self, key: &str) -> Option<bool> {
        self.package(key)?.as_bool()
    }

    fn targets(&self, kind: &str) -> impl Iterator<Item = &Table> {
        self.manifest.get(kind).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
    }
}

/// A library that has nothing in it.
const LIBRARY: &str = "";
/// A program that does nothing; a build script likewise.
const PROGRAM: &str = "fn main() {}\n";

impl Layout {
    /// The patterns of the files that make a layout, below a directory.
    pub(super) fn patterns(root: &ContextPath) -> Vec<String> {
        let below = |pattern: &str| match root.is_root() {
            true => pattern.to_owned(),
            false => format!("{}/{pattern}", literal(root)),
        };
        ["**/src/lib.rs", "**/src/main.rs", "**/src/bin/*.rs", "**/src/bin/*/main.rs", "**/build.rs"]
            .map(below)
            .into()
    }

    /// Adds files that match one of the patterns.
    pub(super) fn extend(&mut self, files: &BTreeSet<ContextPath>) {
        self.files.extend(files.iter().cloned());
    }

    fn has(&self, directory: &ContextPath, file: &str) -> bool {
        directory.join(file).is_ok_and(|path| self.files.contains(&path))
    }

    /// The conventional files of one package, relative to its directory.
    fn of(&self, directory: &ContextPath) -> impl Iterator<Item = ContextPath> {
        let build = directory.join("build.rs").ok().filter(|path| self.files.contains(path));
        let source = directory.join("src").ok();
        // The first name below `src` that a pattern can match; so the way does not lead through other packages.
        let first = directory.join("src/bin").unwrap_or_default();
        let files = self.files.range(first..).cloned();
        let files =
            files.take_while(move |path| source.as_ref().is_some_and(|source| path.is_within(source)));
        let directory = directory.clone();
        build.into_iter().chain(files).filter_map(move |path| path.relative_to(&directory))
    }

    /// The programs below `src/bin`, with their files relative to the package's directory.
    fn programs_of(&self, directory: &ContextPath) -> impl Iterator<Item = (ContextPath, String)> {
        self.of(directory).filter_map(|path| {
            let rest = path.as_str().strip_prefix("src/bin/")?;
            let name = rest.strip_suffix("/main.rs").or(rest.strip_suffix(".rs"))?.to_owned();
            Some((path, name))
        })
    }
}

/// Whether a name is one that cargo allows; anything else never reaches a command line.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.len() <= 128
        && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ContextPath {
        ContextPath::parse(text).unwrap()
    }

    fn package(manifest: &str) -> Package {
        Package::new(path("crates/cli"), parse(manifest.as_bytes()).unwrap()).unwrap()
    }

    fn layout(files: &[&str]) -> Layout {
        let mut layout = Layout::default();
        layout.extend(&files.iter().map(|file| path(file)).collect());
        layout
    }

    #[test]
    fn programs_are_found_by_declaration_and_by_convention() {
        let layout =
            layout(&["crates/cli/src/main.rs", "crates/cli/src/bin/a.rs", "crates/cli/src/bin/b/main.rs"]);
        let cli = package("[package]\nname = \"cli\"\n[[bin]]\nname = \"extra\"\npath = \"x.rs\"\n");
        assert_eq!(cli.programs(&layout).into_iter().collect::<Vec<_>>(), ["a", "b", "cli", "extra"]);
        let named = package("[package]\nname = \"cli\"\n[[bin]]\nname = \"acme\"\npath = \"src/main.rs\"\n");
        assert_eq!(named.programs(&layout).into_iter().collect::<Vec<_>>(), ["a", "acme", "b"]);
    }

    #[test]
    fn a_file_that_is_declared_is_not_found_again_under_another_name() {
        let layout = layout(&["crates/cli/src/bin/foo.rs", "crates/cli/src/bin/a.rs"]);
        let cli =
            package("[package]\nname = \"cli\"\n[[bin]]\nname = \"renamed\"\npath = \"./src/bin/foo.rs\"\n");
        assert_eq!(cli.programs(&layout).into_iter().collect::<Vec<_>>(), ["a", "renamed"]);
        let odd = package(
            "[package]\nname = \"cli\"\nautobins = false\n[[bin]]\nname = \"a *\"\npath = \"x.rs\"\n",
        );
        assert!(odd.programs(&layout).is_empty(), "no word of the shell is a program's name");
    }

    #[test]
    fn stubs_cover_every_target_and_stay_inside() {
        let layout = layout(&[
            "crates/cli-x/src/lib.rs",
            "crates/cli/build.rs",
            "crates/cli/src/lib.rs",
            "crates/other/src/lib.rs",
        ]);
        let cli = package(
            "[package]\nname = \"cli\"\n[[bench]]\nname = \"speed\"\n[[bin]]\nname = \"x\"\npath = \"../../../etc/x.rs\"\n",
        );
        let stubs = cli.stubs(&layout, "");
        let paths: Vec<&str> = stubs
            .iter()
            .map(|stub| match stub {
                FileEdit::File { path, .. } => path.as_str(),
                _ => "",
            })
            .collect();
        assert_eq!(paths, ["/crates/cli/benches/speed.rs", "/crates/cli/build.rs", "/crates/cli/src/lib.rs"]);
    }

    #[test]
    fn vendored_crates_are_found() {
        let text = b"[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"third/vendor\"\n";
        assert_eq!(vendored(&path("crates"), text), [path("crates/third/vendor")]);
        assert!(vendored(&path("a"), b"[source.x]\ndirectory = \"/etc\"\n").is_empty());
        assert!(vendored(&path("a"), b"junk [").is_empty());
    }

    #[test]
    fn junk_is_an_error_not_a_panic() {
        assert!(parse(b"\xff").is_err() && parse(b"a = [").is_err());
        assert!(Package::new(path("a"), parse(b"[package]\nname = \"-rf\"\n").unwrap()).is_none());
    }
}
