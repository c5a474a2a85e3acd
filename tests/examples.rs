//! Every manifest under `examples/`: it keeps to the schema, plans, lowers and verifies, and its graph is the known one.
//!
//! `COFFERDAM_UPDATE=1 cargo test --test examples` writes the known graphs anew.
#![allow(clippy::disallowed_methods, reason = "a variable asks for what is generated to be written anew")]
// The helpers of tests may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use cofferdam::facts::{self, Answer, Facts, ImageConfig, ImageFact, Query};
use cofferdam::llb::{Image, Local, Output};
use cofferdam::lower::{self, ContextTree, Lowered, Origin, Program, Rerun, Setting};
use cofferdam::model::{self, Inputs};
use cofferdam::name::{ContextPath, Digest, Platform, Reference};
use cofferdam::plan::{self, Plan, Planning, Platforms};
use cofferdam::text::Source;
use cofferdam::verify::{self, Case};
use cofferdam::wire::{decode_op, pb};

#[test]
fn every_example_keeps_to_the_schema() {
    let validator = jsonschema::validator_for(&cofferdam::manifest::schema()).unwrap();
    for example in examples() {
        let source = manifest(&example);
        let document = as_json(&source);
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", example.display());
    }
}

#[test]
fn every_example_becomes_the_graph_that_is_known() {
    let mut stale = Vec::new();
    for example in examples() {
        for platform in ["linux/amd64", "linux/arm64"] {
            let told = tell(&example, &Platform::parse(platform).unwrap());
            let name =
                format!("{}-{}.txt", example.file_name().unwrap().display(), platform.replace('/', "-"));
            let path = root().join("tests/examples").join(name);
            if std::env::var_os("COFFERDAM_UPDATE").is_some() {
                fs::write(&path, &told).unwrap();
            } else if fs::read_to_string(&path).unwrap_or_default() != told {
                stale.push(format!("{} is not what comes out now:\n{told}", path.display()));
            }
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn the_same_example_is_the_same_graph_25_times() {
    let platform = Platform::parse("linux/amd64").unwrap();
    for example in examples() {
        let first = tell(&example, &platform);
        assert!((0..25).all(|_| tell(&example, &platform) == first), "{}", example.display());
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn examples() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.join("cofferdam.yaml").exists()).collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn manifest(example: &Path) -> Source {
    let bytes = fs::read(example.join("cofferdam.yaml")).unwrap();
    cofferdam::manifest::source("cofferdam.yaml", &bytes).unwrap()
}

/// A manifest as JSON: numbers and words as a YAML reader takes them.
fn as_json(source: &Source) -> serde_json::Value {
    use cofferdam::yaml::{Kind, Node};
    fn value(node: &Node) -> serde_json::Value {
        match &node.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Scalar { text, plain } => match (plain, text.parse::<u64>(), text.as_str()) {
                (true, Ok(number), _) => number.into(),
                (true, _, "true") => true.into(),
                (true, _, "false") => false.into(),
                _ => text.clone().into(),
            },
            Kind::Sequence(items) => items.iter().map(value).collect(),
            Kind::Mapping(entries) => {
                serde_json::Value::Object(entries.iter().map(|(k, v)| (k.value.clone(), value(v))).collect())
            }
        }
    }
    value(&cofferdam::yaml::parse(source).unwrap().root.unwrap())
}

/// What an example becomes, in words: its operations by digest, its configuration, its annotations.
fn tell(example: &Path, platform: &Platform) -> String {
    let manifest = manifest(example);
    let (image, warnings) = model::read(&manifest, &Inputs::default(), platform).unwrap();
    let plan = planned(&image, platform, example);
    let native = Platform::parse("linux/amd64").unwrap();
    let own =
        Reference::parse("ghcr.io/cofferdam/cofferdam:1").unwrap().with_digest(Digest::of(b"cofferdam"));
    let program = Image::new(&own, &native).into_source();
    let setting = Setting {
        manifest: &manifest,
        context: ContextTree::Local(Local::new("context", "session").shared_key_hint("context")),
        program: Program::Image(program.clone()),
        can_merge: true,
        can_run: true,
        several_platforms: false,
        rerun: Rerun::Nothing,
        steps: lower::StepOptions::default(),
        scanner: None,
        epoch: 0,
        origin: Origin::default(),
    };
    let (lowered, more) = lower::lower(&plan, &setting).unwrap();
    assert!(warnings.is_empty() && more.is_empty());
    let (config, annotations) = (lower::image_config(&plan, &setting), lower::annotations(&plan, &setting));
    let (definition, reports) = definitions(&lowered);
    let found = verify::verify(&Case {
        image: &definition,
        reports: reports.iter().collect(),
        program: verify::Program::Image(&program.to_wire().identifier),
        contract: &plan.output.contract(),
        config: &config,
        annotations: &annotations,
        declared_env: image.runtime.env.iter().map(|(name, _)| name.as_str()).collect(),
        manifest: &manifest,
        client: verify::Client::default(),
    });
    assert!(found.is_empty(), "{}: {found:#?}", example.display());
    let mut told = String::new();
    for report in reports.iter().chain([&definition]) {
        operations(report, &mut told);
    }
    let _ = writeln!(told, "\n{}", String::from_utf8(config).unwrap());
    annotations.iter().for_each(|(key, value)| _ = writeln!(told, "{key}: {value}"));
    told
}

fn definitions(lowered: &Lowered) -> (pb::Definition, Vec<pb::Definition>) {
    let define = |output: &Output| lowered.graph.definition(output, Vec::new()).unwrap();
    let steps = lowered.stages.iter().chain(&lowered.tests).map(|(output, _)| output);
    let reports = steps.chain([&lowered.inspection, &lowered.sbom]).map(define).collect();
    (define(&lowered.image), reports)
}

/// One line per operation: the beginning of its digest, its name, and what of it people would ask about.
fn operations(definition: &pb::Definition, told: &mut String) {
    for bytes in &definition.def {
        let digest = Digest::of(bytes);
        let name = definition.metadata[digest.as_str()].description.get("llb.customname");
        let detail = match decode_op(bytes).unwrap().op {
            Some(pb::op::Op::Exec(exec)) => {
                let meta = exec.meta.unwrap();
                let mounts: Vec<String> = exec.mounts.iter().map(mount).collect();
                format!("{:?} in {} [{}]", meta.args, meta.cwd, mounts.join(" "))
            }
            Some(pb::op::Op::Source(source)) => format!("{} {:?}", source.identifier, source.attrs),
            _ => String::new(),
        };
        let line = format!("{} {} {detail}", &digest.hex()[..12], name.map_or("", String::as_str));
        if !told.contains(line.trim_end()) {
            let _ = writeln!(told, "{}", line.trim_end());
        }
    }
}

fn mount(mount: &pb::Mount) -> String {
    let access = if mount.readonly {
        "ro"
    } else if mount.output >= 0 {
        "out"
    } else {
        "rw"
    };
    format!("{}:{access}", mount.dest)
}

/// Plans over the example's own files.
fn planned(image: &model::Image, target: &Platform, example: &Path) -> Plan {
    let platforms = Platforms { target: target.clone(), build: Platform::parse("linux/amd64").unwrap() };
    let mut known = Facts::new();
    for _ in 0..16 {
        match plan::plan(image, &platforms, &known) {
            Planning::Ready(plan, warnings) => {
                assert!(warnings.is_empty());
                return *plan;
            }
            Planning::Failed(found) => panic!("{}: {found:#?}", example.display()),
            Planning::Needs(queries) => {
                assert!(!queries.is_empty(), "{}: planning is stuck", example.display());
                for query in queries.into_keys() {
                    let answer = answer(&query, example);
                    known.insert(query, answer);
                }
            }
        }
    }
    panic!("{}: planning does not end", example.display());
}

fn answer(query: &Query, example: &Path) -> Answer {
    match query {
        Query::File(path) | Query::Head(path) => Answer::File(match path.as_str() {
            // The examples' prebuilt programs are made by their tests; a static one is all that planning asks for.
            made if made.starts_with("dist/") => Some(b"\x7fELF".to_vec()),
            other => fs::read(example.join(other)).ok(),
        }),
        Query::Glob(pattern) => {
            let all = files(example, example);
            Answer::Paths(all.into_iter().filter(|path| facts::matches(pattern, path)).collect())
        }
        Query::Libraries { .. } => Answer::Names(BTreeSet::new()),
        Query::Image { reference, platform } => Answer::Image(Box::new(resolved(reference, platform))),
    }
}

fn files(directory: &Path, example: &Path) -> BTreeSet<ContextPath> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut found = BTreeSet::new();
    for path in entries.filter(|path| !path.ends_with("target") && !path.ends_with("dist")) {
        if path.is_dir() {
            found.extend(files(&path, example));
        } else {
            let relative = path.strip_prefix(example).unwrap().to_str().unwrap();
            found.insert(ContextPath::parse(relative).unwrap());
        }
    }
    found
}

/// An image as a registry could answer for it.
fn resolved(reference: &Reference, platform: &Platform) -> ImageFact {
    let digest = Digest::of(format!("{reference} {platform}").as_bytes());
    let config = serde_json::json!({
        "architecture": platform.architecture(), "os": platform.os(),
        "config": {"Env": ["PATH=/usr/bin:/bin", "RUST_VERSION=1.95.0"]},
    });
    ImageFact {
        reference: reference.clone(),
        platform: platform.clone(),
        identifier: format!("docker-image://{}", reference.clone().with_digest(digest.clone())),
        attributes: Vec::new(),
        replacement: None,
        digest,
        config: ImageConfig::parse(config.to_string().as_bytes()).unwrap(),
    }
}
