//! The managers of npm packages: how each is recognised, in which version it runs, and how it fetches.

use super::release::Release;
use super::workspace::{PNPM_WORKSPACE, Workspace};
use crate::diagnostic::Diagnostic;
use crate::model::{Node, NodeManager, SecretKind};
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::rule;
use crate::text::Span;

/// A manager that stands for an application's lock file.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    /// Which one.
    pub(super) tool: Tool,
    /// What to install; `None` for what the toolchain image has.
    pub(super) release: Option<Release>,
    /// The lock file.
    pub(super) lock: ContextPath,
}

/// The managers; the two generations of Yarn share nothing but their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Npm,
    YarnClassic,
    Yarn,
    Pnpm,
}

/// The lock files, and whose each is.
pub(super) const LOCKS: [(&str, NodeManager); 4] = [
    ("npm-shrinkwrap.json", NodeManager::Npm),
    ("package-lock.json", NodeManager::Npm),
    ("yarn.lock", NodeManager::Yarn),
    ("pnpm-lock.yaml", NodeManager::Pnpm),
];
/// The files beside the lock file by which managers are configured.
pub(super) const SETTINGS: [&str; 3] = [".npmrc", ".yarnrc.yml", PNPM_WORKSPACE];
/// The first pnpm that, told to run no script, runs none of packages from repositories either.
const FIRST_PNPM: [u32; 2] = [7, 33];

/// Finds the manager; `Some(None)` where nothing needs one, `None` while files are not known or when errors were found.
pub(super) fn find(
    planner: &mut Planner<'_>,
    options: &Node,
    workspace: &Workspace,
) -> Option<Option<Manager>> {
    let paths = LOCKS.map(|(name, kind)| (workspace.root.join(name).unwrap_or_default(), kind));
    let texts = paths.each_ref().map(|(path, _)| planner.ask.head(path));
    let mut locks = Vec::new();
    for ((path, kind), text) in paths.into_iter().zip(texts) {
        locks.extend(text?.map(|text| (path, kind, String::from_utf8_lossy(text))));
    }
    let declared = declared(planner, workspace)?;
    let named = options.manager.map(|manager| manager.value).or(declared.as_ref().map(|named| named.kind));
    let span = options.manager.map_or(planner.image.language.span, |manager| manager.span);
    if let Some(kind) = named {
        locks.retain(|(_, of, _)| *of == kind);
    }
    let Some((lock, kind, text)) = locks.first() else {
        let needs_none = workspace.packages.iter().all(|package| package.all_dependencies().next().is_none());
        return if needs_none { Some(None) } else { unlocked(planner, workspace, named, span) };
    };
    if let Some((other, _, _)) = locks.iter().find(|(_, of, _)| of != kind) {
        let message = format!("there are two lock files of rival managers: {lock} and {other}");
        let help = format!("remove the stale one, or write `node: {{package-manager: {}}}`", kind.word());
        planner.report(Diagnostic::error("rival-locks", message).at(span).help(help));
        return None;
    }
    let tool = match kind {
        NodeManager::Npm => Tool::Npm,
        NodeManager::Pnpm => Tool::Pnpm,
        NodeManager::Yarn if text.contains("__metadata:") => Tool::Yarn,
        NodeManager::Yarn => Tool::YarnClassic,
    };
    let declared = declared.filter(|declared| declared.kind == *kind).map(|declared| declared.release);
    let release = match declared {
        None if tool == Tool::Npm => None,
        None => Release::of_lock(tool, text, workspace.has_settings),
        Some(release) => Some(release.or_known(tool)),
    };
    check(planner, tool, release.as_ref(), lock)?;
    let manager = Manager { tool, release, lock: lock.clone() };
    if options.manager.is_none() {
        planner.chose("packages by", &manager.title(), lock);
    }
    Some(Some(manager))
}

/// What `packageManager` says.
struct Declared {
    kind: NodeManager,
    release: Release,
}

