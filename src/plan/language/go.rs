//! Go: modules are downloaded and verified with network, the program is compiled without.

use std::collections::BTreeSet;

use super::go_module::{self, ModuleFile};
use crate::contract::{Artifact, LayerContract, Role};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::Go;
use crate::name::{ContextPath, Digest, Platform, Reference};
use crate::plan::final_image::Layer;
use crate::plan::node::{Access, Cache, Mount, Script, Step, Tree};
use crate::plan::planner::{Planner, Toolchain};
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE, in_directory, in_work_tree};
use crate::plan::steps::work_tree;
use crate::plan::tool_versions::{self, Named};

const MODULE_CACHE: &str = "/go/pkg/mod";
const BUILD_CACHE: &str = "/root/.cache/go-build";
/// The oldest release whose official image exists on [`RELEASE`]; a `go` line names the least, not the only one.
const OLDEST: (u16, u16) = (1, 24);

/// Everything that planning knows of a Go application.
struct Module<'a> {
    options: &'a Go,
    /// The directory of `go.mod`.
    root: ContextPath,
    file: ModuleFile,
    /// The directory of `go.work`, where one uses this module.
    workspace: Option<(ContextPath, ModuleFile)>,
    /// The directories of other modules that the build reads.
    others: Vec<ContextPath>,
    /// Whether modules are required that no directory stands for.
    remote: bool,
    vendored: bool,
}

/// Plans a Go application.
pub(super) fn plan(planner: &mut Planner<'_>, options: &Go) -> Option<Product> {
    ask_ahead(planner, options);
    let named = planner.tool_version(tool_versions::GO);
    let module = find_module(planner, options)?;
    let main = find_main(planner, &module);
    let locked = check_lock(planner, &module);
    let version = version(planner, &module, named?);
    let reference = Reference::official("golang", &format!("{version}-{RELEASE}"));
    // C compilers do not cross-compile by themselves, so C code is compiled where it will run.
    let platforms = &planner.platforms;
    let platform = if options.cgo { platforms.target.clone() } else { platforms.build.clone() };
    let Toolchain { root, fact, .. } = planner.toolchain(reference, &platform)?;
    let (main, ()) = (main?, locked?);
    let name = program_name(&module, &main);
    let modules = fetch(planner, &module, &root);
    // Whoever shares a cache decides what others compile, so its id names the very module.
    let project = Digest::of(format!("{} {}", module.file.module, module.root).as_bytes());
    let cache = format!("go-build-{}-{}", &project.hex()[..12], &fact.digest.hex()[..12]);
    let (compiled, work) = compile(planner, &module, &main, &name, &root, modules, cache);
    Some(product(planner, &name, compiled, work, options.cgo))
}

/// Asks for what most applications turn out to need, so that one transfer answers it: the application's own directory
/// is most often the module's.
fn ask_ahead(planner: &mut Planner<'_>, options: &Go) {
    let source = planner.image.source.path.value.clone();
    for path in ["go.sum", "vendor/modules.txt"].iter().filter_map(|name| source.join(name).ok()) {
        planner.ask.head(&path);
    }
    let main = options.main.as_ref().and_then(|main| source.join(main.value.as_str()).ok());
    let main = main.map(|directory| in_directory(&directory, "*.go"));
    for pattern in main.into_iter().chain(["*.go", "cmd/*/*.go"].map(|files| in_directory(&source, files))) {
        planner.ask.glob(pattern);
    }
}

