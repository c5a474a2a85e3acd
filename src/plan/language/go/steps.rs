//! The steps of Go: modules are fetched; dependencies, then the program are compiled without network.

use super::Module;
use super::main_package::package;
use crate::name::{ContextPath, Digest, Platform};
use crate::plan::node::{Access, Cache, Mount, Script, Step, Tree};
use crate::plan::planner::Planner;
use crate::plan::product::{OUTPUT, WORK_TREE, in_work_tree};
use crate::plan::steps::{LACKING, work_tree};

const MODULE_CACHE: &str = "/go/pkg/mod";
const BUILD_CACHE: &str = "/root/.cache/go-build";
/// Where a fetch sees the modules that builds before downloaded.
const DOWNLOADS: &str = "/run/downloads";
/// Where our scripts are.
const SCRIPTS: &str = "/run/cofferdam";
/// Where it is listed what is imported.
const LISTED: &str = "/run/listed";
const IMPORTS: &str = "/run/listed/imports";
/// Where what compiled dependencies are in Go's cache is packed and unpacked.
const DEPENDENCIES: &str = "/run/dependencies";

/// What the steps of one builder share.
pub(super) struct Builder<'m> {
    /// What is compiled.
    pub(super) module: &'m Module<'m>,
    /// The directory of its main package.
    pub(super) main: ContextPath,
    /// The name of the program.
    pub(super) name: String,
    /// The builder's file system.
    pub(super) root: Tree,
    /// Project and toolchain, as the names of caches of what is compiled tell them.
    pub(super) cache: String,
    /// What names the toolchain.
    pub(super) toolchain: Digest,
}

/// Plans the steps; returns the tree with the program and the work tree.
pub(super) fn build(planner: &mut Planner<'_>, builder: &Builder<'_>) -> (Tree, Tree) {
    let modules = fetch(planner, builder);
    let (scripts, _) = planner.scripts(&[
        ("list.sh", include_str!("builder/list.sh")),
        ("dependencies.sh", include_str!("builder/dependencies.sh")),
    ]);
    let mounts: Vec<Mount> = modules.map(|tree| Mount::discarded(tree, MODULE_CACHE)).into_iter().collect();
    let source = planner.context(builder.module.source());
    let like = Step { mounts: mounts.clone(), ..step(planner, builder, "", Vec::new()) };
    let source = planner.run_commands(&like, source);
    let listed = list(planner, builder, scripts.clone(), source.clone());
    let with = |scripts: Mount| [&mounts[..], &[scripts]].concat();
    let dependencies = compile_dependencies(planner, builder, &with(scripts), listed);
    // Apart, so that another table of packages leaves compiled dependencies alone.
    let (scripts, _) = planner.scripts(&[("compile.sh", include_str!("builder/compile.sh")), LACKING]);
    compile(planner, builder, with(scripts), dependencies, source)
}

/// The step that downloads modules; the tree is the module cache. `None` when there is nothing to fetch.
fn fetch(planner: &mut Planner<'_>, builder: &Builder<'_>) -> Option<Tree> {
    let module = builder.module;
    if !module.remote || module.vendored {
        return None;
    }
    let manifests = planner.context(module.manifests());
    let mut env = environment(module);
    if !module.options.private.is_empty() {
        env.push(("GOPRIVATE".to_owned(), module.options.private.join(",")));
    }
    let cache = planner.downloads("go", &builder.toolchain, DOWNLOADS);
    let at = cache.as_ref().map_or("", |cache| &cache.at);
    let (scripts, _) = planner.scripts(&[("fetch.sh", include_str!("builder/fetch.sh"))]);
    let command = script("fetch.sh", &[MODULE_CACHE, at]);
    let step = Step {
        caches: cache.into_iter().collect(),
        directory: in_work_tree(&module.root),
        env: env.into(),
        // Writable, for Go notes sums of a workspace that nothing needs; what is needed and has none fails offline.
        mounts: vec![
            scripts,
            work_tree(manifests, Access::Discarded),
            Mount::output(Tree::Scratch, MODULE_CACHE),
        ],
        ..planner.step("fetch Go modules", &builder.root, Script::Program(command))
    };
    let id = planner.add_fetch(step);
    Some(Tree::Output(id, MODULE_CACHE.to_owned()))
}

/// The step that lists what is imported. Most edits of the source leave the list as it is, and with it what follows.
///
/// It reads the files of all platforms, so that one list is for all of them, and runs no Go, which takes longer.
fn list(planner: &mut Planner<'_>, builder: &Builder<'_>, scripts: Mount, source: Tree) -> Tree {
    let command = script("list.sh", &[IMPORTS, &in_work_tree(&builder.main), WORK_TREE]);
    let mounts = vec![scripts, work_tree(source, Access::ReadOnly), Mount::output(Tree::Scratch, LISTED)];
    let step = Step { mounts, ..planner.step("list imports", &builder.root, Script::Program(command)) };
    Tree::Output(planner.add_compile(step), LISTED.to_owned())
}

