//! The JSON Schema and the decoder say the same about the same manifests.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test may stop at a surprise"
)]

use std::collections::BTreeSet;

use cofferdam::text::Source;
use cofferdam::{manifest, yaml};
use proptest::prelude::*;
use serde_json::{Value, json};

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&manifest::schema()).unwrap()
}

fn decodes(text: &str) -> Result<(), String> {
    let source = Source::new("cofferdam.yaml", text);
    manifest::read(&source).map(drop).map_err(|found| cofferdam::report::plain(&found, &source))
}

/// A YAML tree as the JSON that an editor sees: YAML 1.2's core schema for texts without quotes.
fn json_of(node: &yaml::Node) -> Value {
    match &node.kind {
        yaml::Kind::Null => Value::Null,
        yaml::Kind::Scalar { text, plain: true } => match text.as_str() {
            "true" => json!(true),
            "false" => json!(false),
            number => {
                let digits = number.trim_start_matches('0');
                let unpadded = if digits.is_empty() || digits.starts_with('.') { number } else { digits };
                serde_json::from_str(unpadded).ok().filter(Value::is_number).unwrap_or_else(|| json!(text))
            }
        },
        yaml::Kind::Scalar { text, .. } => json!(text),
        yaml::Kind::Sequence(items) => items.iter().map(json_of).collect(),
        yaml::Kind::Mapping(entries) => {
            entries.iter().map(|(key, value)| (key.value.clone(), json_of(value))).collect()
        }
    }
}

