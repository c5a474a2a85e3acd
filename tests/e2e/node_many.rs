//! More files of packages than most file systems ever hold: those of a checkout are never sent, those of a lock file ship.

use serde_json::Value;

use crate::support::{AS_JSON, Build, Context, Process, run};

/// As many as careless monorepos come to.
const MANY: usize = 200_000;
/// As many as ship, which takes a minute; with [`MANY`] of them it takes five.
const SHIPPED: usize = 50_000;
const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";

/// So many small modules, in directories of a hundred.
fn modules(context: &Context, below: &str, many: usize) {
    for directory in 0..many / 100 {
        let path = context.path().join(below).join(directory.to_string());
        std::fs::create_dir_all(&path).unwrap();
        for file in 0..100 {
            std::fs::write(
                path.join(format!("{file}.js")),
                format!("module.exports = {directory}{file:02};\n"),
            )
            .unwrap();
        }
    }
}

/// How many bytes of a context the client sent, as progress tells it at last.
fn sent(log: &str) -> u64 {
    let statuses = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let each = statuses.flat_map(|status| status["statuses"].as_array().cloned().unwrap_or_default());
    let transfers =
        each.filter(|status| status["id"].as_str().is_some_and(|id| id.starts_with("transferring")));
    let last: std::collections::BTreeMap<String, u64> = transfers
        .map(|status| {
            (format!("{}{}", status["vertex"], status["id"]), status["current"].as_u64().unwrap_or_default())
        })
        .collect();
    assert!(!last.is_empty(), "nothing tells of a transfer:\n{log}");
    last.values().sum()
}

#[test]
fn packages_of_a_checkout_are_not_sent_however_many() {
    let files = [
        ("cofferdam.yaml", SYNTAX),
        ("package.json", r#"{"name": "few", "version": "1.0.0", "main": "main.js"}"#),
        ("main.js", "console.log(require('node:fs').readdirSync('/app').join());\n"),
    ];
    let context = Context::of("node-checkout", &files);
    let build = Build::of(&context).flag(AS_JSON);
    let before = sent(&build.succeed(&["--output=type=cacheonly".to_owned()]));
    modules(&context, "node_modules/many", MANY);
    modules(&context, "packages/a/node_modules/many", MANY);
    let context =
        context.with("main.js", "console.log(require('node:fs').readdirSync('/app').sort().join());\n");
    let image = Build::of(&context).flag(AS_JSON).push();
    let after = sent(&image.log);
    assert!(after < before + 10_000, "{after} bytes were sent, and {before} of the same without packages");
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "main.js,package.json\n");
}

#[test]
fn a_package_of_many_files_ships_whole() {
    let package = r#"{"name": "all", "version": "1.0.0", "main": "main.js", "dependencies": {"many": "file:many-1.0.0.tgz"}}"#;
    let program = "const { readdirSync } = require('node:fs');\n\
        const files = readdirSync('/app/node_modules/many', { recursive: true });\n\
        console.log(files.filter((name) => name.endsWith('.js')).length, require('many/499/99'));\n";
    let tests = format!(
        "tests:\n  - run: [/usr/local/bin/node, /app/main.js]\n    stdout: {{equals: \"{SHIPPED} 49999\"}}\n"
    );
    let manifest = format!("{SYNTAX}language: node\n{tests}");
    let files = [("cofferdam.yaml", manifest.as_str()), ("package.json", package), ("main.js", program)];
    let context = Context::of("node-many", &files);
    let described = Context::of(
        "node-many-package",
        &[("package/package.json", r#"{"name": "many", "version": "1.0.0"}"#)],
    );
    modules(&described, "package", SHIPPED);
    let archive = context.path().join("many-1.0.0.tgz");
    Process::new("tar")
        .args(["-czf"])
        .args([&archive])
        .args(["package"])
        .directory(described.path())
        .stdout();
    let lock = ["install", "--silent", "--package-lock-only", "--ignore-scripts"];
    Process::new("npm").args(lock).directory(context.path()).stdout();
    // Fetched, picked, staged, laid over the base and inspected; the program is run by the manifest's test.
    Build::of(&context).succeed(&["--output=type=cacheonly".to_owned()]);
}
