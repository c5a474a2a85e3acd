//! Managers of Node packages: the one that wrote the lock file, checked by its digest, beside files that are files.

use crate::support::{Build, Context, Process, run};

const MANIFEST: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n";
const PROGRAM: &str = "console.log(require('ms')(1000));\n";

/// An application with one dependency, and the lock file that a command writes.
fn application(more: &str, files: &[(&str, &str)], lock: &str) -> Context {
    let package = format!(
        r#"{{"name": "ms", "version": "1.0.0", "main": "main.js", "dependencies": {{"ms": "2.1.3"}}{more}}}"#
    );
    let own = [("cofferdam.yaml", MANIFEST), ("package.json", package.as_str()), ("main.js", PROGRAM)];
    let context = Context::of("node-managers", &[&own, files].concat());
    Process::new("sh").args(["-ec", lock]).directory(context.path()).stdout();
    context
}

fn says_a_second(context: &Context) {
    let image = Build::of(context).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "1s\n");
}

#[test]
fn a_lock_file_of_the_third_yarn_is_read_by_the_third_yarn() {
    let lock = "touch yarn.lock; export YARN_ENABLE_GLOBAL_CACHE=1 YARN_NODE_LINKER=node-modules; \
        npx --yes --package=@yarnpkg/cli-dist@3.8.7 yarn install --mode=update-lockfile";
    says_a_second(&application(
        "",
        &[(".yarnrc.yml", "plugins:\n\n  - nowhere.cjs\n")],
        &format!("mv .yarnrc.yml rc; {lock}; mv rc .yarnrc.yml"),
    ));
}

#[test]
fn settings_in_the_workspace_file_are_read_by_a_pnpm_that_knows_them() {
    let workspace = "packages: []\noverrides:\n  ms: 2.1.3\n";
    let lock = "npx --yes pnpm@10.34.9 install --lockfile-only --ignore-scripts";
    says_a_second(&application("", &[("pnpm-workspace.yaml", workspace)], lock));
}

#[test]
fn a_lock_of_pnpm_that_is_out_of_step_is_told_with_both_files() {
    let lock = "npx --yes pnpm@10.34.9 install --lockfile-only --ignore-scripts";
    let context = application("", &[], lock).replacing("package.json", "2.1.3", "2.1.2");
    Build::of(&context).fail().clear().at_line(2).says(&[
        "OUTDATED_LOCKFILE",
        "pnpm-lock.yaml is not up to date with",
        "package.json",
    ]);
}

/// An application in a workspace, which needs another member that is built first, and none of a third.
fn workspace(wanted: &str, lock: &str) -> Context {
    let web = format!(
        r#"{{"name": "web", "version": "1.0.0", "main": "main.js", "dependencies": {{"word": "{wanted}"}}}}"#
    );
    let word = r#"{"name": "word", "version": "1.0.0", "main": "dist/word.js", "dependencies": {"ms": "2.1.3"},
        "scripts": {"build": "mkdir -p dist && cp word.js dist"}}"#;
    let files = [
        ("cofferdam.yaml", "# syntax=ghcr.io/cofferdam/cofferdam:1\nsource: apps/web\nlanguage: node\n"),
        ("package.json", r#"{"name": "all", "private": true, "workspaces": ["apps/*", "libs/*"]}"#),
        ("apps/web/package.json", &web),
        ("apps/web/main.js", "console.log(require('word')(1000));\n"),
        ("libs/word/package.json", word),
        ("libs/word/word.js", "module.exports = require('ms');\n"),
        (
            "libs/other/package.json",
            r#"{"name": "other", "version": "1.0.0", "dependencies": {"semver": "7.7.2"}}"#,
        ),
    ];
    let context = Context::of("node-workspaces", &files);
    Process::new("sh").args(["-ec", lock]).directory(context.path()).stdout();
    context
}

#[test]
fn workspaces_of_npm_and_yarn_ship_what_the_application_needs_of_them() {
    let yarn = "touch yarn.lock; export YARN_ENABLE_GLOBAL_CACHE=1 YARN_NODE_LINKER=node-modules; \
        npx --yes --package=@yarnpkg/cli-dist@4.9.4 yarn install --mode=update-lockfile";
    for (wanted, lock) in
        [("*", "npm install --silent --package-lock-only --ignore-scripts"), ("workspace:*", yarn)]
    {
        let image = Build::of(&workspace(wanted, lock)).push();
        assert_eq!(run(&image.reference, &["--network", "none"], &[]), "1s\n", "{wanted}");
        let files = image.files("linux/amd64");
        assert!(files.contains_key("/app/libs/word/dist/word.js"), "{wanted}: {:?}", files.keys());
        for absent in ["/app/libs/other", "/app/node_modules/semver", "/app/node_modules/other"] {
            assert!(!files.contains_key(absent), "{wanted}: {absent} ships");
        }
    }
}

#[test]
fn a_manager_that_is_not_what_was_declared_does_not_run() {
    let declared = format!(r#", "packageManager": "pnpm@9.15.9+sha256.{}""#, "0".repeat(64));
    let lock = "npx --yes pnpm@9.15.9 install --lockfile-only --ignore-scripts --config.package-manager-strict=false";
    let context = application(&declared, &[], lock);
    Build::of(&context).fail().says(&["pnpm@9.15.9 is not what its checksum says"]);
}

/// An application above which lies an archive of a package that needs another one, and the lock file of a manager.
fn vendored(lock: &str) -> Context {
    let package = r#"{"name": "web", "version": "1.0.0", "main": "main.js", "dependencies": {"second": "file:../vendor/second.tgz"}}"#;
    let files = [
        ("cofferdam.yaml", "# syntax=ghcr.io/cofferdam/cofferdam:1\nsource: web\nlanguage: node\n"),
        ("web/package.json", package),
        ("web/main.js", "console.log(require('second'));\n"),
        (
            "package/package.json",
            r#"{"name": "second", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}"#,
        ),
        ("package/index.js", "module.exports = require('ms')(1000);\n"),
    ];
    let context = Context::of("node-archives", &files);
    let archive = "mkdir vendor; tar -czf vendor/second.tgz package; rm -r package; cd web";
    Process::new("sh").args(["-ec", &format!("{archive}; {lock}")]).directory(context.path()).stdout();
    context
}

fn refuses_another_archive(context: &Context, said: &str) {
    says_a_second(context);
    let again = "mkdir package; echo '{\"name\": \"second\"}' > package/package.json; tar -czf vendor/second.tgz package; rm -r package";
    Process::new("sh").args(["-ec", again]).directory(context.path()).stdout();
    Build::of(context).fail().says(&[said]);
}

#[test]
fn an_archive_of_the_context_is_what_npm_locked() {
    refuses_another_archive(&vendored("npm install --silent --package-lock-only"), "EINTEGRITY");
}

#[test]
fn an_archive_of_the_context_is_what_pnpm_locked() {
    let lock = "npx --yes pnpm@10.34.9 install --lockfile-only --ignore-scripts";
    refuses_another_archive(&vendored(lock), "ERR_PNPM_TARBALL_INTEGRITY");
}

#[test]
fn a_link_among_the_manifests_does_not_lead_to_a_secret() {
    let lock = "npm install --silent --package-lock-only; mkdir patches; ln -s /root/.npmrc patches/ms.patch";
    Build::of(&application("", &[], lock)).fail().says(&["patches/ms.patch is a link"]);
}
