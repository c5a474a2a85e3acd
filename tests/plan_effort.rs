//! How much work a build is, counted instead of timed: rounds of questions, operations, bytes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod plan_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cofferdam::facts::{Facts, Query};
use cofferdam::llb::Local;
use cofferdam::lower::{self, ContextTree, Lowered, Origin, Program, Rerun, Setting, StepOptions};
use cofferdam::model::{self, Inputs};
use cofferdam::name::Platform;
use cofferdam::plan::{self, Plan, Planning, Platforms};
use cofferdam::text::Source;
use cofferdam::wire::pb;
use plan_support::answer;

const GO: &[(&str, &str)] = &[
    ("go.mod", "module example.com/web\n\ngo 1.26\n\nrequire example.com/library v1.0.0\n"),
    ("go.sum", "example.com/library v1.0.0 h1:x\n"),
    ("main.go", "package main\n"),
];
const RUST: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = 'tool'\nversion = '1.0.0'\nedition = '2024'\n"),
    ("Cargo.lock", "version = 4\n[[package]]\nname = 'tool'\nversion = '1.0.0'\n"),
    ("src/main.rs", ""),
];

#[test]
fn usual_applications_are_planned_after_two_rounds_of_questions() {
    // The first tells which toolchain, the second its image; both are full transfers, so each one more is felt.
    assert_eq!(planned(&Source::new("m", "language: go\n"), GO).1, 2);
    assert_eq!(planned(&Source::new("m", "language: go\nruntime: {base: scratch}\n"), GO).1, 2);
    assert_eq!(planned(&Source::new("m", "language: rust\n"), RUST).1, 2);
}

#[test]
fn every_step_more_costs_the_same() {
    let sizes = [100, 200, 400, 800].map(|steps| {
        let mut text = "language: go\nbuild:\n  run:\n".to_owned();
        (0..steps).for_each(|step| writeln!(text, "    - echo {step:06}").unwrap());
        let source = Source::new("m", text);
        let definition = definition(&source);
        let locations = definition.source.as_ref().unwrap().locations.len();
        let bytes: usize = definition.def.iter().map(Vec::len).sum();
        (definition.def.len(), definition.metadata.len(), locations, bytes)
    });
    let per_step = (sizes[1].3 - sizes[0].3) / 100;
    for (pair, steps) in sizes.windows(2).zip([100, 200, 400]) {
        let [few, many] = pair else { unreachable!("windows of two") };
        let more = (many.0 - few.0, many.1 - few.1, many.2 - few.2, many.3 - few.3);
        assert_eq!(more, (steps, steps, steps, steps * per_step));
    }
}

fn platform() -> Platform {
    Platform::parse("linux/amd64").unwrap()
}

/// The definition of the image, with the manifest's lines.
fn definition(source: &Source) -> pb::Definition {
    let plan = planned(source, GO).0;
    let Lowered { graph, image, .. } = lower::lower(&plan, &setting(source)).unwrap().0;
    graph.definition(&image, vec![pb::SourceInfo::default()]).unwrap()
}

/// The plan, and how many rounds of questions it took.
fn planned(source: &Source, files: &[(&str, &str)]) -> (Plan, usize) {
    let image = model::read(source, &Inputs::default(), &platform()).unwrap().0;
    let (plan, rounds) = rounds(&image, files);
    (plan, rounds.len())
}

/// The plan, and the questions of each round.
fn rounds(image: &model::Image, files: &[(&str, &str)]) -> (Plan, Vec<BTreeSet<Query>>) {
    let platforms = Platforms { target: platform(), build: platform() };
    let (mut facts, mut rounds) = (Facts::new(), Vec::new());
    while rounds.len() < 9 {
        match plan::plan(image, &platforms, &facts) {
            Planning::Ready(plan, _) => return (*plan, rounds),
            Planning::Failed(found) => panic!("{found:#?}"),
            Planning::Needs(queries) => {
                rounds.push(queries.keys().cloned().collect());
                queries.into_keys().for_each(|query| {
                    let answer = answer(&query, files);
                    facts.insert(query, answer);
                });
            }
        }
    }
    panic!("planning does not come to an end: {rounds:#?}");
}

fn setting(source: &Source) -> Setting<'_> {
    Setting {
        manifest: source,
        context: ContextTree::Local(Local::new("context", "session")),
        program: Program::Bytes(b"program".to_vec()),
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
