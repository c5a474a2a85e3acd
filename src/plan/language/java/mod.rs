//! Java: dependencies and plugins are resolved with network and without running a plugin, Maven builds without network.
//!
//! What ships is `app.jar` and its libraries in `lib`, whatever put the application together, and a runtime that has the
//! modules that these need.

mod pom;
mod project;

use self::project::Project;
use crate::contract::{Artifact, LayerContract, Role};
use crate::model::Java;
use crate::name::ContextPath;
use crate::plan::final_image::{DEFAULT_PATH, FetchedCode, Layer};
use crate::plan::node::{Access, FileEdit, Files, Mount, Node, Script, Step, Tree};
use crate::plan::planner::{Planner, Toolchain};
use crate::plan::product::{Needs, OUTPUT, Product, WORK_TREE, in_work_tree};
use crate::plan::steps::work_tree;

/// Where the runtime is in the image.
const RUNTIME: &str = "/usr/lib/jvm/jre";
/// Where Maven keeps what it resolved.
const REPOSITORY: &str = "/repository";
/// Where the fetch step sees the descriptors of the build.
const DESCRIPTORS: &str = "/descriptors";
/// Where our own programs are, compiled.
const PROGRAMS: &str = "/run/programs";
/// Where the build says which modules of the runtime the application itself needs.
const MODULES: &str = "/modules";
/// Where the step that makes the runtime sees the application's libraries.
const LIBRARIES: &str = "/libraries";
/// Where it sees the certificates that the manifest adds.
const AUTHORITIES: &str = "/authorities";
/// The parts that ship, by the names that Spring Boot has for them, from rarely to often changing.
const PARTS: [(&str, Role); 3] = [
    ("dependencies", Role::Dependencies),
    ("snapshot-dependencies", Role::Dependencies),
    ("application", Role::Application),
];
const MAVEN: (&str, &str) = ("maven.sh", include_str!("builder/maven.sh"));
/// What developers' own tools leave in a checkout.
const LEFT_OUT: [&str; 3] = ["**/.git", "**/.idea", "**/.gradle"];

/// Plans a Java application.
pub(super) fn plan(planner: &mut Planner<'_>, options: &Java) -> Option<Product> {
    let project = project::read(planner, options)?;
    planner.leave_out(LEFT_OUT);
    planner.leave_out(project.outputs());
    let platform = planner.platforms.target.clone();
    let Toolchain { image, root, .. } = planner.toolchain(project.image.clone(), &platform)?;
    let flags = flags(planner, &project, options);
    let programs = programs(planner, &root);
    if let Some(path) = &project.extends {
        planner.run_fetched_code(
            FetchedCode::RunsInFetch,
            planner.image.language.span,
            format!("`{path}` has Maven load code of its own, which runs with network as dependencies are resolved"),
            "do without `<extensions>` in pom.xml, and without .mvn/extensions.xml",
        );
    }
    let repository = fetch(planner, &project, &root, &flags);
    let package = package(
        planner,
        &project,
        &root,
        &flags,
        &[programs.clone(), Mount::discarded(repository, REPOSITORY)],
    );
    let runtime = runtime(planner, options, &image, programs, &package)?;
    let started = planner.is_started();
    let parts = PARTS.iter().filter(|(part, _)| project.has_snapshots || *part != PARTS[1].0);
    let layer = |(part, role): &(&str, Role)| {
        let artifact = Artifact::new(*part, planner.image.runtime.workdir.clone());
        let contract = LayerContract::of(*role, vec![artifact]);
        let span = Some(planner.image.language.span);
        Layer { contract, source: package.made.clone(), seen_at: OUTPUT.to_owned(), span }
    };
    let layers = std::iter::once(runtime).chain(parts.map(layer)).collect();
    let archive = format!("{}/app.jar", planner.image.runtime.workdir);
    let java = format!("{RUNTIME}/bin/java");
    // By itself the machine takes a quarter of the container's memory for objects, and goes on after it ran out of it.
    let words = [&java, "-XX:MaxRAMPercentage=75", "-XX:+ExitOnOutOfMemoryError", "-jar", &archive];
    Some(Product {
        layers,
        entrypoint: if started { Vec::new() } else { words.map(str::to_owned).into() },
        env: vec![
            ("PATH".to_owned(), format!("{RUNTIME}/bin:{DEFAULT_PATH}")),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            // Without a locale of the system, Java takes names of files and arguments for ASCII.
            ("LOCPATH".to_owned(), format!("{RUNTIME}/lib/locale")),
        ],
        needs: Needs::CLibrary,
        directory: None,
        work_tree: Some((package.work, WORK_TREE.to_owned())),
    })
}

/// What the step that builds made.
struct Package {
    /// The parts that ship.
    made: Tree,
    /// The modules of the runtime that the application itself needs.
    modules: Tree,
    /// The work tree.
    work: Tree,
}

/// What Maven is told in the fetch and in the build.
fn flags(planner: &Planner<'_>, project: &Project, options: &Java) -> Vec<String> {
    let mut flags = vec![format!("-Dmaven.repo.local={REPOSITORY}")];
    if !options.profiles.is_empty() {
        flags.push(format!("-P{}", options.profiles.join(",")));
    }
    let module = planner.image.source.path.value.relative_to(&project.root).unwrap_or_default();
    if !module.is_root() {
        flags.extend(["-pl".to_owned(), module.to_string(), "-am".to_owned()]);
    }
    flags
}

