//! Rust: crates are fetched with network, dependencies and then the program are compiled without.

mod config;
mod dependencies;
mod members;
mod read;
mod toolchain;
mod workspace;

use std::sync::Arc;

use self::read::{CONFIGURATION, Crate};
use crate::contract::{Artifact, LayerContract, Role};
use crate::diagnostic::Diagnostic;
use crate::facts::{ImageFact, literal};
use crate::model::{Rust, SecretKind};
use crate::name::{ContextPath, Digest, Reference};
use crate::plan::final_image::Layer;
use crate::plan::node::{Access, FileEdit, Files, Mount, Node, Script, Step, Tree};
use crate::plan::planner::{Planner, names};
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE, in_work_tree};
use crate::plan::steps::{LACKING, work_tree};
use crate::step::CargoLock;

const TARGET: &str = "/target";
const CARGO_HOME: &str = "/usr/local/cargo";
const REGISTRY: &str = "/usr/local/cargo/registry";
const GIT: &str = "/usr/local/cargo/git";
/// Where a fetch sees the crates that builds before downloaded.
const DOWNLOADS: &str = "/run/downloads";

/// What developers' own tools leave in a checkout, beside the workspace's `target`.
const LEFT_OUT: [&str; 1] = ["**/.git"];

/// What the steps of one builder share.
struct Builder {
    root: Tree,
    /// What names the toolchain in the ids of caches.
    toolchain: Digest,
    env: Arc<Vec<(String, String)>>,
    /// The mounts of the fetched crates.
    crates: Vec<Mount>,
    /// What judges the errors of a compilation: its mount and its path.
    judge: (Mount, String),
}

/// Plans a Rust application.
pub(super) fn plan(planner: &mut Planner<'_>, options: &Rust) -> Option<Product> {
    let target = planner.platforms.target.clone();
    planner.leave_out(LEFT_OUT);
    read::ask_ahead(planner);
    let root = read::find_root(planner)?;
    planner.leave_out(root.join("target").map(|made| literal(&made)));
    let version = read::toolchain_version(planner, options, &root);
    let krate = read::workspace(planner, options, root);
    let version = version?.unwrap_or_else(|| "1".to_owned());
    let tag = format!("{version}-{}", release(&version));
    let toolchain = planner.toolchain(Reference::official("rust", &tag), &target);
    let (krate, toolchain) = (krate?, toolchain?);
    let skeleton = skeleton(planner, &krate)?;
    let env = environment(&krate, toolchain.fact).into();
    let digest = toolchain.fact.digest.clone();
    let root = toolchain.root;
    let judge = planner.scripts(&[LACKING]);
    let mut builder = Builder { root, toolchain: digest, env, crates: Vec::new(), judge };
    if krate.vendored.is_empty() {
        fetch(planner, &krate, &mut builder, skeleton.clone());
    }
    let dependencies = dependencies::compile(planner, &krate, &builder, skeleton);
    let (compiled, work) = compile(planner, &krate, &builder, dependencies);
    product(planner, &krate, compiled, work)
}

/// The Debian release of a toolchain's image: those before 1.89 were made for the one before, whose C library is older.
fn release(version: &str) -> &'static str {
    let mut parts = version.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(1)), Some(Ok(minor))) if minor < 89 => "bookworm",
        _ => RELEASE,
    }
}

/// Manifests and lock file as they are, and stubs in place of all source.
fn skeleton(planner: &mut Planner<'_>, krate: &Crate<'_>) -> Option<Tree> {
    let mut manifests: Vec<ContextPath> = Vec::new();
    for package in &krate.packages {
        manifests.push(package.directory.join("Cargo.toml").ok()?);
    }
    let mut files = vec!["Cargo.toml", "Cargo.lock"];
    // Cargo obeys programs that its configuration names: a fetch step with secrets sees a part of it only.
    let is_open = planner.image.fetch.is_public() || !krate.vendored.is_empty();
    if is_open {
        files.extend(CONFIGURATION);
    }
    manifests.extend(files.into_iter().filter_map(|name| krate.root.join(name).ok()));
    manifests.extend(krate.vendored.iter().cloned());
    manifests.extend(krate.outside().flat_map(|package| above(&package.directory)));
    let over = planner.context(manifests);
    let mut edits: Vec<FileEdit> =
        krate.packages.iter().flat_map(|package| package.stubs(&krate.layout, "")).collect();
    if !is_open {
        edits.extend(
            CONFIGURATION.iter().filter_map(|name| configuration(planner, &krate.root.join(name).ok()?)),
        );
    }
    let name = format!("stubs of {}", names(krate.packages.iter().map(|package| package.name.as_str())));
    let span = Some(planner.image.language.span);
    Some(Tree::Root(planner.add(Node::Files(Files { name, over, edits, span }))))
}

