//! Wrong input of every kind: one clear error at its place, whatever it is.

use std::fmt::Write;

use crate::support::{Build, Context, Failed};

/// Files with which `language: go` would build.
const GO: &[(&str, &str)] =
    &[("go.mod", "module example.com/a\n\ngo 1.26\n"), ("main.go", "package main\n\nfunc main() {}\n")];
const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";
const FRONTEND: &str = "ghcr.io/cofferdam/cofferdam:1";

/// Builds a small Go program with a manifest, the first line of which is the syntax line; it must fail.
#[track_caller]
fn refused(manifest: &str) -> Failed {
    let context = Context::of("bad", GO).with("cofferdam.yaml", format!("{SYNTAX}{manifest}"));
    Build::of(&context).fail().clear()
}

/// The same with a text that has no syntax line of its own.
#[track_caller]
fn refused_bytes(manifest: impl AsRef<[u8]>) -> Failed {
    let context = Context::of("bad", GO).with("cofferdam.yaml", manifest);
    Build::of(&context).arg("BUILDKIT_SYNTAX", FRONTEND).fail().clear()
}

#[test]
fn an_empty_file() {
    refused_bytes("").says(&["cofferdam.yaml", "empty"]);
    refused_bytes("\n\n").says(&["cofferdam.yaml", "empty"]);
}

#[test]
fn binary_junk() {
    let junk: Vec<u8> = (0..4096u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    refused_bytes(junk).at_line(1).says(&["error[not-utf8]"]);
    refused_bytes(b"# x\nname: a\0b\n").at_line(2).says(&["error[control-character]", "U+0000"]);
    refused_bytes(b"name: \xff\xfe\n").at_line(1).says(&["error[not-utf8]"]);
}

#[test]
fn more_text_than_any_manifest() {
    let line = "# 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n";
    let text = format!("{}language: go\n", line.repeat(20_000_000 / line.len()));
    refused_bytes(&text).at_line(1).says(&["error[too-large]", "1048576 bytes"]);
    // Without the argument, the daemon's own frontend reads the file for its syntax line, and is refused it.
    let context = Context::of("bad", GO).with("cofferdam.yaml", format!("{SYNTAX}{text}"));
    Build::of(&context).fail().says(&["cofferdam.yaml", "exceeds maximum allowed size"]);
}

#[test]
fn a_failing_step_below_much_text_keeps_its_place() {
    let text = "# 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n".repeat(2_000);
    let manifest = format!("{text}language: go\nbuild:\n  run: [\"exit 7\"]\n");
    assert!(manifest.len() > 100_000);
    refused(&manifest).at_line(manifest.lines().count() + 1).says(&["exit code: 7"]);
}

#[test]
fn a_bomb_of_aliases() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = format!("*a{}", n - 1);
        writeln!(bomb, "a{n}: &a{n} [{}]", [before.as_str(); 9].join(", ")).unwrap();
    }
    refused(&bomb).says(&["cofferdam.yaml:", "alias"]);
}