/// The step that compiles dependencies alone: an ordinary layer, which registry caches carry.
///
/// What it packs is what it needed of its cache, so nothing else may use that meanwhile.
fn compile_dependencies(
    planner: &mut Planner<'_>,
    builder: &Builder<'_>,
    mounts: &[Mount],
    listed: Tree,
) -> Tree {
    let module = builder.module;
    let profile = builder.main.join("default.pgo").ok();
    let profile_at = profile.as_ref().map(in_work_tree).unwrap_or_default();
    let seen =
        planner.context(module.manifests().into_iter().chain(module.vendor()).chain(profile).collect());
    let mut command = script("dependencies.sh", &[IMPORTS, BUILD_CACHE, DEPENDENCIES, &profile_at]);
    command.extend(flags(module));
    let name = format!("compile dependencies for {}", planner.platforms.target);
    let mut step = step(planner, builder, &name, command);
    step.mounts.extend_from_slice(mounts);
    step.mounts.extend([
        work_tree(seen, Access::Discarded),
        Mount::read_only(listed, LISTED),
        Mount::output(Tree::Scratch, DEPENDENCIES),
    ]);
    let id = format!("go-dependencies-{}", builder.cache);
    step.caches.push(Cache { id, at: BUILD_CACHE.to_owned(), exclusive: true });
    Tree::Output(planner.add_compile(step), DEPENDENCIES.to_owned())
}

/// The step that compiles the program; returns the tree of its output and the work tree.
fn compile(
    planner: &mut Planner<'_>,
    builder: &Builder<'_>,
    mounts: Vec<Mount>,
    dependencies: Tree,
    source: Tree,
) -> (Tree, Tree) {
    let package = package(&builder.main, &builder.module.root);
    let label = format!("compile {package} for {}", planner.platforms.target);
    let mut linker = vec!["-s".to_owned(), "-w".to_owned()];
    linker.extend(builder.module.options.ldflags.iter().cloned());
    let mut command = script("compile.sh", &[DEPENDENCIES, BUILD_CACHE]);
    command.extend(["go", "build"].map(str::to_owned));
    command.extend(flags(builder.module));
    command.push(format!("-ldflags={}", linker.join(" ")));
    command.extend(["-o".to_owned(), format!("{OUTPUT}/{}", builder.name), package]);
    let access = planner.work_access();
    let mut step = step(planner, builder, &label, command);
    step.mounts = mounts;
    step.mounts.extend([
        Mount::read_only(dependencies, DEPENDENCIES),
        work_tree(source.clone(), access),
        Mount::output(Tree::Scratch, OUTPUT),
    ]);
    step.caches.push(shared_cache(builder));
    let id = planner.add_compile(step);
    let work = if access == Access::Output { Tree::Output(id, WORK_TREE.to_owned()) } else { source };
    (Tree::Output(id, OUTPUT.to_owned()), work)
}

/// Go's cache of everything that this project compiled.
fn shared_cache(builder: &Builder<'_>) -> Cache {
    Cache { id: format!("go-build-{}", builder.cache), at: BUILD_CACHE.to_owned(), exclusive: false }
}

/// A step without network in the module's directory.
fn step(planner: &Planner<'_>, builder: &Builder<'_>, name: &str, command: Vec<String>) -> Step {
    let mut env = environment(builder.module);
    env.extend(for_platform(&planner.platforms.target));
    env.push(("GOPROXY".to_owned(), "off".to_owned()));
    Step {
        directory: in_work_tree(&builder.module.root),
        env: env.into(),
        ..planner.step(name, &builder.root, Script::Program(command))
    }
}

/// The command line of one of our scripts.
fn script(name: &str, arguments: &[&str]) -> Vec<String> {
    let words = ["/bin/sh".to_owned(), format!("{SCRIPTS}/{name}")].into_iter();
    words.chain(arguments.iter().map(|&argument| argument.to_owned())).collect()
}

/// The flags by which what is compiled differs: the same for dependencies and the program, or nothing would be reused.
fn flags(module: &Module<'_>) -> Vec<String> {
    let mut flags = ["-trimpath", "-buildvcs=false"].map(str::to_owned).to_vec();
    if !module.options.tags.is_empty() {
        flags.push(format!("-tags={}", module.options.tags.join(",")));
    }
    flags
}

/// The variables of all steps; none depends on the platform, so that one fetch is for all of them.
fn environment(module: &Module<'_>) -> Vec<(String, String)> {
    let mut env = vec![
        ("CGO_ENABLED", if module.options.cgo { "1" } else { "0" }),
        ("GOTOOLCHAIN", "local"),
        ("GOMODCACHE", MODULE_CACHE),
        ("GOFLAGS", if module.vendored { "-mod=vendor" } else { "-mod=readonly" }),
    ];
    if module.workspace.is_none() {
        env.push(("GOWORK", "off"));
    }
    env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The variables that name the platform of the program.
fn for_platform(target: &Platform) -> Vec<(String, String)> {
    let mut env = vec![("GOOS", target.os().to_owned()), ("GOARCH", target.architecture().to_owned())];
    match (target.architecture(), target.variant().strip_prefix('v')) {
        ("arm", Some(version)) => env.push(("GOARM", version.to_owned())),
        ("amd64", Some(level)) => env.push(("GOAMD64", format!("v{level}"))),
        _ => {}
    }
    env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