/// The manager that the application declares ("packageManager", Node's documentation of Corepack).
fn declared(planner: &mut Planner<'_>, workspace: &Workspace) -> Option<Option<Declared>> {
    let packages = [workspace.top(), workspace.application()];
    let found = packages.iter().find_map(|package| Some((package, package.text(&["packageManager"])?)));
    let Some((package, text)) = found else { return Some(None) };
    let declared = parse(text);
    if declared.is_none() {
        let message = format!("`{}` declares the package manager `{text}`", package.path());
        let error = Diagnostic::error("package-manager", message).at(planner.image.language.span);
        let help = "it must be `npm`, `yarn` or `pnpm` with a version, such as `pnpm@9.15.9`, and a checksum, if there \
            is one, `+sha512.` with its digits";
        planner.report(error.help(help));
        return None;
    }
    Some(declared)
}

fn parse(text: &str) -> Option<Declared> {
    let (name, release) = text.split_once('@')?;
    let kind = match name {
        "npm" => NodeManager::Npm,
        "yarn" => NodeManager::Yarn,
        "pnpm" => NodeManager::Pnpm,
        _ => return None,
    };
    Some(Declared { kind, release: Release::parse(release)? })
}

/// Refuses a release that cannot read the lock file or runs code as it fetches; warns of one that nobody vouches for.
fn check(planner: &mut Planner<'_>, tool: Tool, release: Option<&Release>, lock: &ContextPath) -> Option<()> {
    let span = planner.image.language.span;
    let numbers = release.map(Release::numbers).unwrap_or_default();
    let wrong = match (tool, release) {
        (Tool::Npm, _) => None,
        (_, None) => Some((
            format!("`{lock}` was written by a version that is not known here"),
            "declare the version that wrote it: `packageManager` in package.json",
        )),
        (Tool::YarnClassic | Tool::Yarn, Some(release))
            if (numbers.first() == Some(&1)) != (tool == Tool::YarnClassic) =>
        {
            let message =
                format!("`{lock}` was not written by the declared version, Yarn {}", release.version);
            Some((message, "run `yarn install` with that version and commit the lock file"))
        }
        (Tool::Pnpm, Some(release)) if numbers.as_slice() < FIRST_PNPM.as_slice() => Some((
            format!("pnpm {} runs scripts of packages from repositories as it fetches them", release.version),
            "declare 7.33 or newer: `packageManager` in package.json",
        )),
        _ => None,
    };
    if let Some((message, help)) = wrong {
        planner.report(Diagnostic::error("package-manager", message).at(span).help(help));
        return None;
    }
    let npmrc = planner.image.fetch.secrets.iter().find(|secret| secret.kind == SecretKind::Npmrc);
    if let Some(secret) = npmrc.filter(|_| tool == Tool::Yarn) {
        let message = "Yarn does not read the secret `npmrc`, from its version 2";
        let help = "give it the token as a variable, `fetch: {secrets: [{id: npm-token, env: NPM_TOKEN}]}`, and write \
            `npmAuthToken: \"${NPM_TOKEN}\"` into .yarnrc.yml";
        planner.report(Diagnostic::warning("npmrc", message).at(secret.id.span).help(help));
    }
    if let Some(Release { version, checksum: None }) = release {
        let message = format!("{} {version} is declared without a checksum", tool.program());
        let why =
            "it runs where the fetch has network and secrets, and nobody vouches for it but the registry";
        let help = format!("run `corepack use {}@{version}`, which writes it down", tool.program());
        planner.report(Diagnostic::warning(rule::UNLOCKED.name, message).at(span).why(why).help(help));
    }
    Some(())
}

