//! What planning knows of a Rust application, read from its manifests, its lock and its toolchain file.

use super::members::{self, Members};
use super::toolchain::{self, Toolchain};
use super::workspace::{self, Layout, Package};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{BaseChoice, Rust};
use crate::name::{ContextPath, Platform};
use crate::plan::planner::Planner;
use crate::plan::tool_versions;

/// Where Cargo looks for its configuration, below the directory that it runs in.
pub(super) const CONFIGURATION: [&str; 2] = [".cargo/config.toml", ".cargo/config"];

/// Everything that planning knows of a Rust application.
pub(super) struct Crate<'o> {
    pub(super) options: &'o Rust,
    /// The workspace's directory.
    pub(super) root: ContextPath,
    pub(super) packages: Vec<Package>,
    pub(super) layout: Layout,
    /// The lock file's text.
    pub(super) lock: String,
    /// The directories of the context that stand for registries; nothing is fetched where there are some.
    pub(super) vendored: Vec<ContextPath>,
    /// The programs to ship.
    pub(super) programs: Vec<String>,
    /// The packages that they belong to.
    pub(super) selected: Vec<String>,
    /// The program that the image starts, where the manifest does not say.
    pub(super) main: Option<String>,
    pub(super) triple: &'static str,
    pub(super) is_static: bool,
}

impl Crate<'_> {
    /// The packages that lie outside the workspace's directory, read because others depend on their paths.
    pub(super) fn outside(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.directory.is_within(&self.root))
    }

    /// The directory in which cargo puts what a profile makes.
    pub(super) fn profile_directory(&self) -> String {
        match self.options.profile.value.as_str() {
            "dev" | "test" => "debug".to_owned(),
            "bench" => "release".to_owned(),
            other => other.to_owned(),
        }
    }
}

/// Asks for what most applications turn out to need, so that one transfer answers it: the application's own directory
/// is most often the workspace's.
pub(super) fn ask_ahead(planner: &mut Planner<'_>) {
    let source = planner.image.source.path.value.clone();
    let files = ["Cargo.lock", "rust-toolchain.toml", "rust-toolchain"];
    for path in files.iter().chain(&CONFIGURATION).filter_map(|name| source.join(name).ok()) {
        planner.ask.file(&path);
    }
    planner.tool_version(tool_versions::RUST);
    for pattern in Layout::patterns(&source) {
        planner.ask.glob(pattern);
    }
}

/// The workspace's directory: the nearest manifest upward that has a workspace, else the application's own.
pub(super) fn find_root(planner: &mut Planner<'_>) -> Option<ContextPath> {
    let source = planner.image.source.path.clone();
    let paths: Vec<_> =
        source.value.ancestors().filter_map(|d| Some((d.join("Cargo.toml").ok()?, d))).collect();
    let answers: Vec<_> = paths.iter().map(|(path, _)| planner.ask.file(path)).collect();
    let answers: Option<Vec<_>> = answers.into_iter().collect();
    let manifests = answers?;
    if manifests.first().is_none_or(Option::is_none) {
        let message = format!("there is no Cargo.toml in `{}`", source.value);
        let help =
            "name the package's or the workspace's directory in `source`; an ignore file may hide Cargo.toml";
        planner.report(Diagnostic::error("no-package", message).at(planner.source_span()).help(help));
        return None;
    }
    let mut workspaces = manifests.iter().zip(&paths).filter_map(|(bytes, (_, directory))| {
        let manifest = workspace::parse((*bytes)?).ok()?;
        workspace::is_workspace(&manifest).then_some((directory, manifest))
    });
    let nearest = workspaces.next();
    let root = nearest.filter(|(root, manifest)| !members::is_excluded(root, manifest, &source.value));
    Some(root.map_or(source.value, |(directory, _)| directory.clone()))
}

