//! Definitions that no client would send: an answer in time, never a panic, never a yes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![allow(clippy::disallowed_methods, reason = "a bound on time is what is tested")]

mod verify_graph;

use std::time::{Duration, Instant};

use cofferdam::diagnostic::Diagnostics;
use cofferdam::name::Digest;
use cofferdam::wire::{encode_op, pb};
use proptest::prelude::*;
use serde_json::json;
use verify_graph::Build;
use verify_graph::fixtures::{self, artifact, directory, mkfile, output};

/// Even an unoptimised build on a busy machine needs less; quadratic time would take hours.
const PATIENCE: Duration = Duration::from_mins(1);
const MANY: usize = 100_000;

/// Fails unless the changed definition of the image is refused with this message.
#[track_caller]
fn refused(message: &str, change: impl FnOnce(&mut pb::Definition)) {
    let build = Build::go();
    let (mut image, reports) = build.definitions();
    change(&mut image);
    let found = build.verify_definitions(&image, &reports);
    let matches = found.iter().any(|item| item.code == "unknown-shape" && item.message.contains(message));
    assert!(matches, "{message}: {found:#?}");
}

#[track_caller]
fn in_time(judge: impl FnOnce() -> Diagnostics) -> Diagnostics {
    let start = Instant::now();
    let found = judge();
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    assert!(found.len() <= 100, "{}", found.len());
    found
}

#[test]
fn operations_that_are_junk() {
    refused("is not an operation", |image| image.def[0] = b"\xff\xff\xff".to_vec());
    refused("is not an operation", |image| image.def[3].truncate(20));
    refused("which does not come before it", |image| drop(image.def.remove(0)));
    refused("last operation does not have one input", |image| {
        let last = image.def.len() - 1;
        image.def[last].clear();
    });
    refused("last operation is not an operation", |image| image.def.push(b"\x07".to_vec()));
    refused("last operation is not only an input", |image| {
        let last = pb::Op { constraints: Some(pb::WorkerConstraints::default()), ..Default::default() };
        let end = image.def.last_mut().unwrap();
        *end = [end.clone(), encode_op(&last)].concat();
    });
}

#[test]
fn fields_that_our_description_of_the_wire_does_not_have() {
    // At the top, and inside of the operation's own message.
    refused("has fields that are not known", |image| image.def[0].extend([0xa0, 0x06, 0x01]));
    refused("has fields that are not known", |image| {
        let Some(pb::op::Op::Exec(exec)) = cofferdam::wire::decode_op(&image.def[5]).unwrap().op else {
            panic!("{:?}", image.def[5]);
        };
        let mut bytes = prost::Message::encode_to_vec(&exec);
        bytes.extend([0xa0, 0x06, 0x01]);
        let mut op = vec![0x12];
        prost::encoding::encode_varint(bytes.len() as u64, &mut op);
        image.def[5] = [op, bytes].concat();
    });
}

#[test]
fn definitions_that_are_no_graph() {
    refused("twice", |image| image.def.insert(1, image.def[0].clone()));
    refused("which does not come before it", |image| image.def.swap(1, 6));
    refused("nothing uses it", |image| {
        let more =
            pb::op::Op::Source(pb::SourceOp { identifier: "local://x".to_owned(), ..Default::default() });
        let more = pb::Op {
            op: Some(more),
            constraints: Some(pb::WorkerConstraints::default()),
            ..Default::default()
        };
        image.def.insert(0, encode_op(&more));
    });
    let terminal = |digest: &str, index| {
        let inputs = vec![pb::Input { digest: digest.to_owned(), index }];
        encode_op(&pb::Op { inputs, ..Default::default() })
    };
    let end = |image: &mut pb::Definition, bytes| *image.def.last_mut().unwrap() = bytes;
    refused("which does not come before it", |image| end(image, terminal(Digest::of(b"x").as_str(), 0)));
    refused("names an input wrongly", |image| end(image, terminal("sha256:x", 0)));
    let last = |image: &pb::Definition| Digest::of(&image.def[image.def.len() - 2]).to_string();
    refused("asks for output -1", |image| end(image, terminal(&last(image), -1)));
    refused("has no output 1", |image| end(image, terminal(&last(image), 1)));
    refused("has no output", |image| end(image, terminal(&last(image), i64::MAX)));
    refused("last operation", |image| image.def = vec![terminal(Digest::of(b"x").as_str(), 0)]);
    refused("last operation does not have one input", |image| image.def = vec![Vec::new()]);
}

