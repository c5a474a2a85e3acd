//! Node applications that nothing builds: which of them ship straight from the context, and what of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::{Node, Plan, Tree};
use plan_support::{Files, planned, steps};

const FILES: Files<'_> = &[("package.json", r#"{"name": "web", "main": "index.js"}"#), ("index.js", "")];

/// What of the context the application's layer leaves out; `None` where a builder puts it together.
fn left_out(plan: &Plan) -> Option<Vec<String>> {
    let application = plan.output.layers.last().unwrap();
    let Tree::Root(id) = &application.source else { return None };
    let Node::Context(selection) = &plan.nodes[id.0] else { return None };
    let from: Vec<&str> =
        application.contract.artifacts.iter().map(|artifact| artifact.from.as_str()).collect();
    let paths: Vec<&str> = selection.paths.iter().map(cofferdam::name::ContextPath::as_str).collect();
    assert_eq!(from, paths, "what is selected is what ships");
    Some(selection.exclude.clone())
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
        r#"{"name": "web", "main": "test/index.js"}"#,
        r#"{"name": "web", "main": "node_modules/a/index.js"}"#,
        r#"{"name": "web", "main": ".index.js"}"#,
    ] {
        let more = [("node_modules/a/index.js", ""), (".index.js", "")];
        // A script that builds gives its name to the step.
        let plan = planned("language: node\n", &with(package, &more)).unwrap();
        assert!(left_out(&plan).is_none(), "{package}");
    }
    assert!(is_packaged("language: node\nbuild: {run: ['true']}\n", FILES), "a command may write anything");
    let artifacts = "language: node\nbuild: {artifacts: [{from: index.js, to: /b.js}]}\n";
    let plan = planned(artifacts, FILES).unwrap();
    assert!(steps(&plan).iter().any(|step| step.name == "package web"), "the work tree is asked for");
    let excluded = "source: {exclude: ['!index.js']}\nlanguage: node\n";
    assert!(is_packaged(excluded, FILES), "a pattern says something of what starts");
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
fn what_only_developers_need_is_left_out_after_all_else() {
    let files = with(
        r#"{"name": "web", "main": "index.js"}"#,
        &[(".env", "SECRET=1\n"), (".well-known/security.txt", ""), ("a/.keep", ""), (".[x]", "")],
    );
    let plan = planned("source: {exclude: ['!test', '!.env']}\nlanguage: node\n", &files).unwrap();
    let excluded = left_out(&plan).unwrap();
    let at = |pattern: &str| excluded.iter().rposition(|other| other == pattern);
    assert!(at("test") > at("!test") && at("!test").is_some());
    assert!(at(".env") > at("!.env") && at("!.env").is_some(), "a secret that lies there does not ship");
    assert!(at(r".\[x\]").is_some() && at("**/node_modules").is_some());
    assert_eq!((at(".well-known"), at("a/.keep")), (None, None));
    let below: Vec<_> = files.iter().map(|(path, text)| (format!("w*b/{path}"), *text)).collect();
    let below: Vec<_> = below.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let plan = planned("source: w*b\nlanguage: node\n", &below).unwrap();
    let excluded = left_out(&plan).unwrap();
    assert!(
        [r"w\*b/test", r"w\*b/.env", r"w\*b/**/*.spec.ts"]
            .iter()
            .all(|path| excluded.iter().any(|other| other == path))
    );
}