fn unlocked<T>(
    planner: &mut Planner<'_>,
    workspace: &Workspace,
    named: Option<NodeManager>,
    span: Span,
) -> Option<T> {
    let wanted = match named {
        Some(kind) => format!("lock file of {}", kind.word()),
        None => "package-lock.json, yarn.lock or pnpm-lock.yaml".to_owned(),
    };
    let message = format!("`{}` has dependencies, but there is no {wanted}", workspace.top().path());
    let help = match named {
        Some(NodeManager::Pnpm) => "run `pnpm install --lockfile-only` and commit pnpm-lock.yaml",
        Some(NodeManager::Yarn) => "run `yarn install` and commit yarn.lock",
        _ => "run `npm install --package-lock-only` and commit package-lock.json",
    };
    let error = Diagnostic::error("unlocked", message).at(span);
    planner.report(error.why("without a lock nobody knows which code the fetch would bring").help(help));
    None
}

impl Manager {
    /// The package of the registry that is the manager, with its version; `None` where the image has it.
    pub(super) fn package(&self) -> Option<String> {
        let name = match self.tool {
            Tool::Npm => "npm",
            Tool::YarnClassic => "yarn",
            Tool::Yarn => "@yarnpkg/cli-dist",
            Tool::Pnpm => "pnpm",
        };
        Some(format!("{name}@{}", self.release.as_ref()?.version))
    }

    /// Whether it runs install scripts of those packages only that the application allows (pnpm 10, "onlyBuiltDependencies").
    pub(super) fn asks_for_scripts(&self) -> bool {
        let numbers = self.release.as_ref().map(Release::numbers).unwrap_or_default();
        self.tool == Tool::Pnpm && numbers.first().is_some_and(|&major| major >= 10)
    }

    /// What people call it, with its version.
    pub(super) fn title(&self) -> String {
        let version = self.release.as_ref().map(|release| format!(" {}", release.version));
        format!("{}{}", self.tool.program(), version.unwrap_or_default())
    }

    /// The checksum of its program, as `algorithm` and digits; both empty where none is known.
    pub(super) fn checksum(&self) -> (&str, &str) {
        let known = self.release.as_ref().and_then(|release| release.checksum.as_ref());
        known.map_or(("", ""), |(algorithm, digits)| (algorithm, digits))
    }

    /// The file of its archive that is all of it and that the checksum is of (Corepack, `bin/yarn.js`); empty where
    /// the archive as a whole is.
    pub(super) fn part(&self) -> &'static str {
        if self.tool == Tool::Yarn { "package/bin/yarn.js" } else { "" }
    }
}

impl Tool {
    /// The program.
    pub(super) fn program(self) -> &'static str {
        match self {
            Tool::Npm => "npm",
            Tool::YarnClassic | Tool::Yarn => "yarn",
            Tool::Pnpm => "pnpm",
        }
    }

    /// The command that installs exactly what is locked and runs no script.
    pub(super) fn install(self) -> &'static [&'static str] {
        match self {
            // Not as copies: npm runs the `prepare` scripts of packages that it copies.
            Tool::Npm => &["npm", "ci", "--ignore-scripts", "--include=dev", "--no-install-links"],
            Tool::YarnClassic => &[
                "yarn",
                "install",
                "--frozen-lockfile",
                "--ignore-scripts",
                "--non-interactive",
                "--production=false",
            ],
            Tool::Yarn => &["yarn", "install", "--immutable", "--mode=skip-build"],
            Tool::Pnpm => &[
                "pnpm",
                "install",
                "--frozen-lockfile",
                "--ignore-scripts",
                "--ignore-pnpmfile",
                "--prod=false",
                "--package-import-method=copy",
                "--store-dir=/root/.pnpm-store",
            ],
        }
    }

    /// The files beside the lock file by which it is configured.
    pub(super) fn settings(self) -> &'static [&'static str] {
        match self {
            Tool::Npm | Tool::YarnClassic => &[".npmrc"],
            Tool::Yarn => &[".yarnrc.yml"],
            Tool::Pnpm => &[".npmrc", PNPM_WORKSPACE],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_managers_are_exact() {
        let declared = parse("pnpm@9.1.0").unwrap();
        assert_eq!((declared.kind, declared.release.version.as_str()), (NodeManager::Pnpm, "9.1.0"));
        for wrong in ["pnpm", "bun@1.0.0", "npm@", "npm@^9", "npm@1+sha1.aa", "npm@https://x"] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}
