//! The steps of a Node application's builder.

use std::sync::Arc;

use super::package::Package;
use super::{Made, Project, archives, settings, unshipped};
use crate::diagnostic::Diagnostic;
use crate::facts::ImageFact;
use crate::manifest::Framework;
use crate::model::FetchScripts;
use crate::name::{ContextPath, Digest};
use crate::plan::final_image::{DEFAULT_PATH, FetchedCode};
use crate::plan::node::{Access, Compartment, FileEdit, Files, Mount, Node, Script, Step, Tree};
use crate::plan::planner::{Planner, names};
use crate::plan::product::{MANIFESTS, OUTPUT, WORK_TREE, in_directory, in_work_tree};
use crate::plan::steps::{LACKING, work_tree};
use crate::text::{Span, Spanned};

/// The patches of packages that Yarn and pnpm apply as they install.
pub(super) const PATCHES: [&str; 2] = ["patches/*.patch", ".yarn/patches/*.patch"];
/// Where the package manager is, where it is not the image's own.
const MANAGER: &str = "/manager";
/// Where what earlier fetches downloaded is kept.
const DOWNLOADS: &str = "/downloads";
/// Where steps find our own scripts.
const SCRIPTS: &str = "/run/cofferdam";
const PACKAGES: (&str, &str) = ("packages.mjs", include_str!("builder/packages.mjs"));
const INSTALL: (&str, &str) = ("scripts.mjs", include_str!("builder/scripts.mjs"));
const BUILDING: (&str, &str) = ("build.mjs", include_str!("builder/build.mjs"));
const DOWNLOADING: (&str, &str) = ("downloads.mjs", include_str!("builder/downloads.mjs"));
const GATHER: (&str, &str) = ("gather.mjs", include_str!("builder/gather.mjs"));
/// All packages, and none of them, as our scripts read lists.
const ALL: &str = "null";
const NONE: &str = "[]";
/// What developers' own tools leave in a checkout.
pub(super) const LEFT_OUT: [&str; 5] = ["**/node_modules", "**/.git", "**/.next", "**/.output", "**/.turbo"];

/// What the steps of one builder share.
pub(super) struct Builder {
    root: Tree,
    env: Arc<Vec<(String, String)>>,
    /// The digest of the image that it began as.
    toolchain: Digest,
    /// The ground and the application's directory, as builders see them.
    ground: String,
    application: String,
}

/// What was installed.
pub(super) struct Packages {
    /// The work tree's manifests with all packages in their places.
    pub(super) installed: Tree,
    /// The package manager, where it is not the image's own.
    manager: Option<Tree>,
    /// The packages that run, where the application needs any and its framework does not pick them by itself.
    pub(super) shipped: Option<Tree>,
}

impl Builder {
    /// A builder in the given file system.
    pub(super) fn new(root: Tree, fact: &ImageFact, project: &Project<'_>) -> Builder {
        let ground = in_work_tree(&project.workspace.ground);
        let application = in_work_tree(&project.workspace.application().directory);
        let env = environment(fact, &application, &ground).into();
        Builder { root, env, toolchain: fact.digest.clone(), ground, application }
    }
}