#[test]
fn nesting_without_end() {
    refused(&format!("name: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)))
        .says(&["cofferdam.yaml:2", "deep"]);
}

#[test]
fn unknown_and_duplicate_keys_are_all_told_at_once() {
    refused("language: go\nruntimes: {}\nname: a\nname: b\nruntime:\n  environment: {A: b}\n").says(&[
        "cofferdam.yaml:3",
        "`runtimes`",
        "`runtime`",
        "cofferdam.yaml:5",
        "cofferdam.yaml:7",
        "env",
    ]);
}

#[test]
fn users_that_are_root_or_have_no_number() {
    refused("language: go\nruntime:\n  user: 0\n").at_line(4).says(&["image-root-user"]);
    refused("language: go\nruntime:\n  user: {uid: 1000, gid: 0x0, name: root}\n").at_line(4);
    refused("language: go\nruntime:\n  user: nobody\n").at_line(4).says(&[
        "error[user-not-numeric]",
        "the name `nobody`",
        "help: Give `runtime.user` as a number",
    ]);
    refused("language: go\nruntime:\n  user: {name: nobody}\n  base: scratch\n  workdir: app\n").at_line(6);
}

/// Every path of the manifest's language is tried in `tests/manifest_paths.rs`.
#[test]
fn paths_that_climb() {
    for (line, manifest) in [
        (2, "source: {path: ., exclude: [../x]}\nlanguage: go\n"),
        (4, "language: go\nruntime:\n  files: [{from: x, to: /a/../../x}]\n"),
    ] {
        refused(manifest).at_line(line).says(&["error[path]", "a path cannot climb out with `..`"]);
    }
}

#[test]
fn images_that_do_not_exist_or_are_no_references() {
    refused("language: go\nruntime:\n  base: ghcr.io/nobody/nothing:1\n")
        .at_line(4)
        .says(&["ghcr.io/nobody/nothing"]);
    refused("language: go\nbuild:\n  base: ghcr.io/nobody/golang:1\n")
        .at_line(4)
        .says(&["ghcr.io/nobody/golang"]);
    refused("language: go\nruntime:\n  base: node\n").at_line(4).says(&["node"]);
    refused("language: go\nruntime:\n  base: Not/A Reference\n").at_line(4);
}

#[test]
fn an_application_that_is_not_there() {
    refused("language: go\nsource: services/none\n").says(&["services/none"]).at_line(3);
    refused("go: {main: cmd/none}\n").at_line(2).says(&["cmd/none"]);
    refused("binary: {from: dist/none}\n").at_line(2).says(&["dist/none"]);
    refused("language: rust\n").at_line(2).says(&["Cargo.toml"]);
    refused("language: go\nruntime:\n  files: [{from: no/such.conf, to: /etc/x}]\n")
        .says(&["no/such.conf", "in the build context"])
        .at_line(4);
}

#[test]
fn modules_without_checksums() {
    let context = Context::example("go-service").without("go.sum");
    Build::of(&context).fail().clear().says(&["go.sum", "go mod tidy", "cofferdam.yaml:"]);
}

#[test]
fn checksums_that_do_not_fit() {
    let context = Context::example("go-service");
    let sums = std::fs::read_to_string(context.path().join("go.sum")).unwrap();
    let context = context.with("go.sum", sums.replace("h1:", "h1:AAAA"));
    Build::of(&context).fail().clear().says(&["cofferdam.yaml:", "go.sum"]);
}

#[test]
fn source_that_does_not_compile() {
    let context =
        Context::example("go-service").appending("handler.go", "\nfunc broken() { return nonsense }\n");
    Build::of(&context).fail().clear().says(&["undefined: nonsense", "handler.go", ">>>   ldflags"]);
}

#[test]
fn a_crate_that_does_not_compile() {
    let context =
        Context::example("rust-service").replacing("src/main.rs", "fn stopped()", "fn stopped(x: Nonsense)");
    Build::of(&context).fail().clear().at_line(4).says(&["Nonsense"]);
}

#[test]
fn a_lock_that_does_not_fit_the_crate() {
    let context =
        Context::example("rust-service").replacing("Cargo.toml", "version = \"0.6\"", "version = \"0.5\"");
    Build::of(&context).fail().clear().says(&["cofferdam.yaml:", "lock"]);
}

#[test]
fn arguments_that_are_missing_or_unknown() {
    refused("args: {VERSION: null}\ngo: {ldflags: [\"-X main.version=${VERSION}\"]}\n")
        .says(&["VERSION", "cofferdam.yaml:2"]);
    refused("go: {ldflags: [\"-X main.version=${VERSON}\"]}\n").at_line(2).says(&["VERSON"]);
}

#[test]
fn a_platform_that_is_not_declared() {
    let context = Context::of("bad", GO)
        .with("cofferdam.yaml", format!("{SYNTAX}language: go\nplatforms: [linux/arm64]\n"));
    Build::of(&context).flag("--platform=linux/amd64").fail().clear().at_line(3).says(&["linux/amd64"]);
}

#[test]
fn a_context_that_is_not_there() {
    let context = Context::of("bad", &[]).with("cofferdam.yaml", format!("{SYNTAX}language: go\n"));
    Build::of(&context).fail().clear().at_line(2).says(&["go.mod"]);
}

#[test]
fn a_named_context_that_is_not_there() {
    let context = Context::of("bad", GO).with("cofferdam.yaml", format!("{SYNTAX}language: go\n"));
    let missing = "--build-context=golang:1.26-trixie=docker-image://ghcr.io/nobody/golang:1";
    Build::of(&context).flag(missing).fail().clear().says(&["ghcr.io/nobody/golang:1"]);
}
