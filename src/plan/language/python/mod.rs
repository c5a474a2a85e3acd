//! Python: packages are fetched as files with network, installed into a virtual environment without.
//!
//! The interpreter ships as a layer of its own, copied from the very image that evaluated the lock file's markers.

mod local;
mod project;
mod requirements;
mod served;
mod setup_cfg;
mod start;
mod version;

use serde_json::json;

use self::project::Project;
use crate::contract::{Artifact, LayerContract, Link, Role};
use crate::facts::ImageFact;
use crate::model::Python;
use crate::name::{ContextPath, ImagePath, Reference};
use crate::plan::final_image::{DEFAULT_PATH, Layer};
use crate::plan::node::{Access, Cache, Mount, Script, Step, Tree};
use crate::plan::planner::{Planner, Toolchain};
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE, in_work_tree};
use crate::plan::steps::{LACKING, work_tree};

/// Where packages are fetched to.
const FETCHED: &str = "/fetched";
/// Where what earlier fetches downloaded is kept.
const DOWNLOADS: &str = "/downloads";
/// Where the official image has its interpreter.
const INTERPRETER: &str = "/usr/local/bin/python3";
/// Our own program that fetches packages.
const FETCH: [(&str, &str); 7] = [
    ("fetch.py", include_str!("fetch/fetch.py")),
    ("index.py", include_str!("fetch/index.py")),
    ("kept.py", include_str!("fetch/kept.py")),
    ("locks.py", include_str!("fetch/locks.py")),
    ("package.py", include_str!("fetch/package.py")),
    ("requirements.py", include_str!("fetch/requirements.py")),
    ("source.py", include_str!("fetch/source.py")),
];
/// What makes the virtual environment.
const INSTALL: [(&str, &str); 3] =
    [("install.sh", include_str!("install.sh")), ("strip.py", include_str!("strip.py")), LACKING];
/// Directories of a checkout that developers' own tools make.
const LEFT_OUT: [&str; 5] = ["venv", "**/.venv", "**/__pycache__", "**/.git", "**/.tox"];

/// Plans a Python application.
pub(super) fn plan(planner: &mut Planner<'_>, options: &Python) -> Option<Product> {
    let project = project::read(planner, options)?;
    let checked = served::check(planner, &project);
    planner.leave_out(LEFT_OUT);
    let target = planner.platforms.target.clone();
    let reference = Reference::official("python", &format!("{}-{RELEASE}", project.version));
    let Toolchain { image, root, fact } = planner.toolchain(reference, &target)?;
    checked?;
    let venv = planner.image.runtime.workdir.join(&ContextPath::parse(".venv").ok()?);
    let entrypoint = start::entrypoint(planner, &project, &venv)?;
    let copy = format!("bytecode={}\n{}", options.bytecode, include_str!("runtime.sh"));
    let runtime = planner.runtime_layer("the Python runtime", &image, &copy, Vec::new())?;
    let downloads = planner.downloads("python", &fact.digest, DOWNLOADS);
    let python = Builder { root, env: environment(fact, &venv), venv, bytecode: options.bytecode, downloads };
    let fetched = fetch(planner, &project, options, &python);
    let packages = install(planner, &python, &fetched);
    let (made, work) = package(planner, &project, &python, &fetched, &packages);
    let layers = vec![runtime, dependencies(planner, &python, packages), application(planner, &python, made)];
    let env = run_environment(&python.venv);
    let work_tree = Some((work, WORK_TREE.to_owned()));
    Some(Product { layers, entrypoint, env, directory: None, needs: Needs::CLibrary, work_tree })
}

/// What the steps of one builder share.
struct Builder {
    root: Tree,
    env: Vec<(String, String)>,
    /// Where the virtual environment is, in the builder and in the image.
    venv: ImagePath,
    bytecode: bool,
    /// What earlier fetches downloaded.
    downloads: Option<Cache>,
}

/// The step that fetches packages as files.
fn fetch(planner: &mut Planner<'_>, project: &Project, options: &Python, python: &Builder) -> Tree {
    let request = json!({
        "root": WORK_TREE,
        "directory": in_work_tree(&planner.image.source.path.value),
        "lock": project.lock.as_ref().map(in_work_tree).unwrap_or_default(),
        "manager": project.format,
        "extras": options.extras,
        "groups": options.groups,
        "install": project.installs,
    });
    let manifests = planner.context(project.manifests.clone());
    let (script, path) = planner.scripts(&FETCH);
    let request = request.to_string();
    let mut argv = vec!["python3", "-B", &path, &request, FETCHED];
    argv.extend(python.downloads.as_ref().map(|cache| cache.at.as_str()));
    let argv = argv.into_iter().map(str::to_owned).collect();
    let step = Step {
        caches: python.downloads.iter().cloned().collect(),
        mounts: vec![work_tree(manifests, Access::ReadOnly), script, Mount::output(Tree::Scratch, FETCHED)],
        ..planner.step("fetch Python packages", &python.root, Script::Program(argv))
    };
    Tree::Output(planner.add_fetch(step), FETCHED.to_owned())
}

