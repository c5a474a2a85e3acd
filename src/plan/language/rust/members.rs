//! Which packages a Cargo workspace has ("The Cargo Book", "Workspaces"), and which more it reads by their paths.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::workspace::{Package, parse};
use crate::diagnostic::Diagnostic;
use crate::facts::literal;
use crate::name::ContextPath;
use crate::plan::planner::Planner;

/// The packages that a build of a workspace reads.
pub(super) struct Members {
    /// All of them, in the order of their directories.
    pub(super) packages: Vec<Package>,
    /// The directories of those that a build in the root starts from.
    pub(super) default: BTreeSet<ContextPath>,
}

/// Whether a workspace in `root` leaves the package in `directory` out.
pub(super) fn is_excluded(root: &ContextPath, manifest: &Table, directory: &ContextPath) -> bool {
    let excluded = texts(manifest.get("workspace").and_then(|workspace| workspace.get("exclude")));
    excluded.filter_map(|path| root.join(path).ok()).any(|path| directory.is_within(&path))
}

/// Reads the root's manifest, the members' and those of path dependencies; `None` while files are not known.
pub(super) fn read(planner: &mut Planner<'_>, root: &ContextPath) -> Option<Members> {
    let bytes = planner.ask.file(&root.join("Cargo.toml").ok()?)??;
    let manifest = table(planner, root, bytes)?;
    let workspace = manifest.get("workspace");
    let members = directories(planner, root, workspace.and_then(|workspace| workspace.get("members")));
    let default = workspace.and_then(|workspace| workspace.get("default-members"));
    let is_default_written = default.is_some();
    let default = directories(planner, root, default);
    let (members, default) = (members?, default?);
    let members: BTreeSet<ContextPath> = members
        .into_iter()
        .filter(|directory| directory != root && !is_excluded(root, &manifest, directory))
        .collect();
    let default = match (is_default_written, manifest.contains_key("package")) {
        (true, _) => default,
        (false, true) => [root.clone()].into(),
        (false, false) => members.clone(),
    };
    let mut waiting: Vec<ContextPath> = members.into_iter().chain([root.clone()]).collect();
    let mut seen: BTreeSet<ContextPath> = waiting.iter().cloned().collect();
    let (mut packages, mut known) = (Vec::new(), true);
    while let Some(directory) = waiting.pop() {
        let Some(bytes) = planner.ask.file(&directory.join("Cargo.toml").ok()?) else {
            known = false;
            continue;
        };
        let Some(member) = bytes.and_then(|bytes| table(planner, &directory, bytes)) else { continue };
        let more = path_dependencies(&directory, &member, root, &manifest);
        waiting.extend(more.into_iter().filter(|path| seen.insert(path.clone())));
        packages.extend(Package::new(directory, member));
    }
    packages.sort_by(|a, b| a.directory.cmp(&b.directory));
    known.then_some(Members { packages, default })
}

/// A manifest; one that cannot be read is reported.
fn table(planner: &mut Planner<'_>, directory: &ContextPath, bytes: &[u8]) -> Option<Table> {
    match parse(bytes) {
        Ok(manifest) => Some(manifest),
        Err(message) => {
            let path = directory.join("Cargo.toml").unwrap_or_default();
            let error = Diagnostic::error("bad-manifest", format!("{path} is not TOML: {message}"));
            planner.report(error.at(planner.image.language.span));
            None
        }
    }
}

/// The directories that a list of paths and patterns names; `None` while they are not known.
fn directories(
    planner: &mut Planner<'_>,
    root: &ContextPath,
    list: Option<&Value>,
) -> Option<BTreeSet<ContextPath>> {
    let mut found = BTreeSet::new();
    let mut known = true;
    for path in texts(list).filter_map(|text| root.join(text).ok()) {
        if !path.as_str().contains(['*', '?']) {
            found.insert(path);
            continue;
        }
        let pattern = match path.relative_to(root) {
            Some(rest) if !root.is_root() => format!("{}/{}", literal(root), rest.as_str()),
            _ => path.as_str().to_owned(),
        };
        match planner.ask.glob(format!("{pattern}/Cargo.toml")) {
            Some(paths) => found.extend(paths.iter().filter_map(ContextPath::parent)),
            None => known = false,
        }
    }
    known.then_some(found)
}

/// The directories of the packages that a manifest depends on by their paths.
fn path_dependencies(
    directory: &ContextPath,
    manifest: &Table,
    root: &ContextPath,
    workspace: &Table,
) -> Vec<ContextPath> {
    let shared = workspace.get("workspace").and_then(|table| table.get("dependencies"));
    let mut found = Vec::new();
    for (name, dependency) in dependencies(manifest) {
        let inherited = dependency.get("workspace").and_then(Value::as_bool) == Some(true);
        let shared = shared.and_then(|table| table.get(name)).filter(|_| inherited);
        let (from, dependency) = shared.map_or((directory, dependency), |shared| (root, shared));
        let path = dependency.get("path").and_then(Value::as_str);
        found.extend(path.and_then(|path| from.join(path).ok()));
    }
    found
}

/// Every dependency that a manifest names, also those for one platform, and replacements.
fn dependencies(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let owners = platforms.filter_map(Value::as_table).chain([manifest]);
    let tables = owners.flat_map(|owner| KINDS.iter().filter_map(|kind| owner.get(*kind)));
    let patches = manifest.get("patch").and_then(Value::as_table).into_iter().flat_map(Table::values);
    tables.chain(patches).filter_map(Value::as_table).flat_map(Table::iter)
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ContextPath {
        if text.is_empty() { ContextPath::root() } else { ContextPath::parse(text).unwrap() }
    }

    #[test]
    fn path_dependencies_are_found_wherever_they_stand() {
        let root =
            parse(b"[workspace.dependencies]\nbase = { path = \"libs/base\" }\nserde = \"1\"\n").unwrap();
        let member = parse(
            b"[dependencies]\nbase.workspace = true\nserde.workspace = true\n[build-dependencies]\ngen = { path = \"../gen\" }\n\
              [target.'cfg(unix)'.dependencies]\nsys = { path = \"sys\", version = \"1\" }\n[patch.crates-io]\np = { path = \"/etc\" }\n",
        )
        .unwrap();
        let mut found = path_dependencies(&path("apps/web"), &member, &path(""), &root);
        found.sort();
        assert_eq!(found, [path("apps/gen"), path("apps/web/sys"), path("libs/base")]);
    }

    #[test]
    fn excluded_directories_are_no_members() {
        let root = parse(b"[workspace]\nexclude = [\"fuzz\", \"./tools/\"]\n").unwrap();
        for (directory, expected) in [("fuzz", true), ("tools/x", true), ("fuzzy", false), ("a", false)] {
            assert_eq!(is_excluded(&path(""), &root, &path(directory)), expected, "{directory}");
        }
    }
}