#[test]
fn reports_that_are_no_graph() {
    let build = Build::go();
    let image = build.definition(build.image);
    let mut broken = build.definitions().1;
    broken[0].def[0].push(1);
    assert!(build.verify_definitions(&image, &broken).has_errors());
    // What the image's definition has is known, and still belongs into each report that needs it.
    let mut unordered = build.definitions().1;
    unordered[0].def.swap(1, 6);
    let found = build.verify_definitions(&image, &unordered);
    assert!(found.iter().any(|item| item.message.contains("comes before one of its inputs")), "{found:#?}");
    let empty = vec![pb::Definition::default(); 3];
    let found = build.verify_definitions(&image, &empty);
    assert!(found.iter().any(|item| item.code == "uninspected"), "{found:#?}");
    assert!(build.verify_definitions(&pb::Definition::default(), &build.definitions().1).has_errors());
}

/// The ranges of the one located vertex.
fn ranges(source: &mut pb::Source) -> &mut Vec<pb::Range> {
    &mut source.locations.values_mut().next().unwrap().locations[0].ranges
}

#[test]
fn source_maps_that_lie() {
    let mut build = Build::go();
    build.meta("compile", |meta| meta.hostname = "x".to_owned());
    let judge = |change: fn(&mut pb::Source)| {
        let mut image = build.definition(build.image);
        change(image.source.as_mut().unwrap());
        let found = build.verify_definitions(&image, &[]);
        found.iter().next().unwrap().span
    };
    assert!(judge(|_| {}).is_some());
    assert_eq!(judge(|source| source.infos.clear()), None);
    assert_eq!(judge(|source| source.infos[0].data = b"another text".to_vec()), None);
    assert_eq!(judge(|source| ranges(source).clear()), None);
    assert_eq!(judge(|source| ranges(source)[0].start = None), None);
    for (line, character) in [(0, 0), (-1, -1), (i32::MIN, i32::MIN)] {
        let mut image = build.definition(build.image);
        let start = &mut ranges(image.source.as_mut().unwrap())[0].start;
        *start = Some(pb::Position { line, character });
        assert_eq!(build.verify_definitions(&image, &[]).iter().next().unwrap().span, None);
    }
    let far = judge(|source| {
        ranges(source)[0].start = Some(pb::Position { line: i32::MAX, character: i32::MAX });
        ranges(source)[0].end = ranges(source)[0].start;
    });
    assert_eq!(build.manifest.slice(far.unwrap()), "");
}

#[test]
fn names_with_control_characters_and_no_end() {
    let mut build = Build::go();
    let index = build.find("compile");
    build.meta("compile", |meta| meta.hostname = "x".to_owned());
    build.drafts[index].name = format!("a\n\x1b[31m{}", "b".repeat(MANY));
    let found = build.verify();
    let message = &found.iter().next().unwrap().message;
    assert!(message.len() < 300 && !message.contains(char::is_control), "{message}");
}

