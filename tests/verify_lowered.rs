//! Whole manifests through planning and lowering: what comes out is what the verifier accepts.
#![allow(clippy::unwrap_used, reason = "a manifest that is not lowered fails its test")]

use std::collections::BTreeSet;

use cofferdam::diagnostic::Diagnostics;
use cofferdam::facts::{Answer, Facts, ImageConfig, ImageFact, Query, matches};
use cofferdam::llb::{Image, Local, Output};
use cofferdam::lower::{self, ContextTree, Origin, Program, Rerun, Setting};
use cofferdam::manifest;
use cofferdam::model::{self, Inputs};
use cofferdam::name::{ContextPath, Digest, Platform, Reference};
use cofferdam::plan::{self, Plan, Planning, Platforms};
use cofferdam::text::Source;
use cofferdam::verify::{self, Case, verify};
use cofferdam::wire::pb;

const PROGRAM: &[u8] = b"our own binary";

/// What the daemon can do and where our binary comes from.
#[derive(Clone)]
struct Daemon {
    can_merge: bool,
    program_image: bool,
    rerun: Rerun,
}

const DAEMON: Daemon = Daemon { can_merge: true, program_image: false, rerun: Rerun::Nothing };

const GO: &[(&str, &str)] = &[
    ("go.mod", "module example.com/web\ngo 1.26\nrequire golang.org/x/text v0.1.0\n"),
    ("go.sum", "golang.org/x/text v0.1.0 h1:x\n"),
    ("main.go", "package main\n"),
    ("assets/logo.svg", "<svg/>"),
    ("corporate.pem", "-----BEGIN CERTIFICATE-----"),
];

const MONOREPO: &[(&str, &str)] = &[
    ("go.work", "go 1.26\nuse ./services/web\nuse ./lib\n"),
    ("services/web/go.mod", "module example.com/web\ngo 1.26\nrequire example.com/lib v0.0.0\n"),
    ("services/web/go.sum", ""),
    ("services/web/cmd/web/main.go", "package main\n"),
    ("lib/go.mod", "module example.com/lib\ngo 1.26\n"),
    ("lib/lib.go", "package lib\n"),
];

const RUST: &[(&str, &str)] = &[
    ("Cargo.toml", "[workspace]\nmembers = [\"cli\", \"core\"]\n"),
    ("Cargo.lock", "version = 4\n"),
    (".cargo/config.toml", "[build]\n"),
    ("cli/Cargo.toml", "[package]\nname = \"cli\"\nversion = \"0.1.0\"\n"),
    ("cli/src/main.rs", "fn main() {}\n"),
    ("core/Cargo.toml", "[package]\nname = \"core\"\nversion = \"0.1.0\"\n"),
    ("core/src/lib.rs", ""),
];

const RUST_BESIDE: &[(&str, &str)] = &[
    ("libs/Cargo.toml", "[workspace]\nmembers = [\"beside\"]\npackage = { version = \"0.1.0\" }\n"),
    ("app/Cargo.toml", "[package]\nname = \"app\"\n[dependencies]\nbeside = { path = \"../libs/beside\" }\n"),
    ("app/Cargo.lock", "version = 4\n"),
    ("app/src/main.rs", "fn main() {}\n"),
    ("app/src/bin/tool.rs", "fn main() {}\n"),
    ("app/tests/fixtures/bad/Cargo.toml", "not TOML ["),
    ("app/fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n[workspace]\n"),
    ("app/fuzz/src/main.rs", "fn main() {}\n"),
    ("libs/beside/Cargo.toml", "[package]\nname = \"beside\"\nversion.workspace = true\n"),
    ("libs/beside/src/lib.rs", ""),
];

const GO_LIBRARY: &[(&str, &str)] = &[
    (
        "go.mod",
        "module example.com/lib\ngo 1.9\nrequire example.com/near v0.0.0\nreplace example.com/near => ./near\n",
    ),
    ("lib.go", "package lib\n"),
    ("generate.go", "//go:build ignore\n\npackage main\n"),
    ("cmd/app/main.go", "package main\n"),
    ("cmd/internal/x.go", "package internal\n"),
    ("near/go.mod", "module example.com/near\ngo 1.9\n"),
];

const BINARY: &[(&str, &str)] = &[("dist/tool", "#!/bin/true\n"), ("etc/tool.conf", "a=b\n")];