/// The manifests, lock files, patches and settings: all that the fetch step may see; `None` while they are not known.
pub(super) fn inputs(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<Tree> {
    let workspace = &project.workspace;
    let mut paths: Vec<ContextPath> = Vec::new();
    for package in &workspace.packages {
        paths.push(package.directory.join("package.json").ok()?);
    }
    let mut edits = Vec::new();
    if let Some(manager) = &project.manager {
        paths.push(manager.lock.clone());
        paths.extend(archives::read(planner, manager, workspace)?);
        let patches = PATCHES.map(|pattern| planner.ask.glob(in_directory(&workspace.root, pattern)));
        let names = manager.tool.settings();
        let names: Vec<_> = names.iter().filter_map(|name| workspace.root.join(name).ok()).collect();
        let texts: Vec<_> = names.iter().map(|path| planner.ask.file(path)).collect();
        for found in patches {
            paths.extend(found?.iter().cloned());
        }
        for (path, text) in names.iter().zip(texts) {
            let Some(text) = text? else { continue };
            let Some(needed) = settings::needed(manager.tool, path.file_name(), text) else {
                return unreadable(planner, path);
            };
            let content = needed.into_bytes();
            edits.push(FileEdit::File { path: format!("/{path}"), mode: 0o644, content });
        }
    }
    let over = planner.context(paths);
    if edits.is_empty() {
        return Some(over);
    }
    let name =
        format!("settings of {}", project.manager.as_ref().map_or("", |manager| manager.tool.program()));
    let span = Some(planner.image.language.span);
    Some(Tree::Root(planner.add(Node::Files(Files { name, over, edits, span }))))
}

fn unreadable<T>(planner: &mut Planner<'_>, path: &ContextPath) -> Option<T> {
    let message = format!("`{path}` cannot be read, or has a package made by a program");
    let error = Diagnostic::error("settings", message).at(planner.image.language.span);
    let why =
        "a fetch sees of the settings what names no code, which can be told only where they are plain YAML";
    planner.report(error.why(why).help("write each key once, and no tags"));
    None
}

/// The steps that fetch packages and run their scripts.
pub(super) fn install(
    planner: &mut Planner<'_>,
    project: &Project<'_>,
    builder: &Builder,
    inputs: Tree,
) -> Packages {
    if project.manager.is_none() {
        return Packages { installed: inputs, manager: None, shipped: None };
    }
    let (fetched, manager) = fetch(planner, project, builder, inputs);
    let fetched = network_scripts(planner, project, builder, fetched, manager.as_ref());
    let (chosen, left) = offline_scripts(project);
    let install = ("install.sh", include_str!("builder/install.sh"));
    let (mount, _) = planner.scripts(&[INSTALL, PACKAGES, GATHER, LACKING, install]);
    let script = format!("{SCRIPTS}/install.sh");
    let argv = ["/bin/sh", &script, SCRIPTS, &builder.ground, &builder.application, &chosen, &left, OUTPUT];
    let mut step = step(planner, builder, "run install scripts", &argv);
    step.mounts = vec![mount, work_tree(fetched, Access::Output), Mount::output(Tree::Scratch, OUTPUT)];
    step.mounts.extend(manager.clone().map(|tree| Mount::discarded(tree, MANAGER)));
    let id = planner.add_compile(step);
    let installed = Tree::Output(id, WORK_TREE.to_owned());
    let ships = project.framework == Framework::None && project.site.is_none();
    let shipped = ships.then(|| Tree::Output(id, OUTPUT.to_owned()));
    Packages { installed, manager, shipped }
}

/// The step that fetches packages into their places; returns the work tree and the manager that was fetched too.
fn fetch(
    planner: &mut Planner<'_>,
    project: &Project<'_>,
    builder: &Builder,
    inputs: Tree,
) -> (Tree, Option<Tree>) {
    let Some(manager) = &project.manager else { return (inputs, None) };
    let (mount, script) = planner.scripts(&[("fetch.sh", include_str!("builder/fetch.sh")), DOWNLOADING]);
    // Packages from repositories that may run their scripts do so as they are fetched.
    let downloads = planner.downloads(manager.tool.program(), &builder.toolchain, DOWNLOADS);
    let downloads = downloads.filter(|_| !project.fetch_executes());
    let package = manager.package();
    let (algorithm, checksum) = manager.checksum();
    let workspace = in_work_tree(&project.workspace.root);
    let argv = [
        "/bin/sh",
        &script,
        MANIFESTS,
        &workspace,
        MANAGER,
        package.as_deref().unwrap_or(""),
        algorithm,
        checksum,
        manager.part(),
        manager.lock.file_name(),
        downloads.as_ref().map_or("", |cache| &cache.at),
    ];
    let argv: Vec<&str> = argv.into_iter().chain(manager.tool.install().iter().copied()).collect();
    let mut step = step(planner, builder, &format!("fetch packages with {}", manager.title()), &argv);
    WORK_TREE.clone_into(&mut step.directory);
    step.mounts = vec![mount, Mount::read_only(inputs, MANIFESTS), Mount::output(Tree::Scratch, WORK_TREE)];
    step.mounts.extend(package.is_some().then(|| Mount::output(Tree::Scratch, MANAGER)));
    step.caches.extend(downloads);
    let id = planner.add_fetch(step);
    let output = |path: &str| Tree::Output(id, path.to_owned());
    (output(WORK_TREE), package.map(|_| output(MANAGER)))
}

/// The step in which install scripts that the manifest names use the network, without any secret.
fn network_scripts(
    planner: &mut Planner<'_>,
    project: &Project<'_>,
    builder: &Builder,
    fetched: Tree,
    manager: Option<&Tree>,
) -> Tree {
    let (chosen, whose, span) = match &project.options.fetch_scripts {
        FetchScripts::None => return fetched,
        FetchScripts::All(span) => (ALL.to_owned(), "all packages".to_owned(), *span),
        FetchScripts::Packages(packages) => {
            let Some(span) = packages.iter().map(|name| name.span).reduce(Span::to) else { return fetched };
            (json(packages), names(packages.iter().map(|name| name.value.as_str())), span)
        }
    };
    let message = format!("install scripts of {whose} run with network");
    planner.run_fetched_code(
        FetchedCode::RunsApart,
        span,
        message,
        "name only packages whose scripts fail offline; put into the context what they would download",
    );
    let (mount, script) = planner.scripts(&[INSTALL, PACKAGES, LACKING]);
    let judge = format!("{SCRIPTS}/{}", LACKING.0);
    let argv = ["/bin/sh", &judge, "/tmp/errors", "node", &script, "network", &builder.ground, &chosen, NONE];
    let mut step = step(planner, builder, "run install scripts with network", &argv);
    (step.compartment, step.span) = (Compartment::Fetch, Some(span));
    Arc::make_mut(&mut step.env).extend(planner.image.fetch.env.iter().cloned());
    step.mounts = vec![mount, work_tree(fetched, Access::Output)];
    step.mounts.extend(manager.map(|tree| Mount::discarded(tree.clone(), MANAGER)));
    Tree::Output(planner.add(Node::Step(step)), WORK_TREE.to_owned())
}

/// The packages whose scripts run offline, and those of them whose scripts have run: pnpm may have its own opinion.
fn offline_scripts(project: &Project<'_>) -> (String, String) {
    let chosen = match &project.manager {
        Some(manager) if manager.asks_for_scripts() => {
            serde_json::Value::from(project.workspace.allowed_scripts.clone().unwrap_or_default()).to_string()
        }
        _ => ALL.to_owned(),
    };
    match &project.options.fetch_scripts {
        FetchScripts::None => (chosen, NONE.to_owned()),
        FetchScripts::All(_) => (NONE.to_owned(), NONE.to_owned()),
        FetchScripts::Packages(names) => (chosen, json(names)),
    }
}

fn json(names: &[Spanned<String>]) -> String {
    names.iter().map(|name| name.value.as_str()).collect::<serde_json::Value>().to_string()
}

/// The step that builds; returns what ships of it, and the work tree.
pub(super) fn package(
    planner: &mut Planner<'_>,
    project: &Project<'_>,
    builder: &Builder,
    packages: &Packages,
) -> (Made, Tree) {
    let workspace = &project.workspace;
    let source = planner.lay_source(packages.installed.clone(), workspace.ground.clone());
    let members = serde_json::Value::from(workspace.members()).to_string();
    let what = match project.framework {
        _ if project.site.is_some() => "site",
        Framework::None => "application",
        Framework::Next => "next",
        Framework::Nitro => "nitro",
    };
    let is_built = workspace.application().script(&project.script).is_some().to_string();
    // Where nothing is to be run, nothing looks for it: that would be a program more at each edit of the source.
    let script = if may_run(planner, project) { project.script.as_str() } else { "" };
    let start =
        project.start.as_ref().map(|start| &start.program).or(project.site.as_ref()).map_or("", |path| path);
    let unshipped = unshipped::as_json();
    let mut scripts = vec![BUILDING, PACKAGES, GATHER, ("package.sh", include_str!("builder/package.sh"))];
    if what == "application" {
        scripts.push(("unshipped.json", &unshipped));
    }
    let (mount, _) = planner.scripts(&scripts);
    let program = format!("{SCRIPTS}/package.sh");
    let (ground, application) = (&builder.ground, &builder.application);
    let argv =
        ["/bin/sh", &program, SCRIPTS, ground, application, &members, script, OUTPUT, what, &is_built, start];
    let name = match workspace.application().name() {
        Some(name) if is_built == "true" => format!("build {name} by its script {}", project.script),
        Some(name) => format!("package {name}"),
        None => "build the application".to_owned(),
    };
    let mut step = step(planner, builder, &name, &argv);
    step.mounts.extend(packages.manager.clone().map(|tree| Mount::discarded(tree, MANAGER)));
    let prepared = planner.run_commands(&step, source);
    let access = planner.work_access();
    // What builds writes into the work tree; nobody else sees that unless something of it is declared.
    step.mounts.extend([mount, work_tree(prepared.clone(), access), Mount::output(Tree::Scratch, OUTPUT)]);
    let id = planner.add_compile(step);
    let work = if access == Access::Output { Tree::Output(id, WORK_TREE.to_owned()) } else { prepared };
    (Made::all_of(Tree::Output(id, OUTPUT.to_owned())), work)
}

/// Whether building runs anything of the workspace's packages; commands of the manifest may write anything.
pub(super) fn may_run(planner: &Planner<'_>, project: &Project<'_>) -> bool {
    let scripts = ["postinstall", project.script.as_str()];
    let runs = |package: &Package| scripts.iter().any(|name| package.script(name).is_some());
    !planner.image.build.run.is_empty() || project.workspace.packages.iter().any(runs)
}

fn step(planner: &Planner<'_>, builder: &Builder, name: &str, argv: &[&str]) -> Step {
    let script = Script::Program(argv.iter().map(|&word| word.to_owned()).collect());
    Step {
        env: Arc::clone(&builder.env),
        directory: builder.application.clone(),
        ..planner.step(name, &builder.root, script)
    }
}

/// The variables of all steps.
fn environment(image: &ImageFact, application: &str, ground: &str) -> Vec<(String, String)> {
    let path = image.config.variable("PATH").unwrap_or(DEFAULT_PATH);
    let programs = "node_modules/.bin";
    let env = [
        ("PATH", format!("{MANAGER}/bin:{application}/{programs}:{ground}/{programs}:{path}")),
        ("CI", "true".to_owned()),
        // Headers of the very Node that is there: add-ons are compiled without downloading them.
        ("npm_config_nodedir", "/usr/local".to_owned()),
        ("npm_config_update_notifier", "false".to_owned()),
        ("npm_config_audit", "false".to_owned()),
        ("npm_config_fund", "false".to_owned()),
        ("YARN_ENABLE_TELEMETRY", "0".to_owned()),
        ("YARN_IGNORE_PATH", "1".to_owned()),
        ("YARN_NODE_LINKER", "node-modules".to_owned()),
        ("NEXT_TELEMETRY_DISABLED", "1".to_owned()),
        ("NUXT_TELEMETRY_DISABLED", "1".to_owned()),
    ];
    env.map(|(name, value)| (name.to_owned(), value)).into()
}