/// Manifests with everything that the language has.
const GOOD: [&str; 14] = [
    "language: go\n",
    "{}\n",
    r#"{"name": "app", "runtime": {"ports": [8080], "user": {"uid": 5}}}"#,
    "\
name: billing
language: go
source: {path: services/billing, exclude: ['*.md', docs]}
args: {VERSION: dev, COMMIT: null, EMPTY: '', _9: 3.10}
platforms: [linux/amd64, linux/arm64]
go:
  version: 1.26
  main: ./cmd/billing
  tags: [netgo, osusergo]
  ldflags: ['-X main.version=${VERSION}']
  cgo: false
  private: [github.com/acme/*]
fetch:
  env: {GOFLAGS: -mod=mod}
  secrets:
    - netrc
    - {id: token, target: /root/.token}
    - {id: other, env: TOKEN, required: false}
  ssh: [default]
build:
  base: golang:1.26
  packages: [gcc, libpq-dev]
  env: {A: '', B: 1, C: true}
  run:
    - make generate
    - [make, -C, web]
    - |
      set -e
      echo two lines
  artifacts: [{from: web/dist, to: /app/web, mode: 0444}, {from: /x, to: /y, mode: \"0o755\"}]
runtime:
  base: distroless
  ca-certificates: [certs/acme.crt]
  tzdata: true
  files: [{from: a, to: /a}, {from: b, to: /b, mode: 644}]
  user: {uid: 10001, gid: 10002, name: app}
  workdir: /app
  env: {LANG: C.UTF-8, TEXT: \"two\\nlines\"}
  entrypoint: [/app/billing]
  cmd: [--port, 8080]
  ports: [1, 65535]
  writable: [/var/lib/app]
  stop-signal: SIGINT
  labels: {org.example.a: b}
  annotations: {'org.example/c': ''}
tests:
  - run: [/app/billing, --version]
    exit: 0
    stdout: {contains: \"${VERSION}\", equals: '', matches: '*\\n*'}
    stderr: {equals: \"\"}
    timeout: 1m
  - {file: /app/x, absent: false, mode: 0644, owner: 0:0}
  - http: /healthz
  - http: {path: /x?y, port: 8080, status: 404, timeout: 5s}
exceptions: [{rule: final-shell, reason: needed, path: /bin/sh}]
",
    "rust: {version: 1.95, bin: acme, features: [a/b], default-features: false, profile: dist}\nruntime: {user: 0, processes: {web: [a, b], w-1: [c]}}\n",
    "node: {version: 22.18, package-manager: pnpm, script: bundle, framework: none, fetch-scripts: [\"@a/b\"]}\nfetch: {secrets: [npmrc]}\n",
    "node: {fetch-scripts: true}\n",
    "java: {version: 21, build-tool: maven, profiles: [prod], jre: full, modules: [jdk.localedata]}\n",
    "fetch: {secrets: [maven-settings]}\nlanguage: java\n",
    "node: {version: 22}\nstatic: {root: dist, fallback: index.html}\n",
    "python: {version: 3.13, package-manager: poetry, extras: [api], groups: [dev], bytecode: false}\n",
    "binary: {from: \"dist/agent_${TARGETARCH}\", sha256: abc}\nsource: dist\n",
    "custom: {fetch: [[bundle, install]], build: [make, [make, install]]}\nlanguage: custom\n",
    "build: {env: &e {A: b}}\nfetch: {env: *e}\nruntime: {env: *e}\n",
];

/// Manifests with one thing that is wrong and that JSON's data model can see.
const BAD: [&str; 47] = [
    "[]",
    "text",
    "null",
    "unknown: 1",
    "name: ''",
    "name: null",
    "name: [a]",
    "name: \"a\\nb\"",
    "language: cobol",
    "python: {package-manager: conda}",
    "java: {jre: mini}",
    "java: {build-tool: ant}",
    "language: Go",
    "source: []",
    "source: {path: ''}",
    "args: [A]",
    "args: {1A: b}",
    "args: {A: [b]}",
    "platforms: linux/amd64",
    "go: {cgo: yes}",
    "go: {cgo: \"true\"}",
    "go: null",
    "go: {bin: x}",
    "node: {fetch-scripts: yes}",
    "node: {fetch-scripts: null}",
    "node: {framework: Next}",
    "static: {root: ''}",
    "binary: {}",
    "binary: {sha256: x}",
    "fetch: {secrets: [{target: /x}]}",
    "fetch: {env: {\"A=B\": c}}",
    "build: {run: [[]]}",
    "build: {run: [{a: b}]}",
    "build: {artifacts: [{from: a}]}",
    "runtime: {ports: [0]}",
    "runtime: {ports: [65536]}",
    "runtime: {ports: ['80']}",
    "runtime: {user: nobody}",
    "runtime: {files: [{from: a, to: b, mode: '888'}]}",
    "exceptions: [{rule: a}]",
    "tests: {run: [a]}",
    "tests: [{run: a}]",
    "tests: [{run: [a], exit: 256}]",
    "tests: [{run: [a], stdout: ok}]",
    "tests: [{file: /a, absent: yes}]",
    "tests: [{http: {port: 80}}]",
    "tests: [{http: {path: /, status: 0}}]",
];

#[test]
fn both_accept_what_is_right() {
    let validator = validator();
    for text in GOOD {
        decodes(text).unwrap();
        let document = yaml::parse(&Source::new("t", text)).unwrap();
        let json = json_of(&document.root.unwrap());
        let errors: Vec<String> = validator
            .iter_errors(&json)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{text}: {errors:?}");
    }
}

#[test]
fn both_refuse_what_is_wrong() {
    let validator = validator();
    for text in BAD {
        assert!(decodes(text).is_err(), "decoded: {text}");
        let document = yaml::parse(&Source::new("t", text)).unwrap();
        assert!(!validator.is_valid(&json_of(&document.root.unwrap())), "valid: {text}");
    }
}

#[test]
fn every_key_is_in_a_good_manifest() {
    let mut written = BTreeSet::new();
    for text in GOOD {
        let document = yaml::parse(&Source::new("t", text)).unwrap();
        keys(&document.root.unwrap(), &mut written);
    }
    let schema = manifest::schema();
    let blocks = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for key in blocks.flat_map(|block| block["properties"].as_object().unwrap().keys()) {
        assert!(written.contains(key), "no good manifest has the key {key}");
    }
}

/// Advice that names a key names one that there is.
#[test]
fn rules_give_advice_that_the_manifest_understands() {
    let schema = manifest::schema();
    let has = |block: &str, key: &str| {
        let reference = schema["properties"][block]["$ref"].as_str().unwrap_or_default();
        let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
        schema["$defs"][name]["properties"].get(key).is_some()
    };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let mut checked = 0;
    for rule in cofferdam::rule::all() {
        let quoted = rule.mend.split('`').skip(1).step_by(2);
        let keys = quoted.filter_map(|text| text.split_once('.')).filter(|(block, key)| {
            is_word(block) && is_word(key) && !matches!(*key, "lock" | "txt" | "toml" | "json")
        });
        for (block, key) in keys {
            assert!(has(block, key), "{} says `{block}.{key}`, which does not exist", rule.name);
            checked += 1;
        }
    }
    assert!(checked > 5, "only {checked} keys were found in what rules say");
}

fn keys(node: &yaml::Node, found: &mut BTreeSet<String>) {
    match &node.kind {
        yaml::Kind::Null | yaml::Kind::Scalar { .. } => {}
        yaml::Kind::Sequence(items) => items.iter().for_each(|item| keys(item, found)),
        yaml::Kind::Mapping(entries) => {
            for (key, value) in entries {
                found.insert(key.value.clone());
                keys(value, found);
            }
        }
    }
}

/// Values of all kinds, among them those that some key takes.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(8080),
        json!(65535),
        json!(65536),
        json!(4_294_967_295_u32),
        json!(4_294_967_296_u64),
        json!(-1),
        json!(444),
        json!(3.5),
        json!(""),
        json!("a"),
        json!("/a b"),
        json!("go"),
        json!("netrc"),
        json!("0644"),
        json!("a\nb"),
        json!("a\u{1}"),
        json!("${A}"),
        json!("true"),
        json!("8080"),
    ]);
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = prop::sample::select(vec![
            "from", "to", "mode", "id", "env", "rule", "reason", "path", "uid", "A", "1", "a=b", "",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..4).prop_map(|entries| entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

/// A manifest with random values under keys that there are.
fn manifests() -> impl Strategy<Value = Value> {
    let schema = manifest::schema();
    let mut paths = Vec::new();
    for (key, property) in schema["properties"].as_object().unwrap() {
        paths.push(vec![key.clone()]);
        let reference = property["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
        let inner = reference.map(|name| schema["$defs"][name]["properties"].as_object().unwrap());
        paths.extend(
            inner.into_iter().flat_map(|keys| keys.keys()).map(|inner| vec![key.clone(), inner.clone()]),
        );
    }
    prop::collection::vec((prop::sample::select(paths), value()), 1..4).prop_map(|settings| {
        let mut manifest = json!({});
        for (path, value) in settings {
            let mut place = &mut manifest;
            for step in path {
                if !place.is_object() {
                    *place = json!({});
                }
                place = &mut place[step];
            }
            *place = value;
        }
        manifest
    })
}

#[test]
fn schema_and_decoder_agree_on_random_manifests() {
    let validator = validator();
    let config = ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() };
    let accepted = std::cell::Cell::new(0_u32);
    proptest!(config, |(manifest in manifests())| {
        let decoded = decodes(&manifest.to_string());
        accepted.set(accepted.get() + u32::from(decoded.is_ok()));
        prop_assert_eq!(decoded.is_ok(), validator.is_valid(&manifest), "{:?}", decoded);
    });
    // A comparison that only ever sees refusals would prove nothing.
    assert!(accepted.get() > 100, "only {} were accepted", accepted.get());
}
