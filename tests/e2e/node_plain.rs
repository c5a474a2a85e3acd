//! Applications of Node that nothing builds: what ships straight from the context is what a builder would have picked.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Build, Context, Image, Process, run};

const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n";
/// What ships, and what only developers need.
const SHIPS: [&str; 17] = [
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
    "Readme/index.js",
    "tsconfig/base.json",
    "types.ts",
    "!important.js",
    "a\\b[c].js",
];
const STAYS: [&str; 30] = [
    ".env",
    "lib/.env",
    "lib/deep/.env.local",
    "lib/a.spec.vue",
    "webpack.config.base.js",
    ".env ",
    ".env\r",
    ".a\\[b^c]",
    ".npmrc",
    ".github/workflows/ci.yml",
    "test/main.js",
    "test/fixtures/a.js",
    "tests/deep/main.js",
    "coverage/index.html",
    "main.test.js",
    "main.TEST.js",
    "lib/a.spec.mts",
    "lib/deep/a.test.tsx",
    "node_modules/stale/index.js",
    "lib/node_modules/stale/index.js",
    "tsconfig.build.json",
    "app.tsbuildinfo",
    "vitest.config.ts",
    "README.md",
    "Readme.md",
    "dockerFile",
    "compose.yaml",
    "Makefile",
    "SECURITY",
    "cofferdam.yaml",
];

/// The application, with the manifest's last lines.
fn application(more: &str) -> Context {
    let context = Context::of("node-plain", &[("cofferdam.yaml", &format!("{SYNTAX}{more}"))]);
    let package = r#"{"name": "plain", "version": "1.0.0", "main": "main.js"}"#;
    let context = context.with("w [b]/package.json", package);
    let file = |context: Context, path: &&str| {
        context.with(&format!("w [b]/{path}"), format!("console.log(__filename); // {path}\n"))
    };
    let context = STAYS.iter().fold(SHIPS.iter().fold(context, file), file);
    let top = context.path().join("w [b]");
    for (link, target) in
        [("now", "lib/a.js"), ("lib/up", "../test/main.js"), ("test/out", "/etc"), (".link", "main.js")]
    {
        symlink(target, top.join(link)).unwrap();
    }
    fs::create_dir(top.join("empty")).unwrap();
    context
}

/// The application in an image: every path with its kind, its bits and its target, and the digests of files.
fn shipped(image: &Image) -> String {
    let list = "crane export --insecure \"$1\" - | tar -xf - app && cd app && \
        find . -printf '%y %m %P %l\\n' | LC_ALL=C sort && find . -type f -exec sha256sum {} + | LC_ALL=C sort";
    let directory = tempfile::tempdir().unwrap();
    Process::new("sh").args(["-ec", list, "sh", &image.reference]).directory(directory.path()).stdout()
}

#[test]
fn what_nothing_builds_ships_without_a_builder_and_is_the_same() {
    let back =
        "['!**/node_modules', '!**/node_modules/stale', '!**/test/fixtures', '!**/.env', '**/types.ts']";
    for exclude in ["[]", back] {
        let source = format!("source: {{path: 'w [b]', exclude: {exclude}}}\n");
        let plain = Build::of(&application(&source)).push();
        let built = Build::of(&application(&format!("{source}build: {{run: ['true']}}\n"))).push();
        assert!(!plain.log.contains("package plain"), "a builder packages it:\n{}", plain.log);
        assert!(built.log.contains("package plain"), "no builder packages it:\n{}", built.log);
        assert_eq!(shipped(&plain), shipped(&built), "{exclude}");
        let files = plain.files("linux/amd64");
        for path in SHIPS {
            let is_there = files.contains_key(&format!("/app/{path}")) || path.contains('\\');
            assert_eq!(is_there, path != "types.ts" || exclude == "[]", "{path}");
        }
        let stays = STAYS.iter().chain(&["test", "coverage", "lib/deep", "empty", ".link"]);
        for path in stays {
            assert!(!files.contains_key(&format!("/app/{path}")), "{path} ships");
        }
        assert_eq!(run(&plain.reference, &["--network", "none", "--read-only"], &[]), "/app/main.js\n");
    }
}
