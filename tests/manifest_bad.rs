//! What people are told about manifests that are wrong: each message names the place and the way out.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test may stop at a surprise"
)]

use cofferdam::manifest;
use cofferdam::report::plain;
use cofferdam::text::Source;

/// Everything that is said about a manifest.
fn said(text: &str) -> String {
    match manifest::source("cofferdam.yaml", text.as_bytes()) {
        Err(found) => plain(&found, &Source::new("cofferdam.yaml", "")),
        Ok(source) => match manifest::read(&source) {
            Ok((manifest, _)) => panic!("accepted: {manifest:?}"),
            Err(found) => plain(&found, &source),
        },
    }
}

/// The headlines and helps alone, for long lists.
fn briefly(text: &str) -> String {
    let said = said(text);
    let lines = said.lines().filter(|line| line.starts_with("cofferdam.yaml") || line.starts_with("  help"));
    lines.map(|line| line.strip_prefix("cofferdam.yaml:").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn said_of_bytes(bytes: &[u8]) -> String {
    plain(&manifest::source("cofferdam.yaml", bytes).unwrap_err(), &Source::new("cofferdam.yaml", ""))
}

#[test]
fn nothing_is_explained_with_something() {
    insta::assert_snapshot!(said(""), @r"
    cofferdam.yaml: error[empty]: the manifest is empty
      help: the smallest manifest is the line `# syntax=ghcr.io/cofferdam/cofferdam:1`; most have `runtime: {base: …, ports: […]}` too
    ");
    assert!(said("\n \n").contains("error[empty]"));
}

#[test]
fn bytes_that_are_no_text() {
    insta::assert_snapshot!(said_of_bytes(b"name: x\n\xff\xfe\x00"), @r"
    cofferdam.yaml: error[not-utf8]: the manifest is not a text in UTF-8 (line 2, byte 8)
      help: check that this is the file you meant, and save it as UTF-8
    ");
    insta::assert_snapshot!(said_of_bytes(b"\xff\xfen\0a\0"), @r"
    cofferdam.yaml: error[not-utf8]: the manifest is not a text in UTF-8 (line 1, byte 0)
      help: it seems to be UTF-16; save it as UTF-8
    ");
    insta::assert_snapshot!(said("name: a\0b\n"), @r"
    cofferdam.yaml:1:8: error[control-character]: the manifest has the control character U+0000
      1 | name: a�b
        |        ^
      help: a manifest is a text file in UTF-8; check that this is the file you meant
    ");
    insta::assert_snapshot!(said("name: \"\u{1b}[2J\"\n"), @r#"
    cofferdam.yaml:1:8: error[control-character]: the manifest has the control character U+001B
      1 | name: "�[2J"
        |        ^
      help: remove it, or write it as an escape such as "\u001b" where a value may have it
    "#);
    insta::assert_snapshot!(said("name: a\rlanguage: go\r"), @r"
    cofferdam.yaml:1:8: error[control-character]: the manifest has the control character U+000D
      1 | name: a�language: go�
        |        ^
      help: end lines with a line feed, or with a carriage return and a line feed
    ");
}

#[test]
fn other_files_are_recognised() {
    insta::assert_snapshot!(said("# syntax=x\nFROM golang:1.26 AS build\nRUN go build\n"), @r"
    cofferdam.yaml:2:1: error[dockerfile]: this is a Dockerfile, not a manifest
      2 | FROM golang:1.26 AS build
        | ^^^^^^^^^^^^^^^^^^^^^^^^^
      help: a manifest says what the application is, such as `language: go`; pass it with `-f cofferdam.yaml`
    ");
    insta::assert_snapshot!(said("- a\n- b\n"), @r"
    cofferdam.yaml:1:1: error[wrong-type]: the manifest must be a block with the keys `name`, `language`, `source`, `args`, `platforms` …, not a list
      1 | - a
        | ^^^
    ");
    insta::assert_snapshot!(said("hello\n"), @r"
    cofferdam.yaml:1:1: error[wrong-type]: the manifest must be a block with the keys `name`, `language`, `source`, `args`, `platforms` …, not `hello`
      1 | hello
        | ^^^^^
    ");
    insta::assert_snapshot!(said("services:\n  web:\n    image: x\n"), @r"
    cofferdam.yaml:1:1: error[unknown-key]: `services` is not a key of the manifest
      1 | services:
        | ^^^^^^^^
      help: a manifest describes one image; a composition refers to it as a build
    ");
}

#[test]
fn broken_yaml_is_explained() {
    insta::assert_snapshot!(said("runtime:\n\tbase: scratch\n"), @r"
    cofferdam.yaml:2:1: error[syntax]: a tab is used to indent
      2 |  base: scratch
        | ^
      why: YAML indents with spaces only, because a tab has no fixed width
      help: replace the tab by spaces, two for each level
    ");
    insta::assert_snapshot!(said("runtime: {\n\tbase: scratch}\nname: [a\n"), @r"
    cofferdam.yaml:2:1: error[syntax]: a tab is used to indent
      2 |  base: scratch}
        | ^
      why: YAML indents with spaces only, because a tab has no fixed width
      help: replace the tab by spaces, two for each level
    ");
    insta::assert_snapshot!(said("name: a: b\n"), @r"
    cofferdam.yaml:1:8: error[syntax]: there is a second `: ` where a value goes on, or a key that is indented too deep
      1 | name: a: b
        |        ^
      help: put a text that has `: ` in quotes, or indent the key like its neighbours
    ");
    insta::assert_snapshot!(said("runtime:\n  base: x\n   ports: [1]\n"), @r"
    cofferdam.yaml:3:9: error[syntax]: there is a second `: ` where a value goes on, or a key that is indented too deep
      3 |    ports: [1]
        |         ^
      help: put a text that has `: ` in quotes, or indent the key like its neighbours
    ");
    insta::assert_snapshot!(said("runtime:\n  base: x\n ports: [1]\n"), @r"
    cofferdam.yaml:3:2: error[syntax]: there is something other than a key here
      3 |  ports: [1]
        |  ^
      help: write `key: value`, indented like the keys before it
    ");
    insta::assert_snapshot!(said("runtime: {ports: [80, 81}\n"), @r"
    cofferdam.yaml:1:25: error[syntax]: a list that starts with `[` is not closed, or a comma is missing
      1 | runtime: {ports: [80, 81}
        |                         ^
      help: separate the entries by `, ` and close the list with `]`
    ");
    insta::assert_snapshot!(said("name: \"app\nlanguage: go\n"), @r#"
    cofferdam.yaml:1:7: error[syntax]: a quoted text is not closed, or goes on in a line that is not indented
      1 | name: "app
        |       ^
      help: close it with the quote that opened it
    "#);
    insta::assert_snapshot!(said("source: {exclude: [*.log]}\n"), @r"
    cofferdam.yaml:1:20: error[syntax]: `*` starts an alias in YAML, and there is no anchor of this name
      1 | source: {exclude: [*.log]}
        |                    ^
      help: where a text such as a pattern is meant, put it in quotes
    ");
    insta::assert_snapshot!(said("build: {packages: [@acme/x]}\n"), @r"
    cofferdam.yaml:1:20: error[syntax]: a value cannot start with `@` in YAML
      1 | build: {packages: [@acme/x]}
        |                    ^
      help: put the value in quotes
    ");
    insta::assert_snapshot!(said("name: {{ name }}\n"), @r#"
    cofferdam.yaml:1:7: error[wrong-type]: `name` must be a text, not a block of keys
      1 | name: {{ name }}
        |       ^^^^^^^^^^
      help: where a text with brackets or braces is meant, put it in quotes

    cofferdam.yaml:1:8: error[syntax]: a key is a list or a block of keys, where a word belongs
      1 | name: {{ name }}
        |        ^^^^^^^^
      why: `{` starts a block of keys in YAML, and a manifest is not a template
      help: a build argument is written "${NAME}" and declared with `args: {NAME: default}`; other texts with braces are put in quotes
    "#);
    insta::assert_snapshot!(said("name: a\n---\nname: b\n"), @r"
    cofferdam.yaml:2:1: error[syntax]: a second document starts here
      2 | ---
        | ^^^
      help: a manifest is one document: remove the `---` and what follows, or put it into a file of its own
    ");
    insta::assert_snapshot!(said("runtime:\n  ports: - 80\n"), @r"
    cofferdam.yaml:2:10: error[syntax]: a list's `- ` cannot stand here
      2 |   ports: - 80
        |          ^
      help: start the list on a line of its own, below its key
    ");
    insta::assert_snapshot!(said("name: 'it's'\n"), @r#"
    cofferdam.yaml:1:11: error[syntax]: something follows a quoted text
      1 | name: 'it's'
        |           ^
      help: put the whole value in quotes; a quote within is written \" or, in single quotes, ''
    "#);
}

#[test]
fn keys_that_do_not_exist() {
    insta::assert_snapshot!(briefly("\
runtme: {base: scratch}
environment: {A: b}
stages: [a]
entrypoint: [/x]
env: {A: b}
port: 80
ports: [80]
zebra: 1
x-common: &c {A: b}
runtime:
  USER: 1
  stopSignal: SIGINT
  CMD: [x]
  command: [x]
  volumes: [/data]
  expose: [80]
  image: x
  healthcheck: {}
  keyring: []
  packages: [bash]
build:
  FROM: golang
  <<: 3
  files: []
source: {path: a, ignore: [b]}
exceptions: [{rule: a, reason: b, until: tomorrow}]
"), @r"
    1:1: error[unknown-key]: `runtme` is not a key of the manifest
      help: did you mean `runtime`?
    2:1: error[unknown-key]: `environment` is not a key of the manifest
      help: variables of the running program are `runtime: {env: {NAME: value}}`
    3:1: error[unknown-key]: `stages` is not a key of the manifest
      help: there are always two compartments, `build` and `runtime`
    4:1: error[unknown-key]: `entrypoint` is not a key of the manifest
      help: `entrypoint` is a key of `runtime`
    5:1: error[unknown-key]: `env` is not a key of the manifest
      help: variables of the running program are `runtime: {env: {NAME: value}}`, those of commands stand under `fetch` or `build`
    6:1: error[unknown-key]: `port` is not a key of the manifest
      help: ports are `runtime: {ports: [8080]}`
    7:1: error[unknown-key]: `ports` is not a key of the manifest
      help: ports are `runtime: {ports: [8080]}`
    8:1: error[unknown-key]: `zebra` is not a key of the manifest
      help: its keys are `name`, `language`, `source`, `args`, `platforms`, `fetch`, `build`, `runtime`, `tests`, `exceptions`, `go`, `rust`, `python`, `node`, `java`, `static`, `binary` and `custom`
    9:1: error[unknown-key]: `x-common` is not a key of the manifest
      help: its keys are `name`, `language`, `source`, `args`, `platforms`, `fetch`, `build`, `runtime`, `tests`, `exceptions`, `go`, `rust`, `python`, `node`, `java`, `static`, `binary` and `custom`
    11:3: error[unknown-key]: `USER` is not a key of `runtime`
      help: keys have lower-case letters and hyphens: write `user`
    12:3: error[unknown-key]: `stopSignal` is not a key of `runtime`
      help: keys have lower-case letters and hyphens: write `stop-signal`
    13:3: error[unknown-key]: `CMD` is not a key of `runtime`
      help: keys have lower-case letters and hyphens: write `cmd`
    14:3: error[unknown-key]: `command` is not a key of `runtime`
      help: write `cmd` for arguments that can be replaced, `entrypoint` for the program
    15:3: error[unknown-key]: `volumes` is not a key of `runtime`
      help: directories that the program may write are `writable: […]`; volumes are declared where the container is run
    16:3: error[unknown-key]: `expose` is not a key of `runtime`
      help: write `ports`
    17:3: error[unknown-key]: `image` is not a key of `runtime`
      help: write `base`
    18:3: error[unknown-key]: `healthcheck` is not a key of `runtime`
      help: health is asked by whoever runs the container, such as an orchestrator's probes
    19:3: error[unknown-key]: this version does not know the key `keyring` of `runtime` yet
      help: its keys are `base`, `ca-certificates`, `tzdata`, `files`, `user`, `workdir`, `env`, `entrypoint`, `processes`, `cmd`, `ports`, `writable`, `stop-signal`, `labels` and `annotations`
    20:3: error[unknown-key]: this version does not know the key `packages` of `runtime` yet
      help: its keys are `base`, `ca-certificates`, `tzdata`, `files`, `user`, `workdir`, `env`, `entrypoint`, `processes`, `cmd`, `ports`, `writable`, `stop-signal`, `labels` and `annotations`
    22:3: error[unknown-key]: `FROM` is not a key of `build`
      help: write `base`
    23:3: error[unknown-key]: `<<` is not a key of `build`
      help: merging is not part of YAML 1.2; write the keys out
    24:3: error[unknown-key]: `files` is not a key of `build`
      help: `files` is a key of `runtime`
    25:19: error[unknown-key]: `ignore` is not a key of `source`
      help: write `exclude`
    26:35: error[unknown-key]: this version does not know the key `until` of `exceptions[0]` yet
      help: its keys are `rule`, `reason` and `path`
    ");
}

#[test]
fn a_key_that_is_written_twice_names_both_places() {
    insta::assert_snapshot!(said("name: a\nlanguage: go\n\"name\": b\nruntime: {base: a, base: b}\n"), @r#"
    cofferdam.yaml:3:1: error[duplicate-key]: the key `name` is written twice
      3 | "name": b
        | ^^^^^^
      why: it was first written on line 1, column 1
      help: keep one of them, or write both values under one key

    cofferdam.yaml:4:20: error[duplicate-key]: the key `base` is written twice
      4 | runtime: {base: a, base: b}
        |                    ^^^^
      why: it was first written on line 4, column 11
      help: keep one of them, or write both values under one key
    "#);
}

#[test]
fn values_of_another_kind() {
    insta::assert_snapshot!(briefly("\
name: [a]
language: golang
source: [a]
args: [VERSION=1]
platforms: linux/amd64
go: true
rust: {default-features: no, features: tls}
binary: app
fetch:
  secrets: [maven-settings, netcr, [a], {id: x, required: maybe}, null]
  env: {A: [b], B: null, C=D: e, ? '' : f}
build:
  run: [[], {a: b}, make, [make, install]]
  artifacts: {from: a, to: b}
runtime:
  base:
  user: nonroot
  ports: [http, \"8080\", 0, 8080/tcp, 80:80, 99999, 1.5, 0x50, 010]
  tzdata: \"true\"
  entrypoint: /app/server --port 80
  env: [A=b]
  labels: {a: {b: c}}
  files: [a, {from: a}, {from: a, to: b, mode: 999}, {from: a, to: b, mode: 4755}, {from: a, to: b, mode: rw}]
exceptions: {rule: a}
"), @r#"
    1:7: error[wrong-type]: `name` must be a text, not a list
      help: where a text with brackets or braces is meant, put it in quotes
    2:11: error[invalid-value]: `language` does not know the word `golang`
      help: did you mean `go`?
    3:9: error[wrong-type]: `source` must be a path, or a block with the keys `path` and `exclude`, not a list
      help: write `source: {path: …}`
    4:7: error[wrong-type]: `args` must be a block of names and values, not a list
      help: write `args: {VERSION: 1}`
    5:12: error[wrong-type]: `platforms` must be a list of texts, not `linux/amd64`
      help: write `platforms: [linux/amd64]`
    6:5: error[wrong-type]: `go` must be a block with the keys `version`, `main`, `tags`, `ldflags`, `cgo` and `private`, not `true`
      help: write `go: {version: …}`
    7:26: error[wrong-type]: `rust.default-features` must be `true` or `false`, not `no`
      help: write `default-features: false`
    7:40: error[wrong-type]: `rust.features` must be a list of texts, not `tls`
      help: write `features: [tls]`
    8:9: error[wrong-type]: `binary` must be a block with the keys `from` and `sha256`, not `app`
      help: write `binary: {from: …}`
    10:29: error[invalid-value]: `fetch.secrets[1]` does not know the word `netcr`
      help: did you mean `netrc`?
    10:36: error[wrong-type]: `fetch.secrets[2]` must be `netrc`, `cargo-credentials`, `pip-conf`, `npmrc`, `maven-settings`, `known-hosts` or `ca-certificates`, or a block with the keys `id`, `target`, `env` and `required`, not a list
    10:59: error[wrong-type]: `fetch.secrets[3].required` must be `true` or `false`, not `maybe`
    10:67: error[wrong-type]: `fetch.secrets[4]` has no value, but must be `netrc`, `cargo-credentials`, `pip-conf`, `npmrc`, `maven-settings`, `known-hosts` or `ca-certificates`, or a block with the keys `id`, `target`, `env` and `required`
      help: write a value, or remove it
    11:12: error[wrong-type]: `fetch.env.A` must be a text, not a list
      help: where a text with brackets or braces is meant, put it in quotes
    11:20: error[wrong-type]: `fetch.env.B` has no value, but must be a text
      help: write "" for an empty text, or remove it
    11:26: error[invalid-key]: `fetch.env` has the name `C=D`, which cannot be
    11:36: error[invalid-key]: `fetch.env` has the name ``, which cannot be
    13:9: error[invalid-value]: `build.run[0]` is a command without words
      help: write the program and its arguments, such as `[make, install]`
    13:13: error[wrong-type]: `build.run[1]` must be a command: a text for the shell or a list of words, not a block of keys
    14:14: error[wrong-type]: `build.artifacts` must be a list of blocks with the keys `from`, `to` and `mode`, not a block of keys
      help: write a list, even of one: `artifacts: [{from: …, to: …}]`
    16:3: error[wrong-type]: `runtime.base` has no value, but must be an image
      help: write a value, or remove it
    17:9: error[user-not-numeric]: `runtime.user` is the name `nonroot`, not a number
      help: Give `runtime.user` as a number or as `{uid, gid}`; the image then says `uid:gid`.
    18:11: error[wrong-type]: `runtime.ports[0]` must be a whole number from 1 to 65535, not `http`
    18:17: error[wrong-type]: `runtime.ports[1]` must be a whole number from 1 to 65535, not the text "8080" in quotes
      help: remove the quotes
    18:25: error[wrong-type]: `runtime.ports[2]` must be a whole number from 1 to 65535, not `0`
    18:28: error[wrong-type]: `runtime.ports[3]` must be a whole number from 1 to 65535, not `8080/tcp`
      help: write the number alone
    18:38: error[wrong-type]: `runtime.ports[4]` must be a whole number from 1 to 65535, not `80:80`
      help: write the number alone
    18:45: error[wrong-type]: `runtime.ports[5]` must be a whole number from 1 to 65535, not `99999`
    18:52: error[wrong-type]: `runtime.ports[6]` must be a whole number from 1 to 65535, not `1.5`
    18:57: error[wrong-type]: `runtime.ports[7]` must be a whole number from 1 to 65535, not `0x50`
    18:63: error[wrong-type]: `runtime.ports[8]` must be a whole number from 1 to 65535, not `010`
    19:11: error[wrong-type]: `runtime.tzdata` must be `true` or `false`, not the text "true" in quotes
      help: write `tzdata: true`
    20:15: error[wrong-type]: `runtime.entrypoint` must be a list of texts, not `/app/server --port 80`
      help: write `entrypoint: [/app/server, --port, 80]`
    21:8: error[wrong-type]: `runtime.env` must be a block of names and values, not a list
      help: write `env: {A: b}`
    22:15: error[wrong-type]: `runtime.labels.a` must be a text, not a block of keys
      help: where a text with brackets or braces is meant, put it in quotes
    23:11: error[wrong-type]: `runtime.files[0]` must be a block with the keys `from`, `to` and `mode`, not `a`
      help: write `{from: …, to: …}`
    23:14: error[missing-key]: `runtime.files[1]` lacks the key `to`
      help: `to` is where the image has it; with a `/` at its end, the directory that a file goes into under its own name
    23:48: error[wrong-type]: `runtime.files[2].mode` must be permission bits in octal such as `0644`, not `999`
    23:77: error[wrong-type]: `runtime.files[3].mode` must be permission bits in octal such as `0644`, not `4755`
    23:107: error[wrong-type]: `runtime.files[4].mode` must be permission bits in octal such as `0644`, not `rw`
    24:13: error[wrong-type]: `exceptions` must be a list of blocks with the keys `rule`, `reason` and `path`, not a block of keys
      help: write a list, even of one: `exceptions: [{rule: …, reason: …}]`
    "#);
}

#[test]
fn a_user_is_a_number_and_only_texts_are_names() {
    for (user, code) in [
        ("web", "user-not-numeric"),
        ("\"true\"", "user-not-numeric"),
        ("true", "wrong-type"),
        ("False", "wrong-type"),
    ] {
        let told = briefly(&format!("runtime: {{user: {{uid: {user}}}}}\n"));
        assert!(told.contains(&format!("error[{code}]: `runtime.user.uid`")), "{told}");
    }
}

#[test]
fn texts_that_say_nothing_or_too_much() {
    insta::assert_snapshot!(briefly("name: ''\nsource: \"\"\nargs: {1A: x, A-B: y}\ngo:\n  main: |\n    a\n    b\nruntime: {workdir: \"a\\u0007\", cmd: [\"\"]}\n"), @r"
    1:7: error[invalid-value]: `name` is empty
      help: write a value, or leave it out
    2:9: error[invalid-value]: `source` is empty
      help: write a value, or leave it out
    3:8: error[invalid-key]: `args` has the name `1A`, which cannot be
    3:15: error[invalid-key]: `args` has the name `A-B`, which cannot be
    6:5: error[invalid-value]: `go.main` has a line break
      help: write it on one line
    8:20: error[invalid-value]: `runtime.workdir` has the control character U+0007
    8:37: error[invalid-value]: `runtime.cmd[0]` is empty
      help: write a value, or leave it out
    ");
}

#[test]
fn tags_are_texts_without_quotes() {
    insta::assert_snapshot!(said("build:\n  packages: [!gcc, git]\nname: !!str app\n"), @r#"
    cofferdam.yaml:2:14: error[yaml-tag]: `!gcc` is a YAML tag, which a manifest does not have
      2 |   packages: [!gcc, git]
        |              ^^^^
      help: where a text that starts with `!` is meant, put it in quotes: "!gcc"

    cofferdam.yaml:3:7: error[yaml-tag]: `!!str` is a YAML tag, which a manifest does not have
      3 | name: !!str app
        |       ^^^^^
      help: remove it: values are read as their keys ask for
    "#);
}

#[test]
fn aliases_are_bounded() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in "abcdefghi".chars().zip("bcdefghij".chars()) {
        bomb += &format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(","));
    }
    insta::assert_snapshot!(said(&bomb), @r"
    cofferdam.yaml:5:23: error[alias]: with this alias the manifest becomes too large
      5 | e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]
        |                       ^^
      why: an alias counts as everything that it stands for, and a manifest has at most 50000 values, 64 levels deep
      help: write the value out where it is needed
    ");
    insta::assert_snapshot!(said("args: &a {X: *a}\n"), @r"
    cofferdam.yaml:1:14: error[alias]: this alias stands within the value that it names
      1 | args: &a {X: *a}
        |              ^^
      help: write the value out where it is needed
    ");
    let long =
        format!("args: {{A: &a {}}}\nplatforms: [{}]\n", "x".repeat(500_000), vec!["*a"; 100].join(","));
    assert!(said(&long).contains("error[alias]"));
}

#[test]
fn an_error_within_an_alias_points_to_what_was_written() {
    insta::assert_snapshot!(said("go: {tags: &t [\"\"]}\nrust: {features: *t}\n"), @r#"
    cofferdam.yaml:1:16: error[invalid-value]: `go.tags[0]` is empty
      1 | go: {tags: &t [""]}
        |                ^^
      help: write a value, or leave it out

    cofferdam.yaml:1:16: error[invalid-value]: `rust.features[0]` is empty
      1 | go: {tags: &t [""]}
        |                ^^
      help: write a value, or leave it out
    "#);
}

#[test]
fn too_many_errors_are_counted() {
    let many: String = (0..20_000).map(|index| format!("k{index}: 1\n")).collect();
    assert!(said(&many).ends_with("more\n"));
    assert!(said(&many).len() < 20_000);
}

#[test]
fn tests_say_what_they_claim() {
    insta::assert_snapshot!(briefly("\
tests:
  - run: make check
  - {run: [a], exit: -1, output: x}
  - {file: '', mode: 1777}
  - {http: {url: /, timeout: 5}}
"), @r"
    2:10: error[wrong-type]: `tests[0].run` must be a list of texts, not `make check`
      help: write `run: [make, check]`
    3:22: error[wrong-type]: `tests[1].exit` must be a whole number from 0 to 255, not `-1`
    3:26: error[unknown-key]: `output` is not a key of `tests[1]`
      help: write `stdout`
    4:12: error[invalid-value]: `tests[2].file` is empty
      help: write a value, or leave it out
    4:22: error[wrong-type]: `tests[2].mode` must be permission bits in octal such as `0644`, not `1777`
    5:12: error[missing-key]: `tests[3].http` lacks the key `path`
      help: `path` is the path, with a query if need be
    5:13: error[unknown-key]: `url` is not a key of `tests[3].http`
      help: its keys are `path`, `port`, `status` and `timeout`
    ");
}
