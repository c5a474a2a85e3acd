//! Rust: crates are fetched with network, dependencies and then the program are compiled without.

use std::sync::Arc;

use super::rust_members::{self as members, Members};
use super::rust_workspace::{self as workspace, Layout, Package};
use crate::contract::{Artifact, LayerContract, Role};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::facts::ImageFact;
use crate::model::{BaseChoice, Rust};
use crate::name::{ContextPath, Platform, Reference};
use crate::plan::final_image::Layer;
use crate::plan::node::{Access, FileEdit, Files, Mount, Node, Script, Step, Tree};
use crate::plan::planner::{Planner, names};
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE, in_work_tree};
use crate::plan::steps::work_tree;
use crate::step::CargoLock;

const TARGET: &str = "/target";
const CARGO_HOME: &str = "/usr/local/cargo";
const REGISTRY: &str = "/usr/local/cargo/registry";
/// Where Cargo looks for its configuration, below the directory that it runs in.
const CONFIGURATION: [&str; 2] = [".cargo/config.toml", ".cargo/config"];
const GIT: &str = "/usr/local/cargo/git";

/// Everything that planning knows of a Rust application.
struct Crate<'o> {
    options: &'o Rust,
    /// The workspace's directory.
    root: ContextPath,
    packages: Vec<Package>,
    layout: Layout,
    /// The lock file's text.
    lock: String,
    /// The directories of the context that stand for registries; nothing is fetched where there are some.
    vendored: Vec<ContextPath>,
    /// The programs to ship.
    programs: Vec<String>,
    /// The packages that they belong to.
    selected: Vec<String>,
    /// The program that the image starts, where the manifest does not say.
    main: Option<String>,
    triple: &'static str,
    is_static: bool,
}

/// What the steps of one builder share.
struct Builder {
    root: Tree,
    env: Arc<Vec<(String, String)>>,
    /// The mounts of the fetched crates.
    crates: Vec<Mount>,
}

/// Plans a Rust application.
pub(super) fn plan(planner: &mut Planner<'_>, options: &Rust) -> Option<Product> {
    let target = planner.platforms.target.clone();
    ask_ahead(planner);
    let root = find_root(planner)?;
    let version = options.version.as_ref().map(|version| version.value.clone());
    let channel = toolchain_channel(planner, &root);
    let krate = read_workspace(planner, options, root);
    let version = version.or(channel?).unwrap_or_else(|| "1".to_owned());
    let tag = format!("{version}-{}", release(&version));
    let toolchain = planner.toolchain(Reference::official("rust", &tag), &target);
    let (krate, toolchain) = (krate?, toolchain?);
    let skeleton = skeleton(planner, &krate)?;
    let env = environment(&krate, toolchain.fact).into();
    let mut builder = Builder { root: toolchain.root, env, crates: Vec::new() };
    if krate.vendored.is_empty() {
        fetch(planner, &krate, &mut builder, skeleton.clone());
    }
    let dependencies = compile_dependencies(planner, &krate, &builder, skeleton);
    let (compiled, work) = compile(planner, &krate, &builder, dependencies);
    product(planner, &krate, compiled, work)
}

/// Asks for what most applications turn out to need, so that one transfer answers it: the application's own directory
/// is most often the workspace's.
fn ask_ahead(planner: &mut Planner<'_>) {
    let source = planner.image.source.path.value.clone();
    let files = ["Cargo.lock", "rust-toolchain.toml", "rust-toolchain"];
    for path in files.iter().chain(&CONFIGURATION).filter_map(|name| source.join(name).ok()) {
        planner.ask.file(&path);
    }
    for pattern in Layout::patterns(&source) {
        planner.ask.glob(pattern);
    }
}

/// The Debian release of a toolchain's image: those before 1.89 were made for the one before, whose C library is older.
fn release(version: &str) -> &'static str {
    let mut parts = version.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(1)), Some(Ok(minor))) if minor < 89 => "bookworm",
        _ => RELEASE,
    }
}

