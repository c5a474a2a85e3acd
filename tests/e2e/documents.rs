//! Every command in the documents is run or names a target that exists, but for what needs an engine or a cluster.

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam::text::Source;
use cofferdam::yaml::{self, Kind, Node};

use crate::support::{Context, Daemon, Finished, Process, lab};

/// A fenced block of shell commands; the words after `sh` say how it is tested.
struct Block {
    place: String,
    mark: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in ["", "docs", "docs/ci"] {
        let Ok(entries) = fs::read_dir(root().join(directory)) else { continue };
        found.extend(
            entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "md")),
        );
    }
    found.sort();
    found
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    let (language, mark) = info.split_once(' ').unwrap_or((info, ""));
                    let place = format!("{}:{}", path.strip_prefix(root()).unwrap().display(), number + 1);
                    let is_shell = language == "sh" || mark.starts_with("ci=");
                    let mark = if is_shell { mark.to_owned() } else { "no shell".to_owned() };
                    open = Some(Block { place, mark, text: String::new() });
                }
                (Some(block), None) => block.text.extend([line, "\n"]),
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, None) => {}
            }
        }
    }
    blocks.retain(|block| block.mark != "no shell");
    blocks
}

/// Whether a line is `make TARGET…` of targets that exist.
fn is_known_target(line: &str, makefile: &str) -> bool {
    let command = line.split('#').next().unwrap_or_default();
    let Some(targets) = command.trim().strip_prefix("make") else { return false };
    targets
        .split_whitespace()
        .filter(|word| !word.contains('='))
        .all(|target| makefile.contains(&format!("\n{target}:")))
}

#[test]
fn blocks_without_a_mark_name_make_targets() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    for block in blocks().into_iter().filter(|block| block.mark.is_empty()) {
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            assert!(
                is_known_target(line, &makefile),
                "{}: `{line}` is neither a target nor marked for a test",
                block.place
            );
        }
    }
}

/// The commands of a pipeline's definition, in order: what stands under `run` and `script`.
fn scripts(block: &Block) -> String {
    fn collect(node: &Node, found: &mut String) {
        match &node.kind {
            Kind::Scalar { .. } | Kind::Null => {}
            Kind::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
            Kind::Mapping(pairs) => pairs.iter().for_each(|(key, value)| match &*key.value {
                "run" | "script" => lines(value, found),
                _ => collect(value, found),
            }),
        }
    }
    fn lines(node: &Node, found: &mut String) {
        match &node.kind {
            Kind::Scalar { text, .. } => found.extend([text, "\n"]),
            Kind::Sequence(items) => items.iter().for_each(|item| lines(item, found)),
            other => panic!("{} is no script", other.noun()),
        }
    }
    let document = yaml::parse(&Source::new(&block.place, &block.text)).unwrap();
    let mut found = String::new();
    collect(&document.root.unwrap(), &mut found);
    assert!(!found.is_empty(), "{} has no script", block.place);
    found
}

/// Runs a script as a reader would, with the lab's registry in the place of the reader's own.
fn execute(context: &Context, script: &str) -> Finished {
    // Where there is no Docker client, its plugins do the same by themselves; where a daemon runs already, nobody
    // needs the script that starts one.
    let shims = "command -v docker >/dev/null ||
        docker() { [ \"$1\" = compose ] && shift && set -- docker-compose \"$@\"; \"$@\"; }
        buildctl-daemonless.sh() { buildctl \"$@\"; }
        export COSIGN_PASSWORD=none
        keys=$(mktemp -d)
        (cd \"$keys\" && cosign generate-key-pair)
        export COSIGN_PRIVATE_KEY=$(cat \"$keys/cosign.key\") COSIGN_PUBLIC_KEY=$(cat \"$keys/cosign.pub\")
        rm -r \"$keys\"";
    let script = script.replace("registry.example.com", &lab().registry);
    Process::new("bash")
        .args(["-ec", &format!("{shims}\n{script}")])
        .directory(context.path())
        .env("BUILDX_BUILDER", Daemon::Main.builder())
        .env("COFFERDAM", root())
        .env("IMAGE", lab().reference(&format!("e2e/{}", context.name)))
        .env("GITHUB_SHA", "0123abc")
        .env("CI_COMMIT_SHA", "0123abc")
        .env("REVISION", "0123abc")
        .env("RESULTS", context.path())
        .finish()
}

#[test]
fn marked_blocks_run() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let mut run = 0;
    for block in blocks().into_iter().filter(|block| !block.mark.is_empty()) {
        let (example, script) = match block.mark.split_once('=') {
            Some(("example", example)) => (example, block.text.clone()),
            Some(("ci", example)) => (example, scripts(&block)),
            // Docker's engine and clusters are not to be had here.
            Some(("elsewhere", "engine" | "kubernetes")) => continue,
            _ => panic!("{}: the mark {:?} is unknown", block.place, block.mark),
        };
        assert!(!is_known_target(&script, &makefile));
        let finished = execute(&Context::example(example), &script);
        assert!(finished.success, "{} failed:\n{script}\n{}", block.place, finished.all());
        run += 1;
    }
    assert!(run > 0, "no document shows a build");
}