impl Module<'_> {
    /// The version that `go.mod` and `go.work` ask for, at least.
    fn version(&self) -> Option<String> {
        let workspace = self.workspace.as_ref().and_then(|(_, file)| file.minor_version());
        self.file.minor_version().max(workspace).map(image_version)
    }

    /// The manifests and lock files: all that the fetch step may see.
    fn manifests(&self) -> Vec<ContextPath> {
        let mut paths: Vec<ContextPath> = Vec::new();
        for directory in std::iter::once(&self.root).chain(&self.others) {
            paths.extend(["go.mod", "go.sum"].iter().filter_map(|name| directory.join(name).ok()));
        }
        if let Some((directory, _)) = &self.workspace {
            paths.extend(["go.work", "go.work.sum"].iter().filter_map(|name| directory.join(name).ok()));
        }
        paths
    }

    /// The source: all that the compile step may see.
    fn source(&self) -> Vec<ContextPath> {
        let mut paths = self.others.clone();
        paths.push(self.root.clone());
        if let Some((directory, _)) = &self.workspace {
            let files = ["go.work", "go.work.sum", "vendor"];
            paths.extend(files.iter().filter_map(|name| directory.join(name).ok()));
        }
        paths
    }
}

/// The version that builds: as the manifest has it, else the module, else `.tool-versions`, else the newest.
fn version(planner: &mut Planner<'_>, module: &Module<'_>, named: Option<Named>) -> String {
    if let Some(version) = &module.options.version {
        return version.value.clone();
    }
    match (module.version(), named) {
        (Some(version), Some(named)) => {
            planner.tell_other_version(&named, &named.version, &version, "go.mod");
            version
        }
        (Some(version), None) => version,
        (None, Some(named)) => {
            go_module::minor_version(&named.version).map_or_else(|| "1".to_owned(), image_version)
        }
        (None, None) => "1".to_owned(),
    }
}

/// The version of the official image for a release that is asked for.
fn image_version(version: (u16, u16)) -> String {
    let (major, minor) = version.max(OLDEST);
    format!("{major}.{minor}")
}

/// Finds `go.mod` and `go.work` from the application's directory upward, and the modules beside it.
fn find_module<'o>(planner: &mut Planner<'_>, options: &'o Go) -> Option<Module<'o>> {
    let source = planner.image.source.path.clone();
    let mut module = None;
    let mut workspace = None;
    let mut known = true;
    for directory in source.value.ancestors() {
        let mut look = |name: &str| directory.join(name).ok().and_then(|path| planner.ask.file(&path));
        let (go_mod, go_work) = (look("go.mod"), look("go.work"));
        known &= go_mod.is_some() && go_work.is_some();
        let parsed = |bytes: Option<Option<&[u8]>>| Some((directory.clone(), go_module::parse(bytes??)));
        module = module.or_else(|| parsed(go_mod));
        workspace = workspace.or_else(|| parsed(go_work));
    }
    if !known {
        return None;
    }
    let Some((root, file)) = module else {
        let message = format!("there is no go.mod in `{}` or above it", source.value);
        let help =
            "name the application's directory in `source`, or run `go mod init` there and commit go.mod";
        planner.report(Diagnostic::error("no-module", message).at(planner.source_span()).help(help));
        return None;
    };
    let workspace =
        workspace.filter(|(directory, work)| go_module::directories(directory, &work.uses).0.contains(&root));
    let others = other_modules(planner, &root, &file, workspace.as_ref())?;
    let vendor =
        workspace.as_ref().map_or(&root, |(directory, _)| directory).join("vendor/modules.txt").ok()?;
    let vendored = planner.ask.head(&vendor)?.is_some();
    let remote = remote_modules(planner, &file, workspace.as_ref(), &others)?;
    Some(Module { options, root, file, workspace, others, remote, vendored })
}

