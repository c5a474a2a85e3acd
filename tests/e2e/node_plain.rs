//! Applications of Node that nothing builds: what ships straight from the context is what a builder would have picked.

use crate::support::{Build, Context, run};

const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\nsource: w [b]\nlanguage: node\n";
/// What ships, and what only developers need.
const SHIPS: [&str; 14] = [
    "main.js",
    "lib/a.js",
    "lib/test/a.js",
    "lib/.keep",
    "lib/README.md",
    "lib/Dockerfile",
    ".well-known/security.txt",
    "openapi.spec.yaml",
    "data.test.json",
    "Testing.js",
    "security.js",
    "security/index.js",
    "tsconfig/base.json",
    "types.ts",
];
const STAYS: [&str; 22] = [
    ".env",
    ".npmrc",
    ".github/workflows/ci.yml",
    ".[x]",
    "test/main.js",
    "tests/deep/main.js",
    "coverage/index.html",
    "main.test.js",
    "lib/a.spec.mts",
    "lib/deep/a.test.tsx",
    "node_modules/stale/index.js",
    "lib/node_modules/stale/index.js",
    "tsconfig.build.json",
    "app.tsbuildinfo",
    "vitest.config.ts",
    "README.md",
    "readme.md",
    "Dockerfile.dev",
    "docker-compose.override.yml",
    "Makefile",
    "SECURITY",
    "cofferdam.yaml",
];

/// The application, with the manifest's last lines.
fn application(more: &str) -> Context {
    let context = Context::of("node-plain", &[("cofferdam.yaml", &format!("{SYNTAX}{more}"))]);
    let context =
        context.with("w [b]/package.json", r#"{"name": "plain", "version": "1.0.0", "main": "main.js"}"#);
    SHIPS
        .iter()
        .chain(&STAYS)
        .fold(context, |context, path| context.with(&format!("w [b]/{path}"), "console.log(__filename);\n"))
}

#[test]
fn what_nothing_builds_ships_without_a_builder_and_is_the_same() {
    let (plain, built) = (application(""), application("build: {run: ['true']}\n"));
    let log = Build::of(&plain).succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(!log.contains("package plain"), "a builder packages it:\n{log}");
    let (plain, built) = (Build::of(&plain).push(), Build::of(&built).push());
    assert!(built.log.contains("package plain"), "no builder packages it:\n{}", built.log);
    let (plain_files, built_files) = (plain.files("linux/amd64"), built.files("linux/amd64"));
    for path in SHIPS {
        assert!(plain_files.contains_key(&format!("/app/{path}")), "{path} does not ship");
    }
    for path in STAYS {
        assert!(!plain_files.contains_key(&format!("/app/{path}")), "{path} ships");
    }
    // A directory that would be empty ships from the context alone.
    let empty = ["/app/lib/deep"];
    let different: Vec<_> = plain_files.keys().filter(|path| !built_files.contains_key(*path)).collect();
    assert_eq!(different, empty);
    for (path, file) in &built_files {
        assert_eq!(plain_files.get(path), Some(file), "{path}");
    }
    assert_eq!(run(&plain.reference, &["--network", "none", "--read-only"], &[]), "/app/main.js\n");
}
