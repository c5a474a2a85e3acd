//! Node applications that name packages of the context by their paths: which are fetched, linked or refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use plan_support::{Files, planned, refused, warnings};

#[test]
fn a_path_that_is_no_package_is_told() {
    let package = r#"{"name": "web", "main": "index.js", "dependencies": {"x": "file:./vendor/x"}}"#;
    let files: Files<'_> = &[("package.json", package), ("vendor/x", "")];
    insta::assert_snapshot!(refused("language: node\n", files), @r#"
    cofferdam.yaml:1:11: error[path-dependency]: `package.json` needs `x` from `./vendor/x`, which is no directory with a package.json
      1 | language: node
        |           ^^^^
      help: name a directory or a `.tgz`, or depend on a registry; an ignore file may hide it
    "#);
    let link = package.replace("file:./vendor/x", "link:./x");
    let lock = ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
    assert!(planned("language: node\n", &[("package.json", &link), lock]).is_ok());
}

#[test]
fn what_npm_does_not_install_outside_of_its_workspace_is_told() {
    let web = r#"{"name": "web", "main": "index.js", "dependencies": {"lib": "file:../lib"}}"#;
    let lib = r#"{"name": "lib", "dependencies": {"ms": "2.1.3"}}"#;
    let said = |place: &str| {
        let lock = format!(
            r#"{{"lockfileVersion": 3, "packages": {{"": {{"dependencies": {{"lib": "file:../lib"}}}},
            "node_modules/lib": {{"resolved": "../lib", "link": true}}, "{place}": {{"version": "2.1.3"}}}}}}"#
        );
        let files = [("web/package.json", web), ("web/package-lock.json", &lock), ("lib/package.json", lib)];
        warnings("source: web\nlanguage: node\n", &files)
    };
    assert!(
        said("node_modules/ms").contains("`lib/package.json` needs `ms`, which npm does not install there")
    );
    assert_eq!(said("../lib/node_modules/ms"), "");
}

#[test]
fn an_archive_of_the_context_is_fetched_where_its_digest_is_locked() {
    let package = r#"{"name": "web", "main": "index.js", "dependencies": {"x": "file:../vendor/x.tgz"}}"#;
    let planned = |lock: (&str, &str), archive: &str| {
        let lock = (format!("web/{}", lock.0), lock.1);
        let files =
            [("web/package.json", package), ("web/index.js", ""), (&*lock.0, lock.1), (archive, "bytes")];
        planned("source: web\nlanguage: node\n", &files)
    };
    let npm = |entry: &str| {
        let root = r#""": {"dependencies": {"x": "file:../vendor/x.tgz"}}"#;
        format!(r#"{{"lockfileVersion": 3, "packages": {{{root}, "node_modules/x": {{{entry}}}}}}}"#)
    };
    let good = npm(r#""resolved": "file:../vendor/x.tgz", "integrity": "sha512-0""#);
    let pnpm = "lockfileVersion: '9.0'\npackages:\n  x@file:../vendor/x.tgz:\n    \
        resolution: {integrity: sha512-0, tarball: file:../vendor/x.tgz}\n    version: 1.0.0\n";
    for lock in [("package-lock.json", good.as_str()), ("pnpm-lock.yaml", pnpm)] {
        let plan = planned(lock, "vendor/x.tgz").unwrap();
        let seen = plan.nodes.iter().find_map(|node| match node {
            cofferdam::plan::Node::Context(selection) => Some(selection.paths.clone()),
            _ => None,
        });
        let seen: Vec<String> = seen.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(seen, ["web/package.json", &format!("web/{}", lock.0), "vendor/x.tgz"]);
        assert!(planned(lock, "vendor/y.tgz").unwrap_err().contains("`../vendor/x.tgz`, which is not there"));
    }
    let yarn = "__metadata:\n  version: 8\n\n\"web@workspace:.\":\n  dependencies:\n    x: \"file:../vendor/x.tgz\"\n\n\
        \"x@file:../vendor/x.tgz\":\n  resolution: \"x@file:../vendor/x.tgz#../vendor/x.tgz::hash=d4d327\"\n";
    for (name, lock) in [
        ("package-lock.json", npm(r#""resolved": "file:../vendor/x.tgz""#)),
        ("package-lock.json", npm(r#""resolved": "file:../vendor/x.tgz", "integrity": "sha1-0""#)),
        ("package-lock.json", npm(r#""resolved": "file:../vendor/y.tgz", "integrity": "sha512-0""#)),
        ("pnpm-lock.yaml", pnpm.replace("integrity: sha512-0, ", "")),
        ("yarn.lock", yarn.to_owned()),
    ] {
        let said = planned((name, &lock), "vendor/x.tgz").unwrap_err();
        assert!(said.contains("from `../vendor/x.tgz`, whose digest is not locked"), "{lock}: {said}");
    }
}