/// The workspace's directory: the nearest manifest upward that has a workspace, else the application's own.
fn find_root(planner: &mut Planner<'_>) -> Option<ContextPath> {
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

/// The version that `rust-toolchain.toml` or `rust-toolchain` names, where it is a numeric one.
fn toolchain_channel(planner: &mut Planner<'_>, root: &ContextPath) -> Option<Option<String>> {
    let new = planner.ask.file(&root.join("rust-toolchain.toml").ok()?);
    let old = planner.ask.file(&root.join("rust-toolchain").ok()?);
    let Some(bytes) = new?.or(old?) else { return Some(None) };
    let text = String::from_utf8_lossy(bytes);
    let channel = match workspace::parse(text.as_bytes()) {
        Ok(table) => table.get("toolchain").and_then(|t| t.get("channel")?.as_str().map(str::to_owned)),
        Err(_) => Some(text.trim().to_owned()),
    };
    let numeric =
        |channel: &String| !channel.is_empty() && channel.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Some(channel.filter(numeric))
}

/// Reads every manifest of the workspace and decides what to build.
fn read_workspace<'o>(planner: &mut Planner<'_>, options: &'o Rust, root: ContextPath) -> Option<Crate<'o>> {
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

/// Manifests and lock file as they are, and stubs in place of all source.
fn skeleton(planner: &mut Planner<'_>, krate: &Crate<'_>) -> Option<Tree> {
    let mut manifests: Vec<ContextPath> = Vec::new();
    for package in &krate.packages {
        manifests.push(package.directory.join("Cargo.toml").ok()?);
    }
    let mut files = vec!["Cargo.toml", "Cargo.lock"];
    // Cargo obeys programs that its configuration names; where secrets are mounted, no such word may reach it.
    if planner.image.fetch.is_public() || !krate.vendored.is_empty() {
        files.extend(CONFIGURATION);
    }
    manifests.extend(files.into_iter().filter_map(|name| krate.root.join(name).ok()));
    manifests.extend(krate.vendored.iter().cloned());
    manifests.extend(krate.outside().flat_map(|package| above(&package.directory)));
    let over = planner.context(manifests);
    let edits: Vec<FileEdit> =
        krate.packages.iter().flat_map(|package| package.stubs(&krate.layout, "")).collect();
    let name = format!("stubs of {}", names(krate.packages.iter().map(|package| package.name.as_str())));
    let span = Some(planner.image.language.span);
    Some(Tree::Root(planner.add(Node::Files(Files { name, over, edits, span }))))
}

/// The step that downloads crates; the builder's later steps see them.
fn fetch(planner: &mut Planner<'_>, krate: &Crate<'_>, builder: &mut Builder, skeleton: Tree) {
    let mut command = cargo("fetch", krate);
    command.push("--locked".to_owned());
    let mut step = step(planner, krate, builder, "fetch crates", Script::Program(command));
    step.mounts = vec![
        work_tree(skeleton, Access::ReadOnly),
        Mount::output(Tree::Scratch, REGISTRY),
        Mount::output(Tree::Scratch, GIT),
    ];
    let id = planner.add_fetch(step);
    builder.crates =
        [REGISTRY, GIT].map(|path| Mount::discarded(Tree::Output(id, path.to_owned()), path)).into();
}

/// The step that compiles dependencies alone: an ordinary layer, which registry caches carry.
fn compile_dependencies(
    planner: &mut Planner<'_>,
    krate: &Crate<'_>,
    builder: &Builder,
    skeleton: Tree,
) -> Tree {
    let command = Script::Program(build_command(krate));
    let mut step = step(planner, krate, builder, "compile dependencies", command);
    step.mounts.push(work_tree(skeleton, Access::Discarded));
    step.mounts.push(Mount::output(Tree::Scratch, TARGET));
    // With the manifest's variables: build scripts of dependencies read them too.
    let id = planner.add_compile(step);
    Tree::Output(id, TARGET.to_owned())
}

/// The step that compiles the program; returns the tree of its output and the work tree.
fn compile(
    planner: &mut Planner<'_>,
    krate: &Crate<'_>,
    builder: &Builder,
    dependencies: Tree,
) -> (Tree, Tree) {
    let mut source = vec![krate.root.clone()];
    for package in krate.outside() {
        source.push(package.directory.clone());
        source.extend(above(&package.directory));
    }
    let source = planner.context(source);
    let name = format!(
        "compile {} for {}",
        names(krate.programs.iter().map(String::as_str)),
        planner.platforms.target
    );
    let mut step = step(planner, krate, builder, &name, compile_script(krate));
    let work = planner.run_commands(&step, source);
    let access = planner.work_access();
    step.mounts.push(work_tree(work.clone(), access));
    step.mounts.push(Mount::discarded(dependencies, TARGET));
    step.mounts.push(Mount::output(Tree::Scratch, OUTPUT));
    let id = planner.add_compile(step);
    let work = if access == Access::Output { Tree::Output(id, WORK_TREE.to_owned()) } else { work };
    (Tree::Output(id, OUTPUT.to_owned()), work)
}

/// Forgets what cargo believes of the stubs, compiles, and hands the programs over.
///
/// Cargo judges freshness by file times, and sources may be older than the stubs: it would ship the stub.
fn compile_script(krate: &Crate<'_>) -> Script {
    const TEXT: &str = r#"
profile=$1 triple=$2 packages=$3 programs=$4; shift 4
for package in $packages; do
  rm -rf "/target/$profile/.fingerprint/$package"-???????????????? "/target/$triple/$profile/.fingerprint/$package"-????????????????
done
"$@"
for program in $programs; do cp "/target/$triple/$profile/$program" /out/; done
"#;
    let packages: Vec<&str> = krate.packages.iter().map(|package| package.name.as_str()).collect();
    let mut arguments = vec![
        krate.profile_directory(),
        krate.triple.to_owned(),
        packages.join(" "),
        krate.programs.join(" "),
    ];
    arguments.extend(build_command(krate));
    Script::Shell { text: TEXT.trim().to_owned(), arguments }
}

/// The manifests above a package: one of them may be a workspace whose settings it inherits.
fn above(directory: &ContextPath) -> Vec<ContextPath> {
    directory.ancestors().skip(1).filter_map(|directory| directory.join("Cargo.toml").ok()).collect()
}

impl Crate<'_> {
    /// The packages that lie outside the workspace's directory, read because others depend on their paths.
    fn outside(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.directory.is_within(&self.root))
    }

    /// The directory in which cargo puts what a profile makes.
    fn profile_directory(&self) -> String {
        match self.options.profile.value.as_str() {
            "dev" | "test" => "debug".to_owned(),
            "bench" => "release".to_owned(),
            other => other.to_owned(),
        }
    }
}