#[test]
fn go_on_its_default_base() {
    assert_clean("name: web\nlanguage: go\n", GO, &DAEMON);
}

#[test]
fn go_with_everything_that_a_manifest_can_say() {
    let text = "name: web
go: {version: '1.26', cgo: false, ldflags: [-X main.version=1], private: [example.com/*]}
fetch:
  env: {GOFLAGS: -mod=mod}
  secrets: [netrc, {id: token, env: TOKEN}]
  ssh: [default]
build:
  packages: [make, git]
  env: {VERSION: '1'}
  run: [make generate, make more]
  artifacts: [{from: generated, to: /app/generated}]
runtime:
  base: scratch
  tzdata: true
  files: [{from: assets/logo.svg, to: /app/logo.svg}]
  ca-certificates: [corporate.pem]
  env: {LANG: C.UTF-8}
  user: 10001
  ports: [8080]
  writable: [/data]
  labels: {org.example.team: web}
tests:
  - {run: [/app/web, --version], stdout: {contains: '1'}, timeout: 1m}
  - {file: /data, mode: 0755, owner: '10001'}
  - http: /healthz
";
    assert_clean(text, GO, &DAEMON);
}

#[test]
fn go_in_a_workspace_on_any_image() {
    assert_clean(
        "source: services/web\nlanguage: go\nruntime: {base: docker.io/library/debian:13}\n",
        MONOREPO,
        &DAEMON,
    );
}

#[test]
fn rust_in_a_workspace() {
    assert_clean("name: cli\nsource: cli\nlanguage: rust\n", RUST, &DAEMON);
    assert_clean("source: cli\nlanguage: rust\nruntime: {base: scratch}\n", RUST, &DAEMON);
    let secret = "source: cli\nlanguage: rust\nfetch: {secrets: [cargo-credentials]}\n";
    assert_clean(secret, RUST, &DAEMON);
    let agent = "source: cli\nlanguage: rust\nfetch: {ssh: [default]}\n";
    assert_clean(agent, RUST, &DAEMON);
}

#[test]
fn requirements_that_planning_lets_a_fetch_see_are_such_to_the_verifier() {
    let named = ["requirements-dev.txt", "dev-requirements.txt", "requirements/x.txt", "my-constraints.txt"];
    for name in named.into_iter().chain(["a/constraints-3.txt", "build-constraints.txt"]) {
        let line = format!("-r {name}\n");
        let files = [("requirements.txt", line.as_str()), (name, "flask\n"), ("main.py", "")];
        assert_clean("language: python\n", &files, &DAEMON);
    }
}

#[test]
fn rust_packages_are_those_that_cargo_would_read() {
    let text = "source: app\nlanguage: rust\nbuild: {env: {NEEDED: '1'}}\n";
    assert_clean(text, RUST_BESIDE, &DAEMON);
    let build = Build::new(text, RUST_BESIDE, &DAEMON);
    let output = &build.plan.output;
    assert_eq!(output.config.entrypoint, ["/app/app"], "the program that is named like the package");
    let shipped: Vec<&str> = output.layers[0].contract.artifacts.iter().map(|a| a.from.as_str()).collect();
    assert_eq!(shipped, ["app", "tool"], "no program of a package that nothing depends on");
    for step in build.steps().filter(|step| step.name.starts_with("compile")) {
        assert!(step.env.contains(&("NEEDED".to_owned(), "1".to_owned())), "{}", step.name);
        assert!(!step.script.argv().join(" ").contains("fuzz"), "{:?}", step.script);
    }
}

#[test]
fn vendored_crates_are_not_fetched() {
    let mut files = RUST.to_vec();
    files.retain(|(name, _)| *name != ".cargo/config.toml");
    files.push((
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = 'v'\n[source.v]\ndirectory = 'vendor'\n",
    ));
    for text in ["source: cli\nlanguage: rust\n", "source: cli\nlanguage: rust\nfetch: {secrets: [netrc]}\n"]
    {
        assert_clean(text, &files, &DAEMON);
        let build = Build::new(text, &files, &DAEMON);
        assert!(build.steps().all(|step| step.compartment == plan::Compartment::Compile));
        assert!(build.steps().all(|step| step.caches.is_empty()), "cargo would not see an edit of theirs");
    }
}

#[test]
fn caches_are_those_of_builders_with_the_same_packages_and_variables() {
    for (text, files) in [("language: go\n", GO), ("source: cli\nlanguage: rust\n", RUST)] {
        let ids = |more: &str| {
            let build = Build::new(&format!("{text}{more}"), files, &DAEMON);
            // What is downloaded is held against the lock file, so that is the same for all of them.
            let compiling = build.steps().filter(|step| step.compartment == plan::Compartment::Compile);
            compiling.flat_map(|step| &step.caches).map(|cache| cache.id.clone()).collect::<Vec<_>>()
        };
        let plain = ids("");
        assert!(!plain.is_empty(), "{text}");
        for more in ["build: {packages: [libfoo-dev]}\n", "build: {env: {CFLAGS: -g}}\n"] {
            assert!(ids(more).iter().all(|id| !plain.contains(id)), "{text}{more}");
        }
    }
}

#[test]
fn what_secrets_open_stays_in_no_cache() {
    const NODE: &[(&str, &str)] = &[
        ("package.json", r#"{"name": "a", "main": "a.js", "dependencies": {"b": "1.0.0"}}"#),
        (
            "package-lock.json",
            r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"b": "1.0.0"}}, "node_modules/b": {"version": "1.0.0", "integrity": "sha512-x"}}}"#,
        ),
        ("a.js", ""),
    ];
    const PYTHON: &[(&str, &str)] = &[("requirements.txt", "a==1\n"), ("a.py", "")];
    let applications = [
        ("language: go\n", GO),
        ("source: cli\nlanguage: rust\n", RUST),
        ("language: node\n", NODE),
        ("language: python\nruntime: {entrypoint: [python, a.py]}\n", PYTHON),
    ];
    for (text, files) in applications {
        let downloads = |fetch: &str| {
            let build = Build::new(&format!("{text}{fetch}"), files, &DAEMON);
            let fetching = build.steps().filter(|step| step.compartment == plan::Compartment::Fetch);
            fetching.map(|step| step.caches.len()).collect::<Vec<_>>()
        };
        assert_eq!(downloads(""), [1], "{text}");
        for fetch in ["fetch: {secrets: [netrc]}\n", "fetch: {ssh: [default]}\n"] {
            assert_eq!(downloads(fetch), [0], "{text}{fetch}");
        }
    }
}

#[test]
fn go_programs_are_told_from_libraries_and_near_modules_need_no_network() {
    assert_clean("language: go\n", GO_LIBRARY, &DAEMON);
    let build = Build::new("language: go\n", GO_LIBRARY, &DAEMON);
    assert_eq!(build.plan.output.config.entrypoint, ["/app/app"]);
    let names: Vec<&str> = build.steps().map(|step| step.name.as_str()).collect();
    let compiled = ["compile dependencies for linux/amd64", "compile ./cmd/app for linux/amd64"];
    assert_eq!(names, ["list imports", compiled[0], compiled[1]]);
}

#[test]
fn authorities_of_a_secret_are_told_to_the_tools_that_fetch_and_to_nothing_else() {
    for (text, files) in [
        ("language: go\nfetch: {secrets: [ca-certificates]}\n", GO),
        ("source: cli\nlanguage: rust\nfetch: {secrets: [ca-certificates]}\n", RUST),
    ] {
        assert_clean(text, files, &DAEMON);
        let build = Build::new(text, files, &DAEMON);
        for step in build.steps() {
            let told =
                step.env.iter().any(|(name, path)| name == "SSL_CERT_FILE" && path.starts_with("/tmp/"));
            assert_eq!(told, step.compartment == plan::Compartment::Fetch, "{}", step.name);
        }
    }
}

#[test]
fn a_binary_with_files_and_our_program_from_an_image() {
    let text = "binary: {from: dist/tool}\nruntime: {files: [{from: etc/tool.conf, to: /etc/tool.conf}]}\n";
    assert_clean(text, BINARY, &Daemon { program_image: true, ..DAEMON });
}

#[test]
fn custom_commands_fetch_with_and_without_secrets() {
    let text = "custom: {fetch: [bundle install, [ruby, -v]], build: [rake]}
build: {base: docker.io/library/ruby:3, artifacts: [{from: out, to: /app}]}
runtime: {entrypoint: [/app/start]}
";
    let files = [("Gemfile", "gem 'rack'\n"), ("Gemfile.lock", "GEM\n"), ("Rakefile", "")];
    for fetch in ["{}", "{secrets: [netrc, ca-certificates]}", "{ssh: [default]}"] {
        assert_clean(&format!("{text}fetch: {fetch}\n"), &files, &DAEMON);
    }
    assert_clean(&text.replace(", build: [rake]", ""), &files, &DAEMON);
}

#[test]
fn a_daemon_that_cannot_merge() {
    let flat = Daemon { can_merge: false, ..DAEMON };
    assert_clean("language: go\nruntime: {writable: [/data]}\n", GO, &flat);
    assert_clean(
        "language: go\nruntime: {base: scratch, writable: [/data, /tmp/x]}\ntests: [{file: /data}]\n",
        GO,
        &flat,
    );
}

#[test]
fn no_imported_cache_stands_in_for_what_proves_something() {
    let text = "language: go\ntests: [{file: /app}]\n";
    let anew = |rerun, program_image| {
        let build = Build::new(text, GO, &Daemon { program_image, rerun, ..DAEMON });
        let (image, reports) = build.definitions();
        let metadata = reports.iter().chain([&image]).flat_map(|definition| &definition.metadata);
        let told = metadata.filter(|(_, meta)| meta.ignore_cache).map(|(_, meta)| &meta.description);
        let names = told.filter_map(|description| description.get("llb.customname").cloned());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(anew(Rerun::Nothing, true), [].into());
    for program_image in [true, false] {
        let names = anew(Rerun::Inspection, program_image);
        let expected = [
            "[final] inspect the image",
            "[internal] load cofferdam",
            "[internal] write the request of test 1/1",
            "[internal] write the request to inspect the image",
            "[internal] write the request to stage application files",
            "[test 1/1] look at /app",
        ];
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
    let all = anew(Rerun::Everything, true);
    assert!(all.contains("[final] add layer") && all.contains("[final] stage application files"), "{all:?}");
}

#[test]
fn a_breach_points_at_the_line_that_asks_for_the_step() {
    let text = "name: web\nlanguage: go\n";
    let build = Build::new(text, GO, &DAEMON);
    let config = String::from_utf8(build.config.clone()).unwrap();
    let (mut image, reports) = build.definitions();
    // What was declared is forgotten, so every layer is one too many.
    let contract = cofferdam::contract::Contract { user: build.contract().user, ..Default::default() };
    let found = build.judge(&image, &reports, &contract, config.as_bytes());
    assert!(found.iter().any(|item| item.code == "staging-leak"), "{found:#?}");
    let mut contract = build.contract();
    contract.layers[0].artifacts[0].from = "other".to_owned();
    let found = build.judge(&image, &reports, &contract, config.as_bytes());
    let breach = found.iter().find(|item| item.code == "staging-leak").unwrap();
    assert_eq!(build.manifest.slice(breach.span.unwrap()), "go");
    image.source = None;
    let found = build.judge(&image, &[], &contract, config.as_bytes());
    assert!(found.iter().all(|item| item.span.is_none()));
}

fn assert_clean(text: &str, files: &[(&str, &str)], daemon: &Daemon) {
    let build = Build::new(text, files, daemon);
    let (image, reports) = build.definitions();
    let found = build.judge(&image, &reports, &build.contract(), &build.config);
    assert!(found.is_empty(), "{text}\n{found:#?}");
    assert!(!image.def.is_empty());
}

/// A manifest on its way.
struct Build {
    manifest: Source,
    plan: Plan,
    lowered: lower::Lowered,
    config: Vec<u8>,
    annotations: Vec<(String, String)>,
    declared_env: Vec<String>,
    program_image: Option<String>,
}

impl Build {
    fn new(text: &str, files: &[(&str, &str)], daemon: &Daemon) -> Build {
        let manifest = Source::new("cofferdam.yaml", text);
        let (written, _) = manifest::read(&manifest).unwrap();
        let platform = Platform::parse("linux/amd64").unwrap();
        let inputs = Inputs::default();
        let (image, _) = model::check(&written, &inputs, &platform).unwrap();
        let plan = plan(&image, &platform, files);
        let pinned =
            Reference::parse("ghcr.io/cofferdam/cofferdam:1").unwrap().with_digest(Digest::of(b"program"));
        let source = Image::new(&pinned, &platform).into_source();
        let setting = Setting {
            manifest: &manifest,
            context: ContextTree::Local(Local::new("context", "session").shared_key_hint("context")),
            program: if daemon.program_image {
                Program::Image(source.clone())
            } else {
                Program::Bytes(PROGRAM.to_vec())
            },
            can_merge: daemon.can_merge,
            can_run: true,
            several_platforms: false,
            rerun: daemon.rerun,
            steps: lower::StepOptions::default(),
            scanner: None,
            epoch: 0,
            origin: Origin { revision: Some("abc".to_owned()), ..Origin::default() },
        };
        let (lowered, _) = lower::lower(&plan, &setting).unwrap();
        let declared_env = image.runtime.env.iter().map(|(name, _)| name.clone()).collect();
        Build {
            config: lower::image_config(&plan, &setting),
            annotations: lower::annotations(&plan, &setting),
            declared_env,
            program_image: daemon.program_image.then(|| source.to_wire().identifier),
            lowered,
            plan,
            manifest,
        }
    }

    fn steps(&self) -> impl Iterator<Item = &plan::Step> {
        self.plan.nodes.iter().filter_map(|node| match node {
            plan::Node::Step(step) => Some(step),
            _ => None,
        })
    }

    fn contract(&self) -> cofferdam::contract::Contract {
        self.plan.output.contract()
    }

    fn definitions(&self) -> (pb::Definition, Vec<pb::Definition>) {
        let define = |output: &Output| {
            let info = pb::SourceInfo {
                filename: "cofferdam.yaml".to_owned(),
                data: self.manifest.text().as_bytes().to_vec(),
                ..Default::default()
            };
            self.lowered.graph.definition(output, vec![info]).unwrap()
        };
        let steps = self.lowered.stages.iter().chain(&self.lowered.tests).map(|(output, _)| output);
        let reports = steps.chain([&self.lowered.inspection, &self.lowered.sbom]);
        (define(&self.lowered.image), reports.map(define).collect())
    }

    fn judge(
        &self,
        image: &pb::Definition,
        reports: &[pb::Definition],
        contract: &cofferdam::contract::Contract,
        config: &[u8],
    ) -> Diagnostics {
        verify(&Case {
            image,
            reports: reports.iter().collect(),
            program: self
                .program_image
                .as_deref()
                .map_or(verify::Program::Bytes(PROGRAM), verify::Program::Image),
            contract,
            config,
            annotations: &self.annotations,
            declared_env: self.declared_env.iter().map(String::as_str).collect(),
            client: verify::Client::default(),
            manifest: &self.manifest,
        })
    }
}

/// Plans until nothing is missing; the files are all that there is.
fn plan(image: &model::Image, platform: &Platform, files: &[(&str, &str)]) -> Plan {
    let platforms = Platforms { target: platform.clone(), build: platform.clone() };
    let mut facts = Facts::new();
    for _ in 0..16 {
        match plan::plan(image, &platforms, &facts) {
            Planning::Ready(plan, _) => return *plan,
            Planning::Failed(found) => panic!("{found:#?}"),
            Planning::Needs(queries) => {
                for query in queries.into_keys() {
                    let answer = answer(&query, files);
                    facts.insert(query, answer);
                }
            }
        }
    }
    panic!("planning does not come to an end");
}

fn answer(query: &Query, files: &[(&str, &str)]) -> Answer {
    let content = |path: &ContextPath| {
        let found = files.iter().find(|(name, _)| *name == path.as_str());
        found.map(|(_, text)| text.as_bytes().to_vec())
    };
    match query {
        Query::File(path) | Query::Head(path) => Answer::File(content(path)),
        Query::Glob(pattern) => {
            let paths = files.iter().map(|(name, _)| ContextPath::parse(name).unwrap());
            Answer::Paths(paths.filter(|path| matches(pattern, path)).collect::<BTreeSet<_>>())
        }
        Query::Libraries { .. } => Answer::Names(BTreeSet::new()),
        Query::Image { reference, platform } => {
            let digest = Digest::of(reference.to_string().as_bytes());
            let identifier = format!("docker-image://{}", reference.clone().with_digest(digest.clone()));
            let config = br#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin","LD_PRELOAD=/x"]}}"#;
            Answer::Image(Box::new(ImageFact {
                reference: reference.clone(),
                platform: platform.clone(),
                digest,
                identifier,
                attributes: Vec::new(),
                config: ImageConfig::parse(config).unwrap(),
                replacement: None,
            }))
        }
    }
}
