//! Every command in the documents is run, or names a target that exists.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Context, Daemon, Process, lab};

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
    for directory in ["", "docs"] {
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
                    let mark = if language == "sh" { mark.to_owned() } else { "no shell".to_owned() };
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

#[test]
fn marked_blocks_run() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let mut run = 0;
    for block in blocks().into_iter().filter(|block| !block.mark.is_empty()) {
        let context = match block.mark.split_once('=') {
            Some(("example", example)) => Context::example(example),
            _ => panic!("{}: the mark {:?} is unknown", block.place, block.mark),
        };
        assert!(!is_known_target(&block.text, &makefile));
        // Readers push to a registry of their own.
        let text = block.text.replace("registry.example.com", &lab().registry);
        // Where there is no Docker client, its plugin does the same by itself.
        let docker = "command -v docker >/dev/null || docker() { \"$@\"; }";
        let finished = Process::new("bash")
            .args(["-ec", &format!("{docker}\n{text}")])
            .directory(context.path())
            .env("BUILDX_BUILDER", Daemon::Main.builder())
            .finish();
        assert!(finished.success, "{} failed:\n{text}\n{}", block.place, finished.all());
        run += 1;
    }
    assert!(run > 0, "no document shows a build");
}
