//! Node: packages are fetched with network and without their scripts, scripts and the build run without network.
//!
//! What ships keeps its place below the workspace, so that every link between packages leads where it led in the builder.

mod archives;
mod bundler;
mod entry;
mod framework;
mod lock;
mod manager;
mod package;
mod plain;
mod release;
mod settings;
mod site;
mod sources;
mod steps;
mod unshipped;
mod version;
mod workspace;

pub(super) use self::bundler::{Bundler, makes_site};
use self::entry::{Start, Unclear};
use self::manager::Manager;
pub(super) use self::site::plan as plan_site;
use self::steps::{Builder, Packages};
use self::workspace::Workspace;
use crate::contract::{Artifact, LayerContract, LeaveOut, Role};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::facts::ImageFact;
use crate::model::{FetchScripts, Framework, Node};
use crate::name::{ContextPath, ImagePath};
use crate::plan::final_image::Layer;
use crate::plan::node::Tree;
use crate::plan::planner::{Planner, Toolchain};
use crate::plan::product::{Needs, OUTPUT, Product, WORK_TREE, in_directory};

/// Where the runtime layer has Node.
const NODE: &str = "/usr/local/bin/node";
/// The script that builds unless another is named.
const BUILD: &str = "build";

/// What is known of an application once its files were looked at.
struct Project<'o> {
    options: &'o Node,
    workspace: Workspace,
    /// None where there is nothing to fetch.
    manager: Option<Manager>,
    framework: Framework,
    /// The script that builds.
    script: String,
    /// What the image starts; none where the manifest says it.
    start: Option<Start>,
    /// The directory of the site that ships alone; none where an application ships.
    site: Option<String>,
}

/// Plans a Node application.
pub(super) fn plan(planner: &mut Planner<'_>, options: &Node) -> Option<Product> {
    planner.leave_out(steps::LEFT_OUT);
    ask_ahead(planner);
    let workspace = workspace::read(planner)?;
    let reference = version::image(planner, options.version.as_ref(), &workspace);
    let project = read(planner, options, workspace);
    if let Some(project) = &project {
        // One look at the context for this, and for what else is not known yet.
        plain::needs_no_builder(planner, project);
    }
    let target = planner.platforms.target.clone();
    let toolchain = planner.toolchain(reference?, &target);
    let (project, Toolchain { image, root, fact }) = (project?, toolchain?);
    let runtime = planner.runtime_layer("Node", &image, include_str!("builder/runtime.sh"), Vec::new());
    let built = build(planner, &project, root, fact);
    Some(product(planner, &project, runtime?, built?))
}

/// What ships of an application.
#[derive(Clone)]
struct Made {
    /// A file system that holds it.
    tree: Tree,
    /// Its directory there; empty for all of it.
    from: String,
    /// Where a builder sees that file system.
    seen_at: &'static str,
    /// What of it stays behind, where not all of it ships.
    leave_out: Option<LeaveOut>,
}

/// What the steps of a build make.
struct Built {
    packages: Packages,
    /// What ships of the application.
    made: Made,
    /// The work tree.
    work: Tree,
}

/// The steps of a build, in a builder: fetch, install, and package where that is any work; `None` while files are not known.
fn build(planner: &mut Planner<'_>, project: &Project<'_>, root: Tree, image: &ImageFact) -> Option<Built> {
    let inputs = steps::inputs(planner, project);
    let picked = plain::pick(planner, project);
    let (inputs, picked) = (inputs?, picked?);
    let builder = Builder::new(root, image, project);
    let packages = steps::install(planner, project, &builder, inputs);
    let (made, work) = match picked {
        // Nothing is asked of the work tree then.
        Some(made) => (made, packages.installed.clone()),
        None => steps::package(planner, project, &builder, &packages),
    };
    Some(Built { packages, made, work })
}

/// Asks for what most applications turn out to need, so that one transfer answers it.
fn ask_ahead(planner: &mut Planner<'_>) {
    let source = planner.image.source.path.value.clone();
    for path in ["package-lock.json", "yarn.lock"].iter().filter_map(|name| source.join(name).ok()) {
        planner.ask.file(&path);
    }
    let heads =
        manager::LOCKS.iter().map(|(name, _)| name).chain(&version::FILES).chain(&framework::NEXT_CONFIGS);
    for path in heads.filter_map(|name| source.join(name).ok()) {
        planner.ask.head(&path);
    }
    for path in manager::SETTINGS.iter().filter_map(|name| source.join(name).ok()) {
        planner.ask.file(&path);
    }
    for pattern in steps::PATCHES {
        planner.ask.glob(in_directory(&source, pattern));
    }
}

/// Who fetches the packages, and the script that builds, whatever ships of it; every build by Node asks here, so that none
/// fetches what runs code. `None` while files are not known, or when errors were found.
fn locked_build(
    planner: &mut Planner<'_>,
    options: &Node,
    workspace: &Workspace,
) -> Option<(Option<Manager>, String)> {
    let manager = manager::find(planner, options, workspace);
    let script = script(planner, options, workspace);
    let (manager, script) = (manager?, script?);
    if let Some(manager) = &manager {
        lock::check(planner, manager, workspace)?;
        sources::check(planner, options, manager, workspace)?;
    }
    Some((manager, script))
}