/// The step that makes the virtual environment.
fn install(planner: &mut Planner<'_>, python: &Builder, fetched: &Tree) -> Tree {
    let (script, path) = planner.scripts(&INSTALL);
    let argv =
        ["/bin/sh", &path, python.venv.as_str(), FETCHED, &python.bytecode.to_string()].map(str::to_owned);
    let step = Step {
        env: python.env.clone().into(),
        mounts: vec![
            script,
            Mount::read_only(fetched.clone(), FETCHED),
            Mount::output(Tree::Scratch, python.venv.as_str()),
        ],
        ..planner.step("install Python packages", &python.root, Script::Program(argv.into()))
    };
    Tree::Output(planner.add_compile(step), python.venv.as_str().to_owned())
}

/// The step that puts the application together; returns its output and the work tree.
fn package(
    planner: &mut Planner<'_>,
    project: &Project,
    python: &Builder,
    fetched: &Tree,
    packages: &Tree,
) -> (Tree, Tree) {
    let directory = planner.image.source.path.value.clone();
    let source = planner.context(project.sources.clone());
    let (script, path) = planner.scripts(&[("package.sh", include_str!("package.sh")), LACKING]);
    let argv = [
        "/bin/sh",
        &path,
        python.venv.as_str(),
        FETCHED,
        OUTPUT,
        &python.bytecode.to_string(),
        &project.installs.to_string(),
        planner.image.runtime.workdir.as_str(),
    ];
    let mut step = Step {
        directory: in_work_tree(&directory),
        env: python.env.clone().into(),
        mounts: vec![Mount::discarded(packages.clone(), python.venv.as_str())],
        ..planner.step(
            "package the application",
            &python.root,
            Script::Program(argv.map(str::to_owned).into()),
        )
    };
    let prepared = planner.run_commands(&step, source);
    step.mounts.push(work_tree(prepared.clone(), planner.work_access()));
    step.mounts.extend([script, Mount::read_only(fetched.clone(), FETCHED)]);
    step.mounts.push(Mount::output(Tree::Scratch, OUTPUT));
    let id = planner.add_compile(step);
    let work = match planner.work_access() {
        Access::Output => Tree::Output(id, WORK_TREE.to_owned()),
        _ => prepared,
    };
    (Tree::Output(id, OUTPUT.to_owned()), work)
}

/// The layer of third-party packages, whose links to the interpreter are made anew: it lies in another layer.
fn dependencies(planner: &Planner<'_>, python: &Builder, packages: Tree) -> Layer {
    let link = |name: &str, target: &ImagePath| {
        let path = python.venv.join(&ContextPath::parse(name).ok()?);
        Some(Link { path, target: target.clone() })
    };
    let interpreter = ImagePath::parse(INTERPRETER).ok();
    let links = ["bin/python", "bin/python3"].iter().zip(interpreter.iter().cycle());
    let contract = LayerContract {
        links: links.filter_map(|(name, target)| link(name, target)).collect(),
        ..LayerContract::of(Role::Dependencies, vec![Artifact::new("", python.venv.clone())])
    };
    let span = Some(planner.image.language.span);
    Layer { contract, source: packages, seen_at: python.venv.as_str().to_owned(), span }
}

fn application(planner: &Planner<'_>, python: &Builder, made: Tree) -> Layer {
    let artifacts = vec![
        Artifact::new("tree", planner.image.runtime.workdir.clone()),
        Artifact::new("venv", python.venv.clone()),
    ];
    let span = Some(planner.image.language.span);
    let contract = LayerContract::of(Role::Application, artifacts);
    Layer { contract, source: made, seen_at: OUTPUT.to_owned(), span }
}

/// The variables of the builder's steps.
fn environment(image: &ImageFact, venv: &ImagePath) -> Vec<(String, String)> {
    let path = image.config.variable("PATH").unwrap_or(DEFAULT_PATH);
    let env = [
        ("PATH", format!("{venv}/bin:{path}")),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("PYTHONHASHSEED", "0".to_owned()),
        // The first day that archives of Python can name.
        ("SOURCE_DATE_EPOCH", "315532800".to_owned()),
    ];
    env.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The variables of the running application.
fn run_environment(venv: &ImagePath) -> Vec<(String, String)> {
    let env = [
        ("PATH", format!("{venv}/bin:{DEFAULT_PATH}")),
        ("LANG", "C.UTF-8".to_owned()),
        ("PYTHONUNBUFFERED", "1".to_owned()),
        // The application cannot write beside its modules, and need not try.
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ];
    env.map(|(name, value)| (name.to_owned(), value)).into()
}