/// The directories that replace modules or stand beside this one in the workspace; `None` while files are not known.
fn other_modules(
    planner: &mut Planner<'_>,
    root: &ContextPath,
    file: &ModuleFile,
    workspace: Option<&(ContextPath, ModuleFile)>,
) -> Option<Vec<ContextPath>> {
    let (mut inside, mut outside) = go_module::directories(root, &file.replacing());
    if let Some((directory, work)) = workspace {
        let (members, lost) = go_module::directories(directory, &work.uses);
        outside.extend(lost);
        // The replacements of every member hold in a workspace, not only those of the main module.
        for (member, file) in module_files(planner, &members)? {
            let (more, lost) = go_module::directories(&member, &file.replacing());
            inside.extend(more);
            outside.extend(lost);
        }
        let (more, lost) = go_module::directories(directory, &work.replacing());
        inside.extend(members.into_iter().chain(more));
        outside.extend(lost);
    }
    outside.sort();
    outside.dedup();
    for path in outside {
        let message = format!("`{path}`, which go.mod or go.work names, lies outside the build context");
        let help = "build from a directory that holds both, and name the application's in `source`";
        planner
            .report(Diagnostic::error("outside-context", message).at(planner.image.language.span).help(help));
    }
    inside.retain(|directory| directory != root);
    inside.sort();
    inside.dedup();
    Some(inside)
}

/// What the `go.mod` files of some directories say; `None` while they are not known.
fn module_files(
    planner: &mut Planner<'_>,
    directories: &[ContextPath],
) -> Option<Vec<(ContextPath, ModuleFile)>> {
    let mut answers = Vec::new();
    for directory in directories {
        answers.push((directory, planner.ask.file(&directory.join("go.mod").ok()?)));
    }
    let answers = answers.into_iter().map(|(directory, bytes)| Some((directory, bytes?)));
    let answers: Vec<_> = answers.collect::<Option<_>>()?;
    let found = answers.into_iter().filter_map(|(directory, bytes)| Some((directory, bytes?)));
    Some(found.map(|(directory, bytes)| (directory.clone(), go_module::parse(bytes))).collect())
}

/// Whether anything must be downloaded: a module is required that no directory of the context stands for.
fn remote_modules(
    planner: &mut Planner<'_>,
    file: &ModuleFile,
    workspace: Option<&(ContextPath, ModuleFile)>,
    others: &[ContextPath],
) -> Option<bool> {
    let others = module_files(planner, others)?;
    let replacing = workspace.map(|(_, work)| work).into_iter().chain([file]);
    let replaced = replacing.flat_map(|file| &file.replacements).map(|(module, _)| module.as_str());
    let local: BTreeSet<&str> =
        others.iter().map(|(_, other)| other.module.as_str()).chain(replaced).collect();
    let required = others.iter().map(|(_, other)| other).chain([file]).flat_map(ModuleFile::remote);
    Some(required.into_iter().any(|module| !local.contains(module)))
}

/// The directory of the main package: as written, the application's own, or the only one below `cmd`.
fn find_main(planner: &mut Planner<'_>, module: &Module<'_>) -> Option<ContextPath> {
    let source = planner.image.source.path.value.clone();
    let own = planner.ask.glob(in_directory(&source, "*.go"));
    let commands = planner.ask.glob(in_directory(&source, "cmd/*/*.go"));
    if let Some(main) = &module.options.main {
        let directory = source.join(main.value.as_str()).ok()?;
        let files = planner.ask.glob(in_directory(&directory, "*.go"))?;
        if files.is_empty() {
            let known: Vec<String> = candidates(&source, commands?);
            let mut error =
                Diagnostic::error("no-main-package", format!("there is no Go file in `{directory}`"))
                    .at(main.span)
                    .why("`go.main` is the directory of the main package, relative to `source`");
            if let Some(near) = did_you_mean(main.value.as_str(), known.iter().map(String::as_str)) {
                error = error.help(format!("did you mean `{near}`?"));
            }
            planner.report(error);
            return None;
        }
        return Some(directory);
    }
    let (own, commands) = (own?, commands?);
    let (own, commands) = (programs(planner, own), programs(planner, commands));
    let (own, commands) = (own?, commands?);
    let known = candidates(&source, &commands);
    match (!own.is_empty(), &known[..]) {
        (true, _) => Some(source),
        (false, [only]) => source.join(only).ok(),
        (false, []) => {
            let message = format!("there is no Go program (`package main`) in `{source}` or below its `cmd`");
            let help = "name the main package's directory in `go.main`, or the application's in `source`";
            planner
                .report(Diagnostic::error("no-main-package", message).at(planner.source_span()).help(help));
            None
        }
        (false, many) => {
            let message = format!("there are several programs to choose from: {}", many.join(", "));
            let help = format!("name one: `go: {{main: {}}}`", many[0]);
            planner.report(
                Diagnostic::error("ambiguous-main", message).at(planner.image.language.span).help(help),
            );
            None
        }
    }
}