fn cargo(verb: &str, krate: &Crate<'_>) -> Vec<String> {
    ["cargo", verb, "--target", krate.triple].map(str::to_owned).into()
}

fn build_command(krate: &Crate<'_>) -> Vec<String> {
    let mut command = cargo("build", krate);
    command.extend(["--locked", "--offline", "--profile", &krate.options.profile.value].map(str::to_owned));
    for package in &krate.selected {
        command.extend(["--package".to_owned(), package.clone()]);
    }
    for program in &krate.programs {
        command.extend(["--bin".to_owned(), program.clone()]);
    }
    if !krate.options.features.is_empty() {
        command.push(format!("--features={}", krate.options.features.join(",")));
    }
    if !krate.options.default_features {
        command.push("--no-default-features".to_owned());
    }
    command
}

/// The variables of all steps.
fn environment(krate: &Crate<'_>, image: &ImageFact) -> Vec<(String, String)> {
    let profile = krate.options.profile.value.to_uppercase().replace('-', "_");
    let mut env = vec![
        ("CARGO_HOME".to_owned(), CARGO_HOME.to_owned()),
        ("CARGO_TARGET_DIR".to_owned(), TARGET.to_owned()),
        ("CARGO_INCREMENTAL".to_owned(), "0".to_owned()),
        ("CARGO_TERM_COLOR".to_owned(), "never".to_owned()),
        (format!("CARGO_PROFILE_{profile}_STRIP"), "symbols".to_owned()),
    ];
    // A toolchain file would make rustup download what the image already stands for.
    if let Some(version) = image.config.variable("RUST_VERSION") {
        env.push(("RUSTUP_TOOLCHAIN".to_owned(), version.to_owned()));
    }
    if krate.is_static {
        env.push(("RUSTFLAGS".to_owned(), "-C target-feature=+crt-static".to_owned()));
    }
    env
}

fn step(planner: &Planner<'_>, krate: &Crate<'_>, builder: &Builder, name: &str, script: Script) -> Step {
    Step {
        directory: in_work_tree(&krate.root),
        env: Arc::clone(&builder.env),
        mounts: builder.crates.clone(),
        ..planner.step(name, &builder.root, script)
    }
}

fn product(planner: &mut Planner<'_>, krate: &Crate<'_>, compiled: Tree, work: Tree) -> Option<Product> {
    let workdir = planner.image.runtime.workdir.clone();
    let place = |program: &String| workdir.join(&ContextPath::parse(program).unwrap_or_default());
    let artifacts = krate.programs.iter().map(|program| Artifact {
        from: program.clone(),
        to: place(program),
        mode: None,
        sha256: None,
    });
    let contract = LayerContract::of(Role::Application, artifacts.collect());
    let span = planner.image.language.span;
    let main = krate.main.as_ref();
    if main.is_none() && planner.image.runtime.entrypoint.is_none() {
        let message = format!("there are several programs to start: {}", krate.programs.join(", "));
        let help = format!("name one: `runtime: {{entrypoint: [{}]}}`", place(&krate.programs[0]));
        planner.report(Diagnostic::error("ambiguous-entrypoint", message).at(span).help(help));
        return None;
    }
    let entrypoint = main.map(place).into_iter().map(|path| path.as_str().to_owned()).collect();
    let programs = krate.programs.iter().map(|program| place(program).as_str().to_owned()).collect();
    planner.cargo_locks.push(CargoLock { programs, text: krate.lock.clone() });
    let layer = Layer { contract, source: compiled, seen_at: OUTPUT.to_owned(), span: Some(span) };
    let needs = if krate.is_static { Needs::Nothing } else { Needs::CLibrary };
    let work_tree = Some((work, WORK_TREE.to_owned()));
    Some(Product {
        layers: vec![layer],
        entrypoint,
        env: Vec::new(),
        directory: None,
        fetch_executes: false,
        needs,
        work_tree,
    })
}