/// A file of Cargo's configuration as a step with secrets may see it.
fn configuration(planner: &mut Planner<'_>, path: &ContextPath) -> Option<FileEdit> {
    let content = config::filtered(planner.ask.file(path)??)?.into_bytes();
    Some(FileEdit::File { path: format!("/{}", path.as_str()), mode: 0o644, content })
}

/// The step that downloads crates; the builder's later steps see them.
fn fetch(planner: &mut Planner<'_>, krate: &Crate<'_>, builder: &mut Builder, skeleton: Tree) {
    let mut command = cargo("fetch", krate);
    command.push("--locked".to_owned());
    let mut mounts = vec![
        work_tree(skeleton, Access::ReadOnly),
        Mount::output(Tree::Scratch, REGISTRY),
        Mount::output(Tree::Scratch, GIT),
    ];
    let cache = planner.downloads("cargo", &builder.toolchain, DOWNLOADS);
    if cache.is_some() {
        let (scripts, path) = planner.scripts(&[("fetch.sh", include_str!("builder/fetch.sh"))]);
        mounts.push(scripts);
        command.splice(0..0, ["/bin/sh", &path, REGISTRY, DOWNLOADS].map(str::to_owned));
    }
    let mut step = step(planner, krate, builder, "fetch crates", Script::Program(command));
    (step.mounts, step.caches) = (mounts, cache.into_iter().collect());
    if planner.image.fetch.secrets.iter().any(|secret| secret.kind == SecretKind::CargoCredentials) {
        // Cargo sends a token to a registry that wants one only if it is told who provides it.
        let provider = ("CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS".to_owned(), "cargo:token".to_owned());
        Arc::make_mut(&mut step.env).push(provider);
    }
    let id = planner.add_fetch(step);
    builder.crates =
        [REGISTRY, GIT].map(|path| Mount::discarded(Tree::Output(id, path.to_owned()), path)).into();
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
    let mut step = step(planner, krate, builder, &name, compile_script(krate, builder));
    let work = planner.run_commands(&step, source);
    let access = planner.work_access();
    step.mounts.push(work_tree(work.clone(), access));
    step.mounts.push(builder.judge.0.clone());
    step.mounts.push(Mount::discarded(dependencies, TARGET));
    step.mounts.push(Mount::output(Tree::Scratch, OUTPUT));
    let id = planner.add_compile(step);
    let work = if access == Access::Output { Tree::Output(id, WORK_TREE.to_owned()) } else { work };
    (Tree::Output(id, OUTPUT.to_owned()), work)
}

/// Forgets what cargo believes of the stubs, compiles, and hands the programs over.
///
/// Cargo judges freshness by file times, and sources may be older than the stubs: it would ship the stub.
fn compile_script(krate: &Crate<'_>, builder: &Builder) -> Script {
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
    arguments.extend(build_command(krate, builder));
    Script::Shell { text: TEXT.trim().to_owned(), arguments }
}

/// The manifests above a package: one of them may be a workspace whose settings it inherits.
fn above(directory: &ContextPath) -> Vec<ContextPath> {
    directory.ancestors().skip(1).filter_map(|directory| directory.join("Cargo.toml").ok()).collect()
}

fn cargo(verb: &str, krate: &Crate<'_>) -> Vec<String> {
    ["cargo", verb, "--target", krate.triple].map(str::to_owned).into()
}

fn build_command(krate: &Crate<'_>, builder: &Builder) -> Vec<String> {
    let mut command = ["/bin/sh", &builder.judge.1, "/tmp/errors"].map(str::to_owned).to_vec();
    command.extend(cargo("build", krate));
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
    let artifacts = krate.programs.iter().map(|program| Artifact::new(program.clone(), place(program)));
    let contract = LayerContract::of(Role::Application, artifacts.collect());
    let span = planner.image.language.span;
    let main = krate.main.as_ref();
    if main.is_none() && !planner.is_started() {
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
