//! The packages that are built together: the application, its workspace, and what both depend on by path.

use std::collections::BTreeSet;

use super::archives::is_archive;
use super::package::Package;
use crate::diagnostic::Diagnostic;
use crate::facts::matches;
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::plan::product::in_directory;
use crate::text::Source;
use crate::yaml::{self, Kind};

/// Where pnpm says what belongs to a workspace.
pub(super) const PNPM_WORKSPACE: &str = "pnpm-workspace.yaml";
/// What it says to pnpm 9 already.
const BEFORE_SETTINGS: [&str; 3] = ["packages", "catalog", "catalogs"];

/// An application and the packages around it.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The workspace's directory; the application's own where there is no workspace.
    pub(super) root: ContextPath,
    /// The directory that holds everything: above the workspace's where a package outside is named by its path.
    pub(super) ground: ContextPath,
    /// Every package, sorted by directory.
    pub(super) packages: Vec<Package>,
    application: usize,
    top: usize,
    /// The packages whose install scripts pnpm was told to run, where it was told.
    pub(super) allowed_scripts: Option<Vec<String>>,
    /// Whether pnpm's workspace file says more than which packages there are, as only newer versions understand.
    pub(super) has_settings: bool,
}

/// What one directory says of itself.
struct Level {
    directory: ContextPath,
    package: Option<Package>,
    pnpm: Option<Settings>,
}

/// What `pnpm-workspace.yaml` says.
#[derive(Default)]
struct Settings {
    packages: Option<Vec<String>>,
    allowed_scripts: Option<Vec<String>>,
    has_more: bool,
}

impl Workspace {
    /// The package that is built and shipped.
    pub(super) fn application(&self) -> &Package {
        &self.packages[self.application]
    }

    /// The package at the workspace's top, or the application where there is none.
    pub(super) fn top(&self) -> &Package {
        &self.packages[self.top]
    }

    /// The directories of all packages but the top, relative to the ground.
    pub(super) fn members(&self) -> Vec<String> {
        let directories =
            self.packages.iter().filter_map(|package| package.directory.relative_to(&self.ground));
        directories.filter(|path| !path.is_root()).map(|path| path.to_string()).collect()
    }

    /// The archives of the context that are named by a path: who needs each, and where it lies.
    pub(super) fn archives(&self) -> impl Iterator<Item = (String, ContextPath)> {
        self.packages.iter().flat_map(|package| {
            let named = package.all_dependencies().filter_map(|(name, wanted)| {
                let path = wanted.strip_prefix("file:").filter(|path| is_archive(path))?;
                Some((need(package, name, path), package.directory.join(path).ok()?))
            });
            named.collect::<Vec<_>>()
        })
    }

    /// Where something of the application lies, relative to the ground.
    pub(super) fn below(&self) -> ContextPath {
        self.application().directory.relative_to(&self.ground).unwrap_or_default()
    }
}

fn need(package: &Package, name: &str, path: &str) -> String {
    format!("`{}` needs `{name}` from `{path}`", package.path())
}

/// Finds the packages; `None` while files are not known, or when errors were found.
pub(super) fn read(planner: &mut Planner<'_>) -> Option<Workspace> {
    let source = planner.image.source.path.value.clone();
    let levels = levels(planner, &source)?;
    let Some(application) = levels[0].package.clone() else {
        let message = format!("there is no package.json in `{source}`");
        let help = "name the application's directory in `source`; an ignore file may hide package.json";
        planner.report(Diagnostic::error("no-package", message).at(planner.source_span()).help(help));
        return None;
    };
    let holds = |level: &&Level| {
        let path = application.directory.join("package.json").unwrap_or_default();
        level.directory == source || select(&level.directory, &level.patterns(), &[path].into()).len() == 1
    };
    let top = levels.iter().filter(|level| level.is_workspace()).find(holds).unwrap_or(&levels[0]);
    let mut packages: Vec<Package> = top.package.iter().cloned().chain([application]).collect();
    let members = members(planner, &top.directory, &top.patterns())?;
    packages.extend(load(planner, members)?);
    packages.sort_by(|a, b| a.directory.cmp(&b.directory));
    packages.dedup_by(|a, b| a.directory == b.directory);
    by_path(planner, &mut packages)?;
    packages.sort_by(|a, b| a.directory.cmp(&b.directory));
    let place = |directory: &ContextPath| packages.iter().position(|package| package.directory == *directory);
    let application = place(&source)?;
    let settings = top.pnpm.as_ref().and_then(|settings| settings.allowed_scripts.clone());
    let own = top.package.as_ref().and_then(|package| package.texts(["pnpm", "onlyBuiltDependencies"]));
    Some(Workspace {
        ground: ground(&top.directory, &packages),
        root: top.directory.clone(),
        application,
        top: place(&top.directory).unwrap_or(application),
        packages,
        allowed_scripts: settings.or(own),
        has_settings: top.pnpm.as_ref().is_some_and(|settings| settings.has_more),
    })
}

