//! Node applications that nothing builds: which of them ship straight from the context, and what of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::{Node, Plan, Tree};
use plan_support::{Files, planned, steps};

const FILES: Files<'_> = &[("package.json", r#"{"name": "web", "main": "index.js"}"#), ("index.js", "")];

/// The patterns of what stays behind of the context; `None` where a builder puts the application's layer together.
fn left_out(plan: &Plan) -> Option<Vec<String>> {
    let application = plan.output.layers.last().unwrap();
    let Tree::Root(id) = &application.source else { return None };
    let Node::Context(selection) = &plan.nodes[id.0] else { return None };
    let [artifact] = &application.contract.artifacts[..] else { panic!("{:?}", application.contract) };
    let [path] = &selection.paths[..] else { panic!("{selection:?}") };
    assert_eq!(artifact.from, path.as_str(), "what is selected is what ships");
    let leave_out = artifact.leave_out.clone().unwrap();
    Some([leave_out.paths, leave_out.files].concat())
}

/// Whether a builder packages the application with these files.
fn is_packaged(manifest: &str, files: &[(&str, &str)]) -> bool {
    let plan = planned(manifest, files).unwrap();
    let packages = steps(&plan).iter().any(|step| step.name.starts_with("package "));
    assert_ne!(packages, left_out(&plan).is_some(), "either, and not both");
    packages
}

/// Such a `package.json`, and more files.
fn with<'f>(package: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    [&[("package.json", package), ("index.js", ""), ("test/index.js", "")], more].concat()
}

#[test]
fn what_nothing_builds_needs_no_builder() {
    assert!(!is_packaged("language: node\n", FILES));
    assert!(!is_packaged("source: {exclude: [docs]}\nlanguage: node\n", FILES));
    let manifest = "language: node\nruntime: {entrypoint: [node, other.js]}\n";
    assert!(!is_packaged(manifest, FILES), "the manifest says what starts");
    let below = [("web/package.json", r#"{"name": "web", "main": "index.js"}"#), ("web/index.js", "")];
    assert!(!is_packaged("source: web\nlanguage: node\n", &below));
}

#[test]
fn what_only_a_builder_tells_is_left_to_it() {
    for package in [
        r#"{"name": "web", "main": "index.js", "scripts": {"build": "tsc"}}"#,
        r#"{"name": "web", "main": "index.js", "scripts": {"postinstall": "x"}}"#,
        r#"{"name": "web", "main": "index.js", "files": ["*.js"]}"#,
        r#"{"name": "web", "main": "index"}"#,
        r#"{"name": "web", "main": "lib"}"#,
        r#"{"name": "web", "main": "absent.js"}"#,
        r#"{"name": "web", "main": "../index.js"}"#,
        r#"{"name": "web", "main": "bin/www"}"#,
        r#"{"name": "web", "main": "test/index.js"}"#,
        r#"{"name": "web", "main": "node_modules/a/index.js"}"#,
        r#"{"name": "web", "main": ".index.js"}"#,
    ] {
        let more = [("node_modules/a/index.js", ""), (".index.js", ""), ("bin/www", "")];
        // A script that builds gives its name to the step.
        let plan = planned("language: node\n", &with(package, &more)).unwrap();
        assert!(left_out(&plan).is_none(), "{package}");
    }
    assert!(is_packaged("language: node\nbuild: {run: ['true']}\n", FILES), "a command may write anything");
    let artifacts = "language: node\nbuild: {artifacts: [{from: index.js, to: /b.js}]}\n";
    let plan = planned(artifacts, FILES).unwrap();
    assert!(steps(&plan).iter().any(|step| step.name == "package web"), "the work tree is asked for");
    let hidden = r#"{"name": "web", "main": ".output/server.js"}"#;
    assert!(is_packaged("language: node\n", &with(hidden, &[(".output/server.js", "")])), "no step sees it");
    assert!(is_packaged("source: {exclude: [index.js]}\nlanguage: node\n", FILES), "no step sees it");
    let local = r#"{"name": "web", "main": "index.js", "dependencies": {"h": "link:./test/h"}}"#;
    let lock = (
        "package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"h": "link:./test/h"}}, "node_modules/h": {"resolved": "test/h", "link": true}}}"#,
    );
    let plan = planned("language: node\n", &with(local, &[lock]));
    assert!(plan.is_err() || left_out(&plan.unwrap()).is_none(), "a package among the tests");
    let beside = [
        ("w/package.json", r#"{"name": "web", "main": "../shared.js"}"#),
        ("w/index.js", ""),
        ("shared.js", ""),
    ];
    assert!(is_packaged("source: w\nlanguage: node\n", &beside), "what starts lies beside the application");
}

#[test]
fn a_workspace_is_left_to_a_builder() {
    let package = r#"{"name": "web", "main": "index.js", "workspaces": ["packages/*"]}"#;
    assert!(is_packaged("language: node\n", &with(package, &[("packages/a/package.json", "{}")])));
    // Its ground is above the application.
    let files = [
        ("pnpm-workspace.yaml", "packages: [apps/*]\n"),
        ("apps/web/package.json", r#"{"name": "web", "main": "index.js"}"#),
        ("apps/web/index.js", ""),
    ];
    assert!(is_packaged("source: apps/web\nlanguage: node\n", &files));
}

#[test]
fn what_is_built_ships_as_it_is_built() {
    let package = r#"{"name": "web", "main": "index.js", "scripts": {"build": "tsc"}}"#;
    let plan = planned("language: node\n", &with(package, &[])).unwrap();
    assert!(plan.output.layers.last().unwrap().contract.artifacts[0].leave_out.is_none());
    let patterns = left_out(&planned("language: node\n", FILES).unwrap()).unwrap();
    assert!(
        ["**/node_modules", "test", ".*", "readme.md"].iter().all(|one| patterns.iter().any(|p| p == one))
    );
}

#[test]
fn a_site_is_its_directory_and_never_the_source() {
    let files = [
        (
            "package.json",
            r#"{"name": "web", "scripts": {"build:prod": "vite build"}, "devDependencies": {"vite": "7"}}"#,
        ),
        (
            "package-lock.json",
            r#"{"lockfileVersion": 3, "packages": {"": {"devDependencies": {"vite": "7"}}}}"#,
        ),
        ("index.html", ""),
    ];
    let plan = planned("static: {root: dist}\nnode: {}\n", &files).unwrap();
    assert!(steps(&plan).iter().any(|step| step.name == "package web"), "a builder takes `dist`");
}
