//! Custom: an application in any other language, by commands of its own, under the rules that hold for all.

use crate::diagnostic::Diagnostic;
use crate::model::{Command, Custom};
use crate::name::{ContextPath, Reference};
use crate::plan::final_image::FetchedCode;
use crate::plan::node::{Mount, Script, Step, Tree};
use crate::plan::planner::{Planner, Toolchain, names};
use crate::plan::product::{MANIFESTS, Needs, Product, WORK_TREE, in_work_tree};
use crate::plan::steps::script;
use crate::text::{Span, Spanned};

/// What fetching commands see of the application: manifests and lock files of languages that have no other home.
const DATA: [&str; 13] = [
    "Gemfile.lock",
    "Package.resolved",
    "build.zig.zon",
    "composer.lock",
    "conan.lock",
    "conanfile.txt",
    "mix.lock",
    "pubspec.lock",
    "pubspec.yaml",
    "rebar.lock",
    "shard.lock",
    "shard.yml",
    "vcpkg.json",
];
/// Those that are programs of their languages, or name some: no command that has a secret sees them.
const PROGRAMS: [&str; 5] = ["Gemfile", "Package.swift", "composer.json", "mix.exs", "rebar.config"];

/// Plans an application that says itself how it is built.
pub(super) fn plan(planner: &mut Planner<'_>, custom: &Custom) -> Option<Product> {
    let reference = said(planner)?;
    let target = planner.platforms.target.clone();
    let Toolchain { root, .. } = planner.toolchain(reference, &target)?;
    let (root, source) = fetch(planner, custom, root)?;
    // What all of its steps have in common.
    let like = planner.step("", &root, Script::Program(Vec::new()));
    let prepared = planner.run_commands(&like, source);
    let built = planner.run_each(&custom.build, &like, prepared);
    Some(Product {
        layers: Vec::new(),
        entrypoint: Vec::new(),
        env: Vec::new(),
        directory: None,
        needs: Needs::CLibrary,
        work_tree: Some((built, WORK_TREE.to_owned())),
    })
}

/// The image that builds, where the manifest says all that nothing else can tell; an error for each that is missing.
fn said(planner: &mut Planner<'_>) -> Option<Reference> {
    let (build, is_started) = (&planner.image.build, planner.is_started());
    let base = build.base.as_ref().map(|base| base.value.clone());
    let missing = [
        (
            base.is_none(),
            "no-builder",
            "which image builds it",
            "build: {base: docker.io/library/debian:trixie}",
        ),
        (
            build.artifacts.is_empty(),
            "no-artifacts",
            "what ships",
            "build: {artifacts: [{from: app, to: /app/app}]}",
        ),
        (!is_started, "no-entrypoint", "what the image starts", "runtime: {entrypoint: [/app/app]}"),
    ];
    for (_, code, what, example) in missing.into_iter().filter(|(is_missing, ..)| *is_missing) {
        let error = Diagnostic::error(code, format!("the manifest does not say {what}"))
            .at(planner.image.language.span)
            .why("of a language that is not known, nothing can be found out")
            .help(format!("write `{example}`"));
        planner.report(error);
    }
    base.filter(|_| !build.artifacts.is_empty() && is_started)
}

/// The builder and its work tree after the commands that have network; `None` where nothing of it could ship.
fn fetch(planner: &mut Planner<'_>, custom: &Custom, root: Tree) -> Option<(Tree, Tree)> {
    let everything = ContextPath::root();
    let Some(span) = custom.fetch.iter().map(|command| command.span).reduce(Span::to) else {
        return Some((root, planner.context(vec![everything])));
    };
    let is_secret = !(planner.image.fetch.secrets.is_empty() && planner.image.fetch.ssh.is_empty());
    if is_secret && custom.build.is_empty() && planner.image.build.run.is_empty() {
        let error = Diagnostic::error("no-build", "no command builds after a fetch that has secrets")
            .at(span)
            .why("what ships is what a command left that had no secret");
        planner.report(error.help("write `custom: {build: […]}`"));
        return None;
    }
    let (text, words) = together(&custom.fetch);
    let told: Vec<String> = custom.fetch.iter().map(|command| script(&command.value).0).collect();
    let told = names(told.iter().map(String::as_str));
    planner.run_fetched_code(
        FetchedCode::RunsInFetch,
        span,
        format!("nothing proves that no code runs, with network, that this fetches: {told}"),
        "have `custom.fetch` download only, and `custom.build` run the rest",
    );
    let directory = planner.image.source.path.value.clone();
    let programs = if is_secret { &[][..] } else { &PROGRAMS };
    let paths = DATA.iter().chain(programs).filter_map(|name| directory.join(name).ok()).collect();
    let manifests = planner.context(paths);
    let (mount, path) = planner.scripts(&[("fetch.sh", &text)]);
    let mut argv = vec!["/bin/sh".to_owned(), path, MANIFESTS.to_owned(), in_work_tree(&directory)];
    argv.extend(words);
    let step = Step {
        directory: WORK_TREE.to_owned(),
        mounts: vec![mount, Mount::read_only(manifests, MANIFESTS), Mount::output(Tree::Scratch, WORK_TREE)],
        span: Some(span),
        ..planner.step(format!("fetch: {told}"), &root, Script::Program(argv))
    };
    let id = planner.add_fetch(step);
    // A secret can leave traces anywhere in a root, so that one ends here.
    let root = if is_secret { root } else { Tree::Output(id, "/".to_owned()) };
    Some((root, planner.lay_source(Tree::Output(id, WORK_TREE.to_owned()), everything)))
}

/// The script that runs all commands, and their words, which are its arguments from the third on: in one step, each
/// command finds what the ones before it left, secrets or not.
fn together(commands: &[Spanned<Command>]) -> (String, Vec<String>) {
    let (mut lines, mut all) = (Vec::new(), Vec::new());
    for command in commands {
        let words = script(&command.value).1.argv();
        let first = all.len() + 3;
        let arguments: Vec<String> = (first..first + words.len()).map(|n| format!("\"${{{n}}}\"")).collect();
        lines.push(format!("(exec {})\n", arguments.join(" ")));
        all.extend(words);
    }
    (format!("{}{}", include_str!("custom.sh"), lines.concat()), all)
}