impl Level {
    fn is_workspace(&self) -> bool {
        self.pnpm.is_some() || self.package.as_ref().is_some_and(|package| package.workspaces().is_some())
    }

    fn patterns(&self) -> Vec<String> {
        let pnpm = self.pnpm.as_ref().and_then(|settings| settings.packages.clone());
        pnpm.or_else(|| self.package.as_ref()?.workspaces()).unwrap_or_default()
    }
}

/// The nearest directory above a workspace that holds all packages.
fn ground(root: &ContextPath, packages: &[Package]) -> ContextPath {
    let holds_all = |above: &ContextPath| packages.iter().all(|package| package.directory.is_within(above));
    root.ancestors().find(holds_all).unwrap_or_default()
}

/// What the application's directory and those above it say.
fn levels(planner: &mut Planner<'_>, source: &ContextPath) -> Option<Vec<Level>> {
    let mut answers = Vec::new();
    for directory in source.ancestors() {
        let package = planner.ask.file(&directory.join("package.json").ok()?);
        let pnpm = planner.ask.file(&directory.join(PNPM_WORKSPACE).ok()?);
        answers.push((directory, package, pnpm));
    }
    let mut levels = Vec::new();
    for (directory, package, pnpm) in answers {
        let package = match package? {
            Some(text) => Some(parse(planner, &directory, text)?),
            None => None,
        };
        levels.push(Level { directory, package, pnpm: pnpm?.map(settings) });
    }
    Some(levels)
}

fn parse(planner: &mut Planner<'_>, directory: &ContextPath, text: &[u8]) -> Option<Package> {
    let parsed = Package::parse(directory.clone(), text);
    parsed
        .map_err(|reason| {
            let path = directory.join("package.json").unwrap_or_default();
            let error = Diagnostic::error("package-json", format!("`{path}` cannot be read: {reason}"));
            planner.report(error.at(planner.source_span()));
        })
        .ok()
}

/// What `pnpm-workspace.yaml` says, as far as it is YAML; pnpm itself complains of the rest.
fn settings(text: &[u8]) -> Settings {
    let source = Source::new(PNPM_WORKSPACE, String::from_utf8_lossy(text));
    let root = yaml::parse(&source).ok().and_then(|document| document.root);
    let Some(Kind::Mapping(entries)) = root.map(|node| node.kind) else { return Settings::default() };
    let texts = |name: &str| {
        let (_, value) = entries.iter().find(|(key, _)| key.value == name)?;
        let Kind::Sequence(items) = &value.kind else { return None };
        let text = |item: &yaml::Node| match &item.kind {
            Kind::Scalar { text, .. } => Some(text.clone()),
            _ => None,
        };
        Some(items.iter().filter_map(text).collect())
    };
    let has_more = entries.iter().any(|(key, _)| !BEFORE_SETTINGS.contains(&key.value.as_str()));
    Settings { packages: texts("packages"), allowed_scripts: texts("onlyBuiltDependencies"), has_more }
}