/// Those of some Go files that belong to programs; `None` while they are not known.
fn programs(planner: &mut Planner<'_>, files: &BTreeSet<ContextPath>) -> Option<BTreeSet<ContextPath>> {
    let files = files.iter().filter(|path| !path.file_name().ends_with("_test.go"));
    let answers: Vec<_> = files.map(|path| (path, planner.ask.head(path))).collect();
    let answers = answers.into_iter().map(|(path, bytes)| Some((path, bytes?)));
    let answers: Vec<_> = answers.collect::<Option<_>>()?;
    let programs = answers.into_iter().filter(|(_, bytes)| bytes.is_some_and(go_module::is_program));
    Some(programs.map(|(path, _)| path.clone()).collect())
}

/// The directories below `cmd` that hold Go files, relative to the application.
fn candidates(source: &ContextPath, files: &BTreeSet<ContextPath>) -> Vec<String> {
    let directories = files.iter().filter_map(|path| path.parent()?.relative_to(source));
    let mut found: Vec<String> = directories.map(|path| path.as_str().to_owned()).collect();
    found.dedup();
    found
}

/// Modules that are required must be locked by a `go.sum`.
fn check_lock(planner: &mut Planner<'_>, module: &Module<'_>) -> Option<()> {
    if !module.remote || module.vendored {
        return Some(());
    }
    // In a workspace, the sums of every member count.
    let members = module.others.iter().filter(|_| module.workspace.is_some());
    let sums = std::iter::once(&module.root).chain(members).map(|directory| directory.join("go.sum").ok());
    let sums = sums.chain([workspace_sum(module)]).flatten();
    let answers: Vec<_> = sums.map(|path| planner.ask.head(&path)).collect();
    if answers.iter().any(Option::is_none) {
        return None;
    }
    if answers.iter().flatten().all(Option::is_none) {
        let message =
            format!("{} requires modules, but there is no go.sum beside it", path_of(module, "go.mod"));
        let error = Diagnostic::error("unlocked", message)
            .at(planner.image.language.span)
            .why("without checksums nobody knows which code the fetch would bring")
            .help("run `go mod tidy` and commit go.sum");
        planner.report(error);
        return None;
    }
    Some(())
}

fn workspace_sum(module: &Module<'_>) -> Option<ContextPath> {
    module.workspace.as_ref().and_then(|(directory, _)| directory.join("go.work.sum").ok())
}

fn path_of(module: &Module<'_>, file: &str) -> String {
    module.root.join(file).map_or_else(|_| file.to_owned(), |path| path.to_string())
}

/// The step that downloads modules; the tree is the module cache. `None` when there is nothing to fetch.
fn fetch(planner: &mut Planner<'_>, module: &Module<'_>, root: &Tree) -> Option<Tree> {
    if !module.remote || module.vendored {
        return None;
    }
    let manifests = planner.context(module.manifests());
    let mut env = environment(module);
    if !module.options.private.is_empty() {
        env.push(("GOPRIVATE".to_owned(), module.options.private.join(",")));
    }
    let script = Script::Shell { text: "go mod download && go mod verify".to_owned(), arguments: Vec::new() };
    let step = Step {
        directory: in_work_tree(&module.root),
        env: env.into(),
        // Writable, for Go notes sums of a workspace that nothing needs; what is needed and has none fails offline.
        mounts: vec![work_tree(manifests, Access::Discarded), Mount::output(Tree::Scratch, MODULE_CACHE)],
        ..planner.step("fetch Go modules", root, script)
    };
    let id = planner.add_fetch(step);
    Some(Tree::Output(id, MODULE_CACHE.to_owned()))
}

