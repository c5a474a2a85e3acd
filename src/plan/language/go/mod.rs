//! Go: modules are downloaded and verified with network, the program is compiled without.

mod main_package;
mod module_file;
mod steps;

use std::collections::BTreeSet;

use self::module_file::ModuleFile;
use self::steps::Builder;
use crate::contract::{Artifact, LayerContract, Role};
use crate::diagnostic::Diagnostic;
use crate::model::Go;
use crate::name::{ContextPath, Digest, Reference};
use crate::plan::final_image::Layer;
use crate::plan::node::Tree;
use crate::plan::planner::{Planner, Toolchain};
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE, in_directory};
use crate::plan::tool_versions::{self, Named};

/// What developers' own tools leave in a checkout.
const LEFT_OUT: [&str; 1] = ["**/.git"];
/// The oldest release whose official image exists on [`RELEASE`]; a `go` line names the least, not the only one.
const OLDEST: (u16, u16) = (1, 24);
/// The newest release, in the tag of an image.
const NEWEST: &str = "1";

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
    planner.leave_out(LEFT_OUT);
    ask_ahead(planner, options);
    let named = planner.tool_version(tool_versions::GO);
    let module = find_module(planner, options)?;
    let main = main_package::find(planner, &module);
    let locked = check_lock(planner, &module);
    let version = version(planner, &module, named?.as_ref());
    let reference = Reference::official("golang", &format!("{version}-{RELEASE}"));
    // C compilers do not cross-compile by themselves, so C code is compiled where it will run.
    let platforms = &planner.platforms;
    let platform = if options.cgo { platforms.target.clone() } else { platforms.build.clone() };
    let Toolchain { root, fact, .. } = planner.toolchain(reference, &platform)?;
    let (main, ()) = (main?, locked?);
    let name = main_package::program_name(&module, &main);
    // Whoever shares a cache decides what others compile, so its name tells the very module.
    let project = Digest::of(
        [&module.file.module, module.root.as_str(), &planner.builder_setting()].join("\n").as_bytes(),
    );
    let cache = format!("{}-{}", &project.hex()[..12], &fact.digest.hex()[..12]);
    let builder = Builder { module: &module, main, name, root, cache, toolchain: fact.digest.clone() };
    let (compiled, work) = steps::build(planner, &builder);
    Some(product(planner, &builder.name, compiled, work, options.cgo))
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
    /// The version that `go.mod` or `go.work` asks for, at least, and which of them does.
    fn version(&self) -> Option<((u16, u16), &'static str)> {
        let workspace = self.workspace.as_ref().and_then(|(_, file)| file.minor_version());
        let file = self.file.minor_version();
        file.max(workspace).map(|version| (version, if file >= workspace { "go.mod" } else { "go.work" }))
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

    /// The directory of the modules that are part of the context, where they are.
    fn vendor(&self) -> Option<ContextPath> {
        let directory = self.workspace.as_ref().map_or(&self.root, |(directory, _)| directory);
        directory.join("vendor").ok().filter(|_| self.vendored)
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
fn version(planner: &mut Planner<'_>, module: &Module<'_>, named: Option<&Named>) -> String {
    if let Some(version) = &module.options.version {
        return version.value.clone();
    }
    let written = |(major, minor): (u16, u16)| format!("{major}.{minor}");
    let asked = match (module.version(), named) {
        (Some((version, by)), named) => {
            if let Some(named) = named {
                planner.tell_other_version(named, &named.version, &written(version), by);
            }
            Some((version, by.to_string()))
        }
        (None, Some(named)) => {
            let version = module_file::minor_version(&named.version);
            version.map(|version| (version, named.path.to_string()))
        }
        (None, None) => None,
    };
    let Some((asked, by)) = asked else { return NEWEST.to_owned() };
    let version = written(asked.max(OLDEST));
    if asked >= OLDEST {
        planner.chose_version("Go", &version, &by);
    } else if planner.image.build.base.is_none() {
        let because = format!("{by} asks for {}, and this is the oldest that builds", written(asked));
        planner.chose("Go", &version, &because);
    }
    version
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
        let parsed = |bytes: Option<Option<&[u8]>>| Some((directory.clone(), module_file::parse(bytes??)));
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
    let workspace = workspace
        .filter(|(directory, work)| module_file::directories(directory, &work.uses).0.contains(&root));
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
    let (mut inside, mut outside) = module_file::directories(root, &file.replacing());
    if let Some((directory, work)) = workspace {
        let (members, lost) = module_file::directories(directory, &work.uses);
        outside.extend(lost);
        // The replacements of every member hold in a workspace, not only those of the main module.
        for (member, file) in module_files(planner, &members)? {
            let (more, lost) = module_file::directories(&member, &file.replacing());
            inside.extend(more);
            outside.extend(lost);
        }
        let (more, lost) = module_file::directories(directory, &work.replacing());
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
    Some(found.map(|(directory, bytes)| (directory.clone(), module_file::parse(bytes))).collect())
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
        needs: if cgo { Needs::CLibrary } else { Needs::Nothing },
        work_tree: Some((work, WORK_TREE.to_owned())),
    }
}