#[test]
fn a_hundred_thousand_operations_one_on_the_other() {
    let mut build = Build::empty();
    let mut below = build.add("first", &[], fixtures::actions(vec![(-1, -1, mkfile("/0", b"0"))]));
    for number in 1..MANY {
        let action = (0, -1, mkfile("/n", number.to_string().as_bytes()));
        below = build.add("more", &[(below, 0)], fixtures::actions(vec![action]));
    }
    let app = build.layer("app", Some((below, 0)), "/", artifact("n", "/app/n"));
    let build = build.finish(Some((app, 0)), None);
    let (image, reports) = build.definitions();
    let found = in_time(|| build.verify_definitions(&image, &reports));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_hundred_thousand_layers() {
    let mut build = Build::empty();
    let contract = directory("/data");
    let first = build.layer("data", None, "/", contract.clone());
    let layers = vec![(first, 0); MANY];
    build.contract.layers = vec![contract; MANY];
    let count = i64::try_from(MANY).unwrap();
    let merged = build.add("merge", &layers, fixtures::merge(count));
    let build = build.finish(Some((merged, 0)), None);
    let found = in_time(|| build.verify());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_hundred_thousand_breaches() {
    let mut build = Build::empty();
    let sources = (0..MANY).map(|number| {
        let name = format!("docker-image://docker.io/library/a{number}:latest");
        (build.add("image", &[], fixtures::source(&name, &[])), 0)
    });
    let sources: Vec<_> = sources.collect();
    let merged = build.add("merge", &sources, fixtures::merge(i64::try_from(MANY).unwrap()));
    build.image = Some((merged, 0));
    let image = build.definition(build.image);
    let found = in_time(|| build.verify_definitions(&image, &[]));
    assert_eq!(found.len(), 100);
}

#[test]
fn a_step_with_a_hundred_thousand_mounts() {
    let mut build = Build::go();
    build.exec("fetch", |exec| {
        for number in 0..MANY / 2 {
            let next = i64::try_from(number).unwrap() + 2;
            exec.mounts.push(output(&format!("/o/{number}"), -1, next));
            exec.mounts.push(fixtures::secret(&format!("/o/{number}/s/{number}"), "x"));
        }
    });
    let (image, reports) = build.definitions();
    let found = in_time(|| build.verify_definitions(&image, &reports));
    assert!(found.iter().all(|item| item.code == "secret-outside-fetch"), "{found:#?}");
    assert_eq!(found.len(), 100);
}

#[test]
fn a_file_operation_with_a_hundred_thousand_actions() {
    let mut build = Build::empty();
    let context = build.add("context", &[], fixtures::source("local://context", &[]));
    let index = |number: usize| i64::try_from(number).unwrap();
    let actions = (0..MANY).map(|number| {
        let copy = pb::file_action::Action::Copy(fixtures::copy("/a", "/b"));
        (if number == 0 { -1 } else { index(number) }, 0, copy)
    });
    let files = build.add("files", &[(context, 0)], fixtures::actions(actions.collect()));
    let app = build.layer("app", Some((files, 0)), "/", artifact("b", "/app/b"));
    let build = build.finish(Some((app, 0)), None);
    let found = in_time(|| build.verify());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_thousand_inspections() {
    let mut build = Build::go();
    let inspect = build.find("inspect");
    for number in 0..1000 {
        let mut again = build.drafts[inspect].clone();
        again.op.platform.as_mut().unwrap().variant = number.to_string();
        build.drafts.push(again);
        build.reports.push((build.drafts.len() - 1, 2));
    }
    let (image, reports) = build.definitions();
    let found = in_time(|| build.verify_definitions(&image, &reports));
    assert!(found.iter().all(|item| item.message.ends_with("is one inspection too many")), "{found:#?}");
    assert_eq!(found.len(), 100);
}

#[test]
fn configurations_without_end() {
    let mut build = Build::go();
    let many: Vec<_> = (0..MANY).map(|number| format!("A{number}=b")).collect();
    build.config["config"]["Env"] = json!(many);
    assert!(in_time(|| build.verify()).has_errors());
    let deep = "[".repeat(MANY);
    let mut build = Build::go();
    build.config = json!(deep);
    assert!(build.verify().has_errors());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_is_refused(op in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bits in 1_u8..) {
        let build = Build::go();
        let mut image = build.definition(build.image);
        let op = op.index(image.def.len());
        let byte = byte.index(image.def[op].len());
        image.def[op][byte] ^= bits;
        prop_assert!(build.verify_definitions(&image, &build.definitions().1).has_errors());
    }

    #[test]
    fn any_bytes_get_an_answer(ops in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..6)) {
        let build = Build::go();
        let image = pb::Definition { def: ops, ..Default::default() };
        prop_assert!(build.verify_definitions(&image, &build.definitions().1).has_errors());
    }
}