/// The step that resolves everything that the build reads.
fn fetch(planner: &mut Planner<'_>, project: &Project, root: &Tree, flags: &[String]) -> Tree {
    let descriptors = planner.context(project.descriptors.clone());
    let resolve = ("Resolve.java", include_str!("builder/Resolve.java"));
    let (scripts, path) = planner.scripts(&[("fetch.sh", include_str!("builder/fetch.sh")), MAVEN, resolve]);
    let argv = ["/bin/sh", &path, DESCRIPTORS, WORK_TREE, &in_work_tree(&project.root), REPOSITORY];
    let step = Step {
        mounts: vec![
            scripts,
            Mount::read_only(descriptors, DESCRIPTORS),
            Mount::output(Tree::Scratch, REPOSITORY),
        ],
        ..planner.step("resolve dependencies and plugins of Maven", root, program(&argv, flags))
    };
    Tree::Output(planner.add_fetch(step), REPOSITORY.to_owned())
}

/// The step that compiles what the build runs of ours, which no edit of the application makes it do again.
fn programs(planner: &mut Planner<'_>, root: &Tree) -> Mount {
    let (scripts, path) = planner.scripts(&[
        ("programs.sh", include_str!("builder/programs.sh")),
        MAVEN,
        ("Report.java", include_str!("builder/Report.java")),
        ("Pack.java", include_str!("builder/Pack.java")),
        ("Modules.java", include_str!("builder/Modules.java")),
    ]);
    let compile = program(&["/bin/sh", &path, PROGRAMS], &[]);
    let step = Step {
        mounts: vec![scripts, Mount::output(Tree::Scratch, PROGRAMS)],
        ..planner.step("compile what reports on Maven", root, compile)
    };
    Mount::read_only(Tree::Output(planner.add_compile(step), PROGRAMS.to_owned()), PROGRAMS)
}

/// The step that builds, and lays out what ships.
fn package(
    planner: &mut Planner<'_>,
    project: &Project,
    root: &Tree,
    flags: &[String],
    needed: &[Mount],
) -> Package {
    let source = planner.context(vec![project.root.clone()]);
    let (scripts, path) = planner.scripts(&[("package.sh", include_str!("builder/package.sh")), MAVEN]);
    let directory = in_work_tree(&planner.image.source.path.value);
    let started = planner.is_started().to_string();
    let argv = ["/bin/sh", &path, &directory, REPOSITORY, OUTPUT, MODULES, &started, PROGRAMS];
    let mut step = Step {
        directory: in_work_tree(&project.root),
        mounts: needed.to_vec(),
        ..planner.step("build with Maven", root, program(&argv, flags))
    };
    let prepared = planner.run_commands(&step, source);
    let access = planner.work_access();
    step.mounts.extend([
        scripts,
        work_tree(prepared.clone(), access),
        Mount::output(Tree::Scratch, OUTPUT),
        Mount::output(Tree::Scratch, MODULES),
    ]);
    let id = planner.add_compile(step);
    let output = |path: &str| Tree::Output(id, path.to_owned());
    let work = if access == Access::Output { output(WORK_TREE) } else { prepared };
    Package { made: output(OUTPUT), modules: output(MODULES), work }
}

/// The layer of the runtime: it is made anew where the libraries change, or the modules that the application needs.
fn runtime(
    planner: &mut Planner<'_>,
    options: &Java,
    image: &Tree,
    programs: Mount,
    package: &Package,
) -> Option<Layer> {
    let mut sees = Vec::new();
    let modules = match options.full {
        true => String::new(),
        false => {
            let selector = format!("/{}", PARTS[0].0);
            let libraries = Mount::read_only(package.made.clone(), LIBRARIES);
            sees.extend([
                programs,
                Mount { selector, ..libraries },
                Mount::read_only(package.modules.clone(), MODULES),
            ]);
            options.modules.join(" ")
        }
    };
    let added: Vec<ContextPath> =
        planner.image.runtime.ca_certificates.iter().map(|path| path.value.clone()).collect();
    let authorities: Vec<String> =
        (0..added.len()).map(|index| format!("{AUTHORITIES}/{index}.pem")).collect();
    if !added.is_empty() {
        sees.push(Mount::read_only(authority_files(planner, &added), AUTHORITIES));
    }
    let copy = format!(
        "home={RUNTIME} full={} more='{modules}' authorities='{}'\n{}",
        options.full,
        authorities.join(" "),
        include_str!("builder/runtime.sh")
    );
    planner.runtime_layer("the Java runtime", image, &copy, sees)
}

/// Certificates of the context under names that need no care.
fn authority_files(planner: &mut Planner<'_>, paths: &[ContextPath]) -> Tree {
    let context = planner.context(paths.to_vec());
    let copy = |(index, path): (usize, &ContextPath)| FileEdit::Copy {
        tree: context.clone(),
        from: format!("/{path}"),
        to: format!("/{index}.pem"),
        exclude: Vec::new(),
    };
    let edits = paths.iter().enumerate().map(copy).collect();
    let name = "collect certificates for Java".to_owned();
    let span = planner.image.runtime.ca_certificates.first().map(|path| path.span);
    Tree::Root(planner.add(Node::Files(Files { name, over: Tree::Scratch, edits, span })))
}

fn program(argv: &[&str], flags: &[String]) -> Script {
    Script::Program(argv.iter().map(|&word| word.to_owned()).chain(flags.iter().cloned()).collect())
}
