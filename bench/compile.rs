//! From the text of a manifest to LLB bytes, measured inside one process: all of the compiler, none of the daemon.
//!
//! Usage: `compile FILE ITERATIONS`. Prints one line of JSON: nanoseconds per iteration for the image's definition
//! (`compile`) and for proving every definition of the build (`prove`), and how large the definition is.

#![allow(clippy::disallowed_methods, reason = "time is what is measured")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use std::collections::BTreeSet;

use cofferdam::diagnostic::Diagnostics;
use cofferdam::facts::{Answer, Facts, ImageConfig, ImageFact, Query, matches};
use cofferdam::llb::{Local, Output, Source as LlbSource};
use cofferdam::lower::{self, ContextTree, Lowered, Origin, Program, Rerun, Setting, StepOptions};
use cofferdam::model::{self, Image, Inputs};
use cofferdam::name::{ContextPath, Digest, Platform};
use cofferdam::plan::{self, Plan, Planning, Platforms};
use cofferdam::text::Source;
use cofferdam::verify::{self, Case};
use cofferdam::wire::pb;
use prost::Message as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The build context, as far as planning looks at it.
const FILES: [(&str, &str); 3] = [
    ("go.mod", "module example.com/service\n\ngo 1.26\n\nrequire example.com/library v1.0.0\n"),
    ("go.sum", "example.com/library v1.0.0 h1:x\n"),
    ("main.go", "package main\n"),
];
const IMAGE_CONFIG: &[u8] =
    br#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/local/go/bin:/usr/bin:/bin"],"User":"0"}}"#;

fn main() -> Outcome<()> {
    // Cargo adds a word of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [file, iterations] = &arguments[..] else { return Err("usage: compile FILE ITERATIONS".into()) };
    let text = std::fs::read_to_string(file)?;
    let iterations: u32 = iterations.parse()?;
    // Once untimed, so that neither side pays for its first page faults where it runs often.
    let mut last = if iterations > 1 { Some(once(&text)?) } else { None };
    let (mut compile, mut prove) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..iterations {
        let one = once(&text)?;
        compile += one.compile;
        prove += one.prove;
        last = Some(one);
    }
    let one = last.ok_or("no iterations")?;
    let per = |total: Duration| total.as_nanos() / u128::from(iterations);
    let line = serde_json::json!({
        "compile": u64::try_from(per(compile))?, "prove": u64::try_from(per(prove))?,
        "bytes": one.bytes, "operations": one.operations,
    });
    print(&line.to_string());
    Ok(())
}

#[allow(clippy::print_stdout)]
fn print(line: &str) {
    println!("{line}");
}

/// One compilation.
struct Once {
    compile: Duration,
    prove: Duration,
    bytes: usize,
    operations: usize,
}

fn once(text: &str) -> Outcome<Once> {
    let source = Source::new("cofferdam.yaml", text);
    let start = Instant::now();
    let compiled = compiled(&source)?;
    let compile = start.elapsed();
    let start = Instant::now();
    proven(&compiled, &source)?;
    let (bytes, operations) = (compiled.bytes.len(), compiled.definition.def.len());
    Ok(Once { compile, prove: start.elapsed(), bytes, operations })
}

/// What the proofs want to know of a compilation.
struct Compiled {
    image: Image,
    plan: Plan,
    lowered: Lowered,
    definition: pb::Definition,
    bytes: Vec<u8>,
}

#[inline(never)]
fn compiled(source: &Source) -> Outcome<Compiled> {
    let platform = Platform::parse("linux/amd64")?;
    let source = black_box(source);
    let (image, _) = model::read(source, &Inputs::default(), &platform).map_err(|found| told(&found))?;
    let plan = planned(&image, &Platforms { target: platform.clone(), build: platform })?;
    let (lowered, _) = lower::lower(&plan, &setting(source)).map_err(|found| told(&found))?;
    let definition = define(&lowered, &lowered.image, source)?;
    let bytes = black_box(definition.encode_to_vec());
    Ok(Compiled { image, plan, lowered, definition, bytes })
}

