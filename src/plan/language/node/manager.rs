//! The managers of npm packages: how each is recognised, in which version it runs, and how it fetches.

use super::workspace::{PNPM_WORKSPACE, Workspace};
use crate::diagnostic::Diagnostic;
use crate::model::{Node, NodeManager};
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::text::Span;

/// A manager that stands for an application's lock file.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    /// Which one.
    pub(super) tool: Tool,
    /// The version to install; `None` for what the toolchain image has.
    pub(super) version: Option<String>,
    /// The algorithm and the checksum of its archive, where the application names them.
    pub(super) checksum: Option<(String, String)>,
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
/// The versions that read the lock files of pnpm, by the beginning of their own version.
const PNPM: [(&str, &str); 3] = [("9", "9.15.9"), ("6", "8.15.9"), ("5", "7.33.7")];
const YARN_CLASSIC: &str = "1.22.22";
const YARN: &str = "4.9.4";

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
        planner.report(Diagnostic::error("two-locks", message).at(span).help(help));
        return None;
    }
    let tool = match kind {
        NodeManager::Npm => Tool::Npm,
        NodeManager::Pnpm => Tool::Pnpm,
        NodeManager::Yarn if text.contains("__metadata:") => Tool::Yarn,
        NodeManager::Yarn => Tool::YarnClassic,
    };
    let declared = declared.filter(|declared| declared.kind == *kind);
    let (version, checksum) = match declared {
        Some(declared) => (Some(declared.version), declared.checksum),
        None => (usual_version(tool, text), None),
    };
    Some(Some(Manager { tool, version, checksum, lock: lock.clone() }))
}

/// What `packageManager` says.
struct Declared {
    kind: NodeManager,
    version: String,
    checksum: Option<(String, String)>,
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
        planner
            .report(error.help("it must be `npm`, `yarn` or `pnpm` with a version, such as `pnpm@9.15.9`"));
        return None;
    }
    Some(declared)
}

fn parse(text: &str) -> Option<Declared> {
    let (name, rest) = text.split_once('@')?;
    let (version, checksum) =
        rest.split_once('+').map_or((rest, None), |(version, sum)| (version, Some(sum)));
    let kind = match name {
        "npm" => NodeManager::Npm,
        "yarn" => NodeManager::Yarn,
        "pnpm" => NodeManager::Pnpm,
        _ => return None,
    };
    let starts_well = version.starts_with(|c: char| c.is_ascii_digit());
    let is_version = version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    let checksum = match checksum.map(|sum| sum.split_once('.')) {
        Some(sum) => Some(sum.filter(|(_, digits)| digits.bytes().all(|b| b.is_ascii_hexdigit()))?),
        None => None,
    };
    let checksum = checksum.map(|(algorithm, digits)| (algorithm.to_owned(), digits.to_owned()));
    (starts_well && is_version).then(|| Declared { kind, version: version.to_owned(), checksum })
}

/// The version where the application declares none: the one that wrote such lock files.
fn usual_version(tool: Tool, lock: &str) -> Option<String> {
    let version = match tool {
        Tool::Npm => return None,
        Tool::YarnClassic => YARN_CLASSIC,
        Tool::Yarn => YARN,
        Tool::Pnpm => {
            let line =
                lock.lines().find_map(|line| line.strip_prefix("lockfileVersion:")).unwrap_or_default();
            let written = line.trim().trim_matches(['\'', '"']);
            PNPM.iter()
                .find(|(format, _)| written.starts_with(format))
                .map_or(PNPM[0].1, |(_, version)| version)
        }
    };
    Some(version.to_owned())
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
        Some(format!("{name}@{}", self.version.as_ref()?))
    }

    /// Whether it runs install scripts of those packages only that the application allows (pnpm 10, "onlyBuiltDependencies").
    pub(super) fn asks_for_scripts(&self) -> bool {
        let major = self.version.as_ref().and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        self.tool == Tool::Pnpm && major.is_some_and(|major| major >= 10)
    }

    /// What people call it, with its version.
    pub(super) fn title(&self) -> String {
        let version = self.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        format!("{}{version}", self.tool.program())
    }

    /// The checksum of its archive, as `algorithm` and digits; Yarn's newer versions are declared by the checksum of
    /// another file.
    pub(super) fn checksum(&self) -> (&str, &str) {
        let known = self.checksum.as_ref().filter(|_| self.tool != Tool::Yarn);
        known.map_or(("", ""), |(algorithm, digits)| (algorithm, digits))
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
            Tool::Npm => &["npm", "ci", "--ignore-scripts", "--include=dev"],
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
        let declared = parse("pnpm@9.1.0+sha512.0aF").unwrap();
        assert_eq!((declared.kind, declared.version.as_str()), (NodeManager::Pnpm, "9.1.0"));
        assert_eq!(declared.checksum, Some(("sha512".to_owned(), "0aF".to_owned())));
        for wrong in [
            "pnpm",
            "bun@1.0.0",
            "npm@",
            "npm@^9",
            "npm@1.0.0;x",
            "npm@1+x",
            "npm@1+sha1.zz",
            "npm@https://x",
        ] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_lock_file_tells_who_wrote_it() {
        let of = |lock: &str| usual_version(Tool::Pnpm, lock).unwrap();
        assert_eq!(of("lockfileVersion: '9.0'\n"), "9.15.9");
        assert_eq!(of("lockfileVersion: '6.0'\n"), "8.15.9");
        assert_eq!(of("lockfileVersion: 5.4\n"), "7.33.7");
    }
}