fn read<'o>(planner: &mut Planner<'_>, options: &'o Node, workspace: Workspace) -> Option<Project<'o>> {
    let build = locked_build(planner, options, &workspace);
    let framework = framework::find(planner, options, &workspace);
    let ((manager, script), framework) = (build?, framework?);
    let start = match (framework, planner.is_started()) {
        (_, true) => None,
        (Framework::Next, _) => Some(Start::of("server.js")),
        (Framework::Nitro, _) => Some(Start::of("server/index.mjs")),
        (Framework::None, _) => Some(start(planner, &workspace)?),
    };
    Some(Project { options, workspace, manager, framework, script, start, site: None })
}

impl Project<'_> {
    /// Whether scripts of fetched packages may use the network.
    fn fetch_executes(&self) -> bool {
        self.options.fetch_scripts != FetchScripts::None
    }

    /// Where the application lies, relative to the workdir: Nitro's output knows nothing of a workspace.
    fn below(&self) -> ContextPath {
        match self.framework {
            Framework::Nitro => ContextPath::root(),
            Framework::Next | Framework::None => self.workspace.below(),
        }
    }
}

/// The script that builds; an error where the manifest names one that does not exist.
fn script(planner: &mut Planner<'_>, options: &Node, workspace: &Workspace) -> Option<String> {
    let Some(named) = &options.script else { return Some(BUILD.to_owned()) };
    let application = workspace.application();
    if application.script(&named.value).is_some() {
        return Some(named.value.clone());
    }
    let message = format!("`{}` has no script `{}`", application.path(), named.value);
    let error = Diagnostic::error("no-script", message).at(named.span);
    planner.report(match did_you_mean(&named.value, application.scripts()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    });
    None
}

/// What the application starts by itself; an error where it does not say so.
fn start(planner: &mut Planner<'_>, workspace: &Workspace) -> Option<Start> {
    let application = workspace.application();
    let (path, usual) = (application.path(), application.directory.join(entry::USUAL).ok()?);
    let (message, why) = match entry::find(application) {
        Ok(start) => return Some(start),
        Err(Unclear::Nothing) if planner.ask.head(&usual)?.is_some() => return Some(Start::of(entry::USUAL)),
        Err(Unclear::Script(script)) => (
            format!("the start script of `{path}` is no plain `node …`: `{script}`"),
            "the image has no shell and no package manager that could run it",
        ),
        Err(Unclear::Programs(names)) => {
            (format!("`{path}` has several programs: {}", names.join(", ")), "an image starts one of them")
        }
        Err(Unclear::Nothing) => (
            format!("nothing in `{path}` says what the image starts"),
            "it has neither a start script of the form `node …`, nor one program, nor `main`, and beside it is no \
             `server.js`",
        ),
    };
    let error = Diagnostic::error("no-entrypoint", message).at(planner.image.language.span).why(why);
    let name = "name it, and the variables it wants: `runtime: {entrypoint: [node, server.js], env: {…}}`";
    planner.report(error.help(match bundler::find(application) {
        Some(_) => format!("{name}; a site of files alone has `static: {{}}` beside it"),
        None => name.to_owned(),
    }));
    None
}

fn product(
    planner: &Planner<'_>,
    project: &Project<'_>,
    runtime: Layer,
    Built { packages, made, work }: Built,
) -> Product {
    let workdir = &planner.image.runtime.workdir;
    let layer = |role: Role, Made { tree: source, from, seen_at, leave_out }: Made| {
        let artifact = Artifact { leave_out, ..Artifact::new(from, workdir.clone()) };
        let contract = LayerContract::of(role, vec![artifact]);
        Layer { contract, source, seen_at: seen_at.to_owned(), span: Some(planner.image.language.span) }
    };
    let mut layers = vec![runtime];
    if project.framework == Framework::None {
        layers.extend(packages.shipped.map(|tree| layer(Role::Dependencies, Made::all_of(tree))));
        layers.push(layer(Role::Application, made));
    } else {
        let part = |name: &str| Made { from: name.to_owned(), ..made.clone() };
        layers.push(layer(Role::Dependencies, part("dependencies")));
        layers.push(layer(Role::Application, part("application")));
    }
    let directory = workdir.join(&project.below());
    let entrypoint = project.start.as_ref().map(|start| start.command(&directory)).unwrap_or_default();
    let mut env = vec![("NODE_ENV".to_owned(), "production".to_owned())];
    if project.framework == Framework::Next {
        // Its server takes the variable, which runtimes set to the container's name, for the address to listen on.
        env.push(("HOSTNAME".to_owned(), "0.0.0.0".to_owned()));
    }
    let work_tree = Some((work, WORK_TREE.to_owned()));
    Product { layers, entrypoint, env, needs: Needs::CLibrary, work_tree, directory: Some(directory) }
}

impl Made {
    /// Everything that a builder put into its output.
    fn all_of(tree: Tree) -> Made {
        Made { tree, from: String::new(), seen_at: OUTPUT, leave_out: None }
    }
}

impl Start {
    /// A program without options and arguments.
    fn of(program: &str) -> Start {
        Start { options: Vec::new(), program: program.to_owned(), arguments: Vec::new() }
    }

    /// The command that starts it from the application's directory.
    fn command(&self, directory: &ImagePath) -> Vec<String> {
        let program = format!("{directory}/{}", self.program);
        let words = std::iter::once(NODE.to_owned()).chain(self.options.iter().cloned());
        words.chain([program]).chain(self.arguments.iter().cloned()).collect()
    }
}