/// The version that `rust-toolchain.toml`, `rust-toolchain` or else `.tool-versions` names; `Some(None)` for the newest.
pub(super) fn toolchain_version(
    planner: &mut Planner<'_>,
    options: &Rust,
    root: &ContextPath,
) -> Option<Option<String>> {
    let files = ["rust-toolchain.toml", "rust-toolchain"];
    let answers = files.map(|name| Some((name, planner.ask.file(&root.join(name).ok()?)?)));
    let named = planner.tool_version(tool_versions::RUST);
    if let Some(version) = &options.version {
        return Some(Some(version.value.clone()));
    }
    let answers: Option<Vec<_>> = answers.into_iter().collect();
    let mut files = answers?.into_iter();
    let file = files.find_map(|(name, bytes)| Some((name.to_owned(), toolchain::read(bytes?))));
    let file = match (file, named?) {
        (Some((name, Toolchain::Version(version))), Some(named)) => {
            planner.tell_other_version(&named, &named.version, &version, &name);
            Some((name, Toolchain::Version(version)))
        }
        (None, Some(named)) => Some((named.path.to_string(), Toolchain::named(&named.version))),
        (file, _) => file,
    };
    match file {
        None | Some((_, Toolchain::Stable)) => Some(None),
        Some((name, Toolchain::Version(version))) => {
            planner.chose_version("Rust", &version, &name);
            Some(Some(version))
        }
        // What the builder's image has counts then.
        Some(_) if planner.image.build.base.is_some() => Some(None),
        Some((name, Toolchain::Other(other))) => {
            let message = format!("`{name}` asks for the toolchain `{other}`, which no official image has");
            let help = "name a release, such as `rust: {version: \"1.95\"}`, or an image that has it in `build.base`";
            let span = planner.image.language.span;
            planner.report(Diagnostic::error("toolchain", message).at(span).help(help));
            None
        }
    }
}

/// Reads every manifest of the workspace and decides what to build.
pub(super) fn workspace<'o>(
    planner: &mut Planner<'_>,
    options: &'o Rust,
    root: ContextPath,
) -> Option<Crate<'o>> {
    let members = members::read(planner, &root);
    let lock = planner.ask.file(&root.join("Cargo.lock").ok()?);
    let vendored = CONFIGURATION.map(|name| planner.ask.file(&root.join(name).unwrap_or_default()));
    let (members, lock) = (members?, lock?);
    let vendored: Vec<_> = vendored.into_iter().collect::<Option<_>>()?;
    let vendored: Vec<_> =
        vendored.into_iter().flatten().flat_map(|bytes| workspace::vendored(&root, bytes)).collect();
    let outside = members.packages.iter().map(|package| &package.directory);
    let outside = outside.filter(|directory| !directory.is_within(&root));
    let patterns = std::iter::once(&root).chain(outside).flat_map(Layout::patterns);
    let files: Vec<_> = patterns.map(|pattern| planner.ask.glob(pattern)).collect();
    let files = files.into_iter().collect::<Option<Vec<_>>>()?;
    let span = planner.image.language.span;
    let Some(lock) = lock else {
        let message = format!("there is no Cargo.lock in `{root}`");
        let error = Diagnostic::error("unlocked", message)
            .at(span)
            .why("without a lock nobody knows which code the fetch would bring")
            .help("run `cargo generate-lockfile` and commit Cargo.lock");
        planner.report(error);
        return None;
    };
    let lock = String::from_utf8_lossy(lock).into_owned();
    let mut layout = Layout::default();
    files.into_iter().for_each(|found| layout.extend(found));
    let choice = choose_programs(planner, options, &members, &root, &layout)?;
    let triple = triple(planner)?;
    let is_static = planner.image.runtime.base.value == BaseChoice::Scratch;
    let Choice { programs, selected, main } = choice;
    let packages = members.packages;
    Some(Crate {
        options,
        root,
        packages,
        layout,
        lock,
        vendored,
        programs,
        selected,
        main,
        triple,
        is_static,
    })
}

/// What is built and shipped.
struct Choice {
    programs: Vec<String>,
    selected: Vec<String>,
    main: Option<String>,
}