/// Asks and plans until nothing is missing, as the gateway does.
fn planned(image: &Image, platforms: &Platforms) -> Outcome<Plan> {
    let mut facts = Facts::new();
    loop {
        match plan::plan(image, platforms, &facts) {
            Planning::Ready(plan, _) => return Ok(*plan),
            Planning::Failed(found) => return Err(told(&found)),
            Planning::Needs(questions) => {
                for query in questions.into_keys() {
                    let answer = answer(&query)?;
                    facts.insert(query, answer);
                }
            }
        }
    }
}

fn answer(query: &Query) -> Outcome<Answer> {
    let content = |path: &ContextPath| FILES.iter().find(|(name, _)| *name == path.as_str());
    Ok(match query {
        Query::File(path) | Query::Head(path) => {
            Answer::File(content(path).map(|(_, text)| text.as_bytes().to_vec()))
        }
        Query::Glob(pattern) => {
            let paths =
                FILES.iter().map(|(name, _)| ContextPath::parse(name)).collect::<Result<Vec<_>, _>>()?;
            Answer::Paths(paths.into_iter().filter(|path| matches(pattern, path)).collect())
        }
        Query::Libraries { .. } => Answer::Names(BTreeSet::new()),
        Query::Image { reference, platform } => {
            let digest = Digest::of(reference.to_string().as_bytes());
            Answer::Image(Box::new(ImageFact {
                reference: reference.clone(),
                platform: platform.clone(),
                identifier: format!("docker-image://{reference}@{digest}"),
                attributes: Vec::new(),
                digest,
                config: ImageConfig::parse(IMAGE_CONFIG).ok_or("the configuration is none")?,
                replacement: None,
            }))
        }
    })
}

fn setting(source: &Source) -> Setting<'_> {
    Setting {
        manifest: source,
        context: ContextTree::Local(Local::new("context", "session").shared_key_hint("context")),
        program: Program::Image(own_image()),
        can_merge: true,
        can_run: true,
        several_platforms: false,
        rerun: Rerun::Nothing,
        steps: StepOptions::default(),
        scanner: None,
        epoch: 0,
        origin: Origin::default(),
    }
}

fn own_image() -> LlbSource {
    LlbSource::new(format!("docker-image://ghcr.io/cofferdam/cofferdam:1@{}", Digest::of(b"cofferdam")))
}

fn define(lowered: &Lowered, output: &Output, source: &Source) -> Outcome<pb::Definition> {
    let info = pb::SourceInfo {
        filename: source.name().to_owned(),
        data: source.text().as_bytes().to_vec(),
        language: "YAML".to_owned(),
        ..Default::default()
    };
    Ok(lowered.graph.definition(output, vec![info])?)
}

/// Everything else that the daemon is asked for, and the proofs on all of it.
fn proven(compiled: &Compiled, source: &Source) -> Outcome<()> {
    let Compiled { image, plan, lowered, definition, .. } = compiled;
    let outputs = [&lowered.inspection, &lowered.sbom].into_iter();
    let outputs = outputs.chain(lowered.stages.iter().map(|(output, _)| output));
    let reports: Vec<pb::Definition> =
        outputs.map(|output| define(lowered, output, source)).collect::<Result<_, _>>()?;
    let identifier = own_image().to_wire().identifier;
    let setting = setting(source);
    let found = verify::verify(&Case {
        image: definition,
        reports: reports.iter().collect(),
        program: verify::Program::Image(&identifier),
        contract: &plan.output.contract(),
        config: &lower::image_config(plan, &setting),
        annotations: &lower::annotations(plan, &setting),
        declared_env: image.runtime.env.iter().map(|(name, _)| name.as_str()).collect(),
        client: verify::Client::default(),
        manifest: source,
    });
    if found.has_errors() { Err(told(&found)) } else { Ok(()) }
}

fn told(found: &Diagnostics) -> Box<dyn Error> {
    let messages: Vec<&str> = found.iter().map(|item| item.message.as_str()).take(5).collect();
    messages.join("; ").into()
}
