//! Custom: an application in any other language, by commands of its own, under the rules that hold for all.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::model::Custom;
use crate::name::{ContextPath, Reference};
use crate::plan::node::{Access, Script, Step, Tree};
use crate::plan::planner::{Planner, Toolchain};
use crate::plan::product::{Needs, Product, WORK_TREE, in_work_tree};
use crate::plan::steps::{script, work_tree};

/// What fetching commands see of the application: manifests and lock files of languages that have no other home.
const MANIFESTS: [&str; 13] = [
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
    let root = fetch(planner, custom, root);
    let source = planner.context(vec![ContextPath::root()]);
    // What all of its steps have in common.
    let like = planner.step("", &root, Script::Program(Vec::new()));
    let prepared = planner.run_commands(&like, source);
    let built = planner.run_each(&custom.build, &like, prepared);
    Some(Product {
        layers: Vec::new(),
        entrypoint: Vec::new(),
        env: Vec::new(),
        directory: None,
        fetch_executes: false,
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

/// The builder after the commands that have network.
fn fetch(planner: &mut Planner<'_>, custom: &Custom, root: Tree) -> Tree {
    if custom.fetch.is_empty() {
        return root;
    }
    let directory = planner.image.source.path.value.clone();
    let is_secret = !(planner.image.fetch.secrets.is_empty() && planner.image.fetch.ssh.is_empty());
    let programs = if is_secret { &[][..] } else { &PROGRAMS };
    let names = MANIFESTS.iter().chain(programs);
    let manifests = planner.context(names.filter_map(|name| directory.join(name).ok()).collect());
    custom.fetch.iter().fold(root, |root, command| {
        let (name, script) = script(&command.value);
        let step = Step {
            directory: in_work_tree(&directory),
            env: Arc::default(),
            mounts: vec![work_tree(manifests.clone(), Access::Discarded)],
            span: Some(command.span),
            ..planner.step(format!("fetch: {name}"), &root, script)
        };
        Tree::Output(planner.add_fetch(step), "/".to_owned())
    })
}