/// The step that compiles; returns the tree of its output and the work tree.
fn compile(
    planner: &mut Planner<'_>,
    module: &Module<'_>,
    main: &ContextPath,
    name: &str,
    root: &Tree,
    modules: Option<Tree>,
    cache: String,
) -> (Tree, Tree) {
    let source = planner.context(module.source());
    let mut env = environment(module);
    env.extend(for_platform(&planner.platforms.target));
    env.push(("GOPROXY".to_owned(), "off".to_owned()));
    let label = format!("compile {} for {}", package(main, &module.root), planner.platforms.target);
    let mut step = Step {
        directory: in_work_tree(&module.root),
        env: env.into(),
        mounts: modules.map(|tree| Mount::discarded(tree, MODULE_CACHE)).into_iter().collect(),
        ..planner.step(label, root, Script::Program(build_command(module, main, name)))
    };
    let prepared = planner.run_commands(&step, source);
    step.mounts.push(work_tree(prepared.clone(), planner.work_access()));
    step.mounts.push(Mount::output(Tree::Scratch, OUTPUT));
    step.caches.push(Cache { id: cache, at: BUILD_CACHE.to_owned() });
    let id = planner.add_compile(step);
    let work = match planner.work_access() {
        Access::Output => Tree::Output(id, WORK_TREE.to_owned()),
        _ => prepared,
    };
    (Tree::Output(id, OUTPUT.to_owned()), work)
}

fn build_command(module: &Module<'_>, main: &ContextPath, name: &str) -> Vec<String> {
    let mut linker = vec!["-s".to_owned(), "-w".to_owned()];
    linker.extend(module.options.ldflags.iter().cloned());
    let mut command: Vec<String> = ["go", "build", "-trimpath", "-buildvcs=false"].map(str::to_owned).into();
    command.push(format!("-ldflags={}", linker.join(" ")));
    if !module.options.tags.is_empty() {
        command.push(format!("-tags={}", module.options.tags.join(",")));
    }
    command.extend(["-o".to_owned(), format!("{OUTPUT}/{name}"), package(main, &module.root)]);
    command
}

/// The variables that both steps share; none depends on the platform, so that one fetch is for all of them.
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

fn product(planner: &Planner<'_>, name: &str, compiled: Tree, work: Tree, cgo: bool) -> Product {
    let to = planner.image.runtime.workdir.join(&ContextPath::parse(name).unwrap_or_default());
    let entrypoint = vec![to.as_str().to_owned()];
    let artifacts = vec![Artifact::new(name, to)];
    let contract = LayerContract::of(Role::Application, artifacts);
    let span = Some(planner.image.language.span);
    Product {
        layers: vec![Layer { contract, source: compiled, seen_at: OUTPUT.to_owned(), span }],
        entrypoint,
        env: Vec::new(),
        directory: None,
        fetch_executes: false,
        needs: if cgo { Needs::CLibrary } else { Needs::Nothing },
        work_tree: Some((work, WORK_TREE.to_owned())),
    }
}

/// The program's name: that of its directory, or of the module where the program is the module's root.
fn program_name(module: &Module<'_>, main: &ContextPath) -> String {
    let name = if main == &module.root { module.file.program_name() } else { main.file_name() };
    // A hostile module path may end in anything.
    let is_name = !name.is_empty() && !name.starts_with(['-', '.']);
    if is_name { name.to_owned() } else { "app".to_owned() }
}

/// The package's path for the go command, run in the module's directory.
fn package(main: &ContextPath, root: &ContextPath) -> String {
    match main.relative_to(root) {
        Some(relative) if !relative.is_root() => format!("./{relative}"),
        _ => ".".to_owned(),
    }
}
