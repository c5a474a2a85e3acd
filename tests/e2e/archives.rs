//! Archives of packages of Node and Python: an edited lock file brings what is new, and no earlier fetch changes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{AS_JSON, Build, Context, Image, Process, new_word, said};

/// All that the fetch makes ships.
const NODE: &str = "language: node\nbuild: {artifacts: [{from: node_modules, to: /modules}]}\n";
const PACKAGE: &str =
    r#"{"name": "a", "version": "1.0.0", "main": "main.js", "dependencies": {"ms": "2.1.3"}}"#;

/// Builds in a word's own caches, and fetches what no other word has: steps are told apart by what they do, not by their
/// caches. Returns what the fetch said too.
fn build(
    context: Context,
    manifest: &str,
    word: &str,
    env: &str,
    flags: &[&str],
) -> (Context, Image, String) {
    let fetch = format!("fetch: {{env: {{WORD: {word}{env}}}}}\n");
    let manifest = format!("# syntax=ghcr.io/cofferdam/cofferdam:1\n{manifest}{fetch}");
    let context = context.with("cofferdam.yaml", manifest);
    let build = Build::of(&context).flag(AS_JSON).arg("BUILDKIT_CACHE_MOUNT_NS", word);
    let image = flags.iter().fold(build, |build, flag| build.flag(*flag)).push();
    let told = said(&image.log, "fetch ");
    (context, image, told)
}

/// Builds an application, an edit that needs more, and that again without what was downloaded.
fn downloads_what_is_new(
    context: Context,
    manifest: &str,
    edit: impl FnOnce(Context) -> Context,
    then: &str,
) {
    let word = new_word();
    let (context, _, told) = build(context, manifest, &word, "", &[]);
    assert!(told.contains("0 of "), "{told}");
    let (context, warm, told) = build(edit(context), manifest, &word, "", &[]);
    assert!(told.contains(&format!("{then} archives were downloaded before")), "{told}");
    // A step that is to run again begins with empty caches.
    let (_, cold, told) = build(context, manifest, &word, "", &["--no-cache-filter=fetch"]);
    assert!(told.contains("0 of "), "{told}");
    assert_eq!(warm.layers("linux/amd64"), cold.layers("linux/amd64"));
}

fn locked(context: Context, lock: &str) -> Context {
    Process::new("sh").args(["-ec", lock]).directory(context.path()).stdout();
    context
}

/// An application with `ms`, as a command locks it.
fn application(lock: &str) -> Context {
    locked(Context::of("downloads", &[("package.json", PACKAGE), ("main.js", "require('ms');\n")]), lock)
}

/// Adds another package to such an application.
fn node(lock: &str, then: &str) {
    let more = r#""ms": "2.1.3", "@types/ms": "2.1.0""#;
    let edit = |context: Context| locked(context.replacing("package.json", r#""ms": "2.1.3""#, more), lock);
    downloads_what_is_new(application(lock), NODE, edit, then);
}

#[test]
fn npm_downloads_what_is_new() {
    for resolved in ["--omit-lockfile-registry-resolved", "--no-omit-lockfile-registry-resolved"] {
        node(&format!("npm install --silent --package-lock-only {resolved}"), "1 of 2");
    }
}

#[test]
fn both_yarns_download_what_is_new_and_themselves_once() {
    node("npx --yes yarn@1.22.22 install --silent --ignore-scripts; rm -r node_modules", "2 of 3");
    for version in ["4.9.4", "3.8.7"] {
        node(
            &format!(
                "touch yarn.lock; export YARN_ENABLE_GLOBAL_CACHE=1 YARN_NODE_LINKER=node-modules; \
                npx --yes --package=@yarnpkg/cli-dist@{version} yarn install --mode=update-lockfile"
            ),
            "2 of 3",
        );
    }
}

#[test]
fn python_downloads_what_is_new() {
    let manifest = "language: python\nruntime: {entrypoint: [python, -m, six]}\n";
    let six = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n";
    let idna = "idna==3.10 --hash=sha256:946d195a0d259cbba61165e88e65941f16e9b36ea6ddb97f00452bae8b1287d3\n";
    let context = Context::of("downloads", &[("requirements.txt", six)]);
    let edit = |context: Context| context.appending("requirements.txt", idna);
    downloads_what_is_new(context, manifest, edit, "1 of 2");
}

#[test]
fn what_a_hostile_fetch_left_changes_nothing() {
    // A variable can make Node run code in the fetch, which then writes to what this project's other builds read.
    let code = "import fs from 'node:fs'; process.on('exit', () => { for (const name of fs.readdirSync('/downloads')) \
        fs.writeFileSync('/downloads/' + name, 'something else'); });";
    let encoded = STANDARD.encode(code);
    let hostile = format!(", NODE_OPTIONS: '--import=data:text/javascript;base64,{encoded}'");
    let word = new_word();
    let context = application("npm install --silent --package-lock-only");
    let (context, good, _) = build(context, NODE, &word, "", &[]);
    let (context, _, told) = build(context, NODE, &word, &hostile, &[]);
    assert!(told.contains("1 of 1 "), "{told}");
    let (context, again, told) = build(context, NODE, &word, ", AGAIN: '1'", &[]);
    assert!(told.contains("0 of 1 "), "nothing was poisoned: {told}");
    assert_eq!(again.layers("linux/amd64"), good.layers("linux/amd64"));
    let (_, _, told) = build(context, NODE, &word, ", AGAIN: '2'", &[]);
    assert!(told.contains("1 of 1 "), "{told}");
}