/// The programs that ship: those that the manifest names, else all of the packages that a build starts from.
fn choose_programs(
    planner: &mut Planner<'_>,
    options: &Rust,
    members: &Members,
    root: &ContextPath,
    layout: &Layout,
) -> Option<Choice> {
    let source = planner.image.source.path.value.clone();
    let is_usual = |package: &&Package| match source == *root {
        true => members.default.contains(&package.directory),
        false => package.directory == source,
    };
    let of = |package: &'_ Package| {
        let programs = package.programs(layout);
        programs.into_iter().map(|program| (program, package.name.clone())).collect::<Vec<_>>()
    };
    let usual: Vec<&Package> = members.packages.iter().filter(is_usual).collect();
    let mut available: Vec<(String, String)> = usual.iter().copied().flat_map(of).collect();
    if !options.bins.is_empty() && source == *root {
        available.extend(members.packages.iter().filter(|package| !is_usual(package)).flat_map(of));
    }
    check_programs(planner, options, &available)?;
    let named = options.bins.iter().filter_map(|bin| available.iter().find(|(name, _)| *name == bin.value));
    let chosen: Vec<_> = if options.bins.is_empty() { available.iter().collect() } else { named.collect() };
    let programs: Vec<String> = chosen.iter().map(|(program, _)| program.clone()).collect();
    let mut selected: Vec<String> = chosen.iter().map(|(_, package)| package.clone()).collect();
    selected.sort();
    selected.dedup();
    let started = match (&programs[..], &usual[..]) {
        ([only], _) => Some(only.clone()),
        (several, [package]) => several.iter().find(|&name| name == package.default_program()).cloned(),
        _ => None,
    };
    Some(Choice { programs, selected, main: started })
}

/// Reports programs that are named but do not exist, and packages without any.
fn check_programs(planner: &mut Planner<'_>, options: &Rust, available: &[(String, String)]) -> Option<()> {
    let names = || available.iter().map(|(program, _)| program.as_str());
    let mut wrong = false;
    for bin in options.bins.iter().filter(|bin| !names().any(|name| name == bin.value)) {
        let mut error =
            Diagnostic::error("no-program", format!("there is no program `{}`", bin.value)).at(bin.span);
        if let Some(near) = did_you_mean(&bin.value, names()) {
            error = error.help(format!("did you mean `{near}`?"));
        } else if !available.is_empty() {
            error = error.help(format!("there are: {}", names().collect::<Vec<_>>().join(", ")));
        }
        planner.report(error);
        wrong = true;
    }
    if available.is_empty() && options.bins.is_empty() {
        let message = format!("the package in `{}` has no program", planner.image.source.path.value);
        let help = "name the directory of a package with a src/main.rs in `source`";
        planner.report(Diagnostic::error("no-program", message).at(planner.source_span()).help(help));
        wrong = true;
    }
    (!wrong).then_some(())
}

/// Rust's name of the target platform.
fn triple(planner: &mut Planner<'_>) -> Option<&'static str> {
    let target = planner.platforms.target.clone();
    let found = target_triple(&target);
    if found.is_none() {
        let error = Diagnostic::error("platform", format!("Rust images for {target} are not supported"));
        planner.report(error.at(planner.image.language.span).help("build for linux/amd64 or linux/arm64"));
    }
    found
}

fn target_triple(platform: &Platform) -> Option<&'static str> {
    match (platform.architecture(), platform.variant()) {
        ("amd64", _) => Some("x86_64-unknown-linux-gnu"),
        ("arm64", _) => Some("aarch64-unknown-linux-gnu"),
        ("arm", "v7") => Some("armv7-unknown-linux-gnueabihf"),
        ("ppc64le", _) => Some("powerpc64le-unknown-linux-gnu"),
        ("s390x", _) => Some("s390x-unknown-linux-gnu"),
        ("riscv64", _) => Some("riscv64gc-unknown-linux-gnu"),
        _ => None,
    }
}