/// The `package.json` files that patterns of a workspace select among some.
fn select(root: &ContextPath, patterns: &[String], files: &BTreeSet<ContextPath>) -> BTreeSet<ContextPath> {
    let (without, with): (Vec<_>, Vec<_>) = patterns.iter().partition(|pattern| pattern.starts_with('!'));
    let matching = |patterns: &[&String], path: &ContextPath| {
        patterns.iter().any(|pattern| matches(&manifests(root, pattern), path))
    };
    let is_wanted = |path: &&ContextPath| {
        let is_installed = path.parts().any(|part| part == "node_modules");
        !is_installed && matching(&with, path) && !matching(&without, path)
    };
    files.iter().filter(is_wanted).cloned().collect()
}

/// The pattern of the `package.json` files that a workspace's pattern selects.
fn manifests(root: &ContextPath, pattern: &str) -> String {
    let pattern = pattern.trim_start_matches('!');
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
    let below = if matches!(pattern, "" | ".") { String::new() } else { format!("{pattern}/") };
    in_directory(root, &format!("{below}package.json"))
}

/// The `package.json` files of a workspace's packages.
fn members(
    planner: &mut Planner<'_>,
    root: &ContextPath,
    patterns: &[String],
) -> Option<BTreeSet<ContextPath>> {
    let wanted = patterns.iter().filter(|pattern| !pattern.starts_with('!'));
    let answers: Vec<_> =
        wanted.map(|pattern| (pattern, planner.ask.glob(manifests(root, pattern)))).collect();
    let mut found = BTreeSet::new();
    for (pattern, paths) in answers.iter().map(|(pattern, paths)| (*pattern, *paths)) {
        let paths = paths?;
        if paths.is_empty() && !pattern.contains('*') {
            let message =
                format!("the workspace in `{root}` names the package `{pattern}`, which is not there");
            let error = Diagnostic::error("workspace-member", message).at(planner.source_span());
            planner.report(error.help("build from a directory that holds it; an ignore file may hide it"));
            return None;
        }
        found.extend(paths.iter().cloned());
    }
    Some(select(root, patterns, &found))
}

fn load(planner: &mut Planner<'_>, files: BTreeSet<ContextPath>) -> Option<Vec<Package>> {
    let answers: Vec<_> = files.into_iter().map(|path| (planner.ask.file(&path), path)).collect();
    let mut packages = Vec::new();
    for (text, path) in answers {
        let Some(text) = text? else { continue };
        packages.push(parse(planner, &path.parent()?, text)?);
    }
    Some(packages)
}

/// Adds the packages that others name by their paths.
fn by_path(planner: &mut Planner<'_>, packages: &mut Vec<Package>) -> Option<()> {
    let mut next = 0;
    while let Some(package) = packages.get(next) {
        next += 1;
        let mut files = BTreeSet::new();
        for (name, wanted) in package.all_dependencies() {
            let prefixes = ["file:", "link:", "portal:"];
            let Some(path) = prefixes.iter().find_map(|prefix| wanted.strip_prefix(prefix)) else { continue };
            let is_archive = wanted.starts_with("file:") && is_archive(path);
            let file = package.directory.join(path).and_then(|directory| directory.join("package.json"));
            let wrong = match &file {
                Err(_) => Some((
                    "outside-context",
                    "which lies outside the build context",
                    "build from a directory that holds both, and name the application's in `source`",
                )),
                Ok(_) if is_archive => None,
                Ok(file) => match planner.ask.file(file) {
                    Some(None) if !wanted.starts_with("link:") => Some((
                        "path-dependency",
                        "which is no directory with a package.json",
                        "name a directory or a `.tgz`, or depend on a registry; an ignore file may hide it",
                    )),
                    _ => None,
                },
            };
            if let Some((code, what, help)) = wrong {
                let error = Diagnostic::error(code, format!("{}, {what}", need(package, name, path)))
                    .at(planner.source_span());
                planner.report(error.help(help));
                return None;
            }
            files.extend(file.ok().filter(|_| !is_archive));
        }
        files.retain(|file| {
            !packages.iter().any(|known| known.directory.join("package.json").ok().as_ref() == Some(file))
        });
        packages.extend(load(planner, files)?);
    }
    Some(())
}
