//! Properties of definitions: order, completeness, and the same bytes every time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeSet;

use cofferdam::llb::{
    Copy, Diff, Exec, File, Graph, ImportError, Local, Location, Merge, Meta, Mkdir, Mkfile, Mount, Network,
    Output, Passthrough, Root, Sharing, required_caps,
};
use cofferdam::name::{Digest, Platform};
use cofferdam::text::Position;
use cofferdam::wire::{decode_op, encode_op, pb};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;

/// One operation of a random graph; numbers choose among the outputs before it.
#[derive(Debug, Clone)]
enum Step {
    Local { name: u8, hint: String },
    Mkfile { base: usize, data: Vec<u8> },
    Copy { base: usize, from: Vec<usize> },
    Exec { root: usize, mounts: Vec<(usize, u8)>, env: String },
    Merge(Vec<usize>),
    Diff(usize, usize),
    Passthrough(Vec<usize>, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let any_output = || any::<usize>();
    prop_oneof![
        (0_u8..4, "[a-z]{0,3}").prop_map(|(name, hint)| Step::Local { name, hint }),
        (any_output(), vec(any::<u8>(), 0..200)).prop_map(|(base, data)| Step::Mkfile { base, data }),
        (any_output(), vec(any_output(), 0..4)).prop_map(|(base, from)| Step::Copy { base, from }),
        (any_output(), vec((any_output(), any::<u8>()), 0..6), "\\PC{0,4}")
            .prop_map(|(root, mounts, env)| Step::Exec { root, mounts, env }),
        vec(any_output(), 0..5).prop_map(Step::Merge),
        (any_output(), any_output()).prop_map(|(lower, upper)| Step::Diff(lower, upper)),
        (vec(any_output(), 0..4), any_output()).prop_map(|(trees, after)| Step::Passthrough(trees, after)),
    ]
}

/// Adds the steps and returns all outputs, the empty tree first.
fn build(graph: &mut Graph, steps: &[Step]) -> Vec<Output> {
    let mut outputs = vec![Output::scratch()];
    for (number, step) in steps.iter().enumerate() {
        let place = Position { line: u32::try_from(number).unwrap() + 1, column: 1 };
        let meta = Meta::named(format!("step {number}")).at(Location::new(0, (place, place)));
        let more = add(graph, step, meta, |index| outputs[index % outputs.len()].clone());
        outputs.extend(more);
    }
    outputs
}

fn add(graph: &mut Graph, step: &Step, meta: Meta, output: impl Fn(usize) -> Output) -> Vec<Output> {
    match step {
        Step::Local { name, hint } => {
            vec![graph.add(Local::new(&format!("context{name}"), "s").shared_key_hint(hint), meta)]
        }
        Step::Mkfile { base, data } => {
            vec![graph.add(File::on(&output(*base)).mkfile(Mkfile::new("/f", 0o644, data.clone())), meta)]
        }
        Step::Copy { base, from } => {
            let copies = from.iter().map(|from| Copy::new(&output(*from), "/a", "/b"));
            vec![graph.add(copies.fold(File::on(&output(*base)), File::copy), meta)]
        }
        Step::Exec { root, mounts, env } => {
            let step = Exec::new(&Platform::parse("linux/amd64").unwrap(), ["run"]).env("V", env);
            let step = step.root(&output(*root), Root::Output);
            let step = mounts.iter().fold(step, |step, (from, kind)| mount(step, &output(*from), *kind));
            let added = graph.add(step, meta);
            let paths = mounts.iter().filter(|(_, kind)| kind % 5 == 1).map(|(_, kind)| format!("/{kind}"));
            let outputs = paths.map(|path| added.output(&path).unwrap());
            outputs.chain([added.output("/").unwrap()]).collect()
        }
        Step::Merge(trees) => vec![graph.add(Merge::new(trees.iter().map(|tree| output(*tree))), meta)],
        Step::Diff(lower, upper) => vec![graph.add(Diff::new(&output(*lower), &output(*upper)), meta)],
        Step::Passthrough(trees, after) => {
            let trees: Vec<_> = trees.iter().map(|tree| output(*tree)).collect();
            let added = graph.add(Passthrough::new("p", trees.clone()).after([output(*after)]), meta);
            assert_eq!(added.len(), trees.len());
            added
        }
    }
}

fn mount(exec: Exec, from: &Output, kind: u8) -> Exec {
    let path = format!("/{kind}");
    match kind % 5 {
        0 => exec.mount(Mount::read_only(from, path)),
        1 => exec.mount(Mount::output(path).from(from)),
        2 => exec.mount(Mount::cache("c", path, Sharing::Locked).from(from)),
        3 => exec.mount(Mount::secret("s", path)),
        _ => exec.mount(Mount::ssh("default", "")),
    }
}

fn file() -> pb::SourceInfo {
    pb::SourceInfo { filename: "image.yaml".into(), data: b"a: 1\n".to_vec(), ..Default::default() }
}

/// Operations whose inputs, if all are earlier outputs with indices that exist, come before it.
fn assert_well_formed(definition: &pb::Definition) {
    let mut known = BTreeSet::new();
    let caps = required_caps(definition);
    for bytes in &definition.def {
        let op = decode_op(bytes).unwrap();
        assert_eq!(encode_op(&op), *bytes);
        for input in &op.inputs {
            assert!(known.contains(&input.digest), "{} is used before it is there", input.digest);
        }
        let digest = Digest::of(bytes).to_string();
        let meta = &definition.metadata[&digest];
        assert!(!meta.caps.is_empty() && meta.caps.keys().all(|cap| caps.contains(cap.as_str())));
        assert!(known.insert(digest), "an operation is there twice");
    }
    assert_eq!(known.len(), definition.metadata.len());
    let terminal = decode_op(definition.def.last().unwrap()).unwrap();
    assert_eq!(terminal, pb::Op { inputs: terminal.inputs.clone(), ..Default::default() });
    assert_eq!(terminal.inputs.len(), 1);
    let source = definition.source.as_ref().unwrap();
    assert!(source.locations.keys().all(|digest| known.contains(digest)));
    assert!(source.locations.values().all(|locations| !locations.locations.is_empty()));
    assert_eq!(source.locations.len(), definition.def.len() - 1);
}

/// All that is marshalled is needed by the terminal operation.
fn assert_minimal(definition: &pb::Definition) {
    let mut needed = BTreeSet::new();
    for bytes in definition.def.iter().rev() {
        let first = needed.is_empty();
        assert!(first || needed.contains(Digest::of(bytes).as_str()), "an operation is not needed");
        needed.extend(decode_op(bytes).unwrap().inputs.into_iter().map(|input| input.digest));
    }
}

proptest! {
    #[test]
    fn definitions_are_well_formed_minimal_and_the_same_every_time(steps in vec(step(), 1..24)) {
        let mut graph = Graph::new();
        let outputs = build(&mut graph, &steps);
        for output in &outputs {
            let definition = graph.definition(output, vec![file()]).unwrap();
            if output.is_scratch() {
                prop_assert_eq!(definition, pb::Definition::default());
                continue;
            }
            assert_well_formed(&definition);
            assert_minimal(&definition);
            let bytes = definition.encode_to_vec();
            prop_assert_eq!(pb::Definition::decode(&bytes[..]).unwrap(), definition);
        }
        let last = outputs.last().unwrap();
        let bytes = graph.definition(last, vec![file()]).unwrap().encode_to_vec();
        for _ in 0..25 {
            let mut again = Graph::new();
            let outputs = build(&mut again, &steps);
            prop_assert_eq!(outputs.last(), Some(last));
            prop_assert_eq!(&again.definition(last, vec![file()]).unwrap().encode_to_vec(), &bytes);
        }
    }

    #[test]
    fn a_definition_depends_on_nothing_else_in_the_graph(
        steps in vec(step(), 1..12),
        others in vec(step(), 1..12),
    ) {
        let mut alone = Graph::new();
        let output = build(&mut alone, &steps).pop().unwrap();
        let mut among = Graph::new();
        // Others first, without anything said of them, then ours, then others again.
        let nothing = |graph: &mut Graph| {
            for step in &others {
                add(graph, step, Meta::default(), |_| Output::scratch());
            }
        };
        nothing(&mut among);
        build(&mut among, &steps);
        nothing(&mut among);
        let definition = alone.definition(&output, vec![file()]).unwrap();
        prop_assert_eq!(among.definition(&output, vec![file()]).unwrap(), definition);
    }

    #[test]
    fn an_imported_definition_is_the_same_again(steps in vec(step(), 1..16)) {
        let mut graph = Graph::new();
        let output = build(&mut graph, &steps).pop().unwrap();
        let definition = graph.definition(&output, vec![file()]).unwrap();
        let mut importing = Graph::new();
        let imported = importing.import(&definition).unwrap();
        prop_assert_eq!(&imported, &output);
        prop_assert_eq!(&importing.definition(&imported, vec![]).unwrap(), &definition);
        // Imported places move behind files of our own.
        let behind = importing.definition(&imported, vec![pb::SourceInfo::default()]).unwrap();
        for location in behind.source.iter().flat_map(|s| s.locations.values()).flat_map(|l| &l.locations) {
            prop_assert_eq!(location.source_index, 1);
        }
    }

    /// Bytes from elsewhere give an error, never a panic.
    #[test]
    fn importing_nonsense_is_an_error(def in vec(vec(any::<u8>(), 0..40), 1..4)) {
        let definition = pb::Definition { def, ..Default::default() };
        let mut graph = Graph::new();
        if let Ok(output) = graph.import(&definition) {
            prop_assert!(graph.definition(&output, vec![]).is_ok());
        }
    }
}

#[test]
fn long_chains_take_neither_long_nor_a_deep_stack() {
    let mut graph = Graph::new();
    let mut output = graph.add(Local::new("context", "s"), Meta::default());
    for number in 0..10_000 {
        let mkdir = Mkdir::new(format!("/{number}"), 0o755);
        output = graph.add(File::on(&output).mkdir(mkdir), Meta::default());
    }
    let definition = graph.definition(&output, vec![]).unwrap();
    assert_eq!(definition.def.len(), 10_002);
}

#[test]
fn an_output_of_another_graph_is_an_error() {
    let foreign = Graph::new().add(Local::new("context", "s"), Meta::default());
    let mut graph = Graph::new();
    assert!(graph.definition(&foreign, vec![]).is_err());
    let user = graph.add(File::on(&foreign).mkdir(Mkdir::new("/a", 0o755)), Meta::default());
    let error = graph.definition(&user, vec![]).unwrap_err().to_string();
    assert_eq!(error, format!("the graph has no operation {}", foreign.digest().unwrap()));
}

#[test]
fn the_same_operation_is_one_vertex_with_all_its_places() {
    let mut graph = Graph::new();
    let place = |line| Location::new(0, (Position { line, column: 1 }, Position { line, column: 9 }));
    let local = || Local::new("context", "s");
    let first = graph.add(local(), Meta::named("first").at(place(3)));
    let second = graph.add(local(), Meta::named("second").at(place(7)).at(place(3)).ignoring_cache(true));
    assert_eq!((&first, graph.len()), (&second, 1));
    let definition = graph.definition(&first, vec![file()]).unwrap();
    let meta = &definition.metadata[first.digest().unwrap().as_str()];
    assert_eq!(meta.description["llb.customname"], "first");
    assert!(meta.ignore_cache);
    let terminal = &definition.metadata[Digest::of(definition.def.last().unwrap()).as_str()];
    let caps: Vec<_> = terminal.caps.keys().map(String::as_str).collect();
    assert_eq!(caps, ["constraints", "meta.description", "meta.ignorecache", "platform"]);
    let source = definition.source.unwrap();
    let locations = &source.locations[first.digest().unwrap().as_str()].locations;
    let lines: Vec<_> = locations.iter().map(|l| l.ranges[0].start.unwrap().line).collect();
    assert_eq!(lines, [3, 7]);
}

/// BuildKit refuses a definition whose places point into files that it does not have.
#[test]
fn places_in_files_that_are_not_given_are_left_out() {
    let mut graph = Graph::new();
    let place = Position { line: 1, column: 1 };
    let meta = Meta::default().at(Location::new(1, (place, place)));
    let output = graph.add(Local::new("context", "s"), meta);
    assert_eq!(graph.definition(&output, vec![]).unwrap().source, None);
    let source = graph.definition(&output, vec![file()]).unwrap().source.unwrap();
    assert!(source.locations.is_empty());
}

#[test]
fn limits_are_said_of_a_step_and_are_no_part_of_it() {
    let mut graph = Graph::new();
    let resources = pb::LinuxResources { memory: 1 << 30, ..Default::default() };
    let step = Exec::new(&Platform::parse("linux/amd64").unwrap(), ["run"]).network(Network::None);
    let added = graph.add(
        step.clone().root(&Output::scratch(), Root::Output).resources(resources.clone()),
        Meta::default(),
    );
    let output = added.output("/").unwrap();
    let definition = graph.definition(&output, vec![]).unwrap();
    let meta = &definition.metadata[added.digest().as_str()];
    assert_eq!(meta.linux_resources, Some(resources));
    assert!(meta.caps.contains_key("exec.meta.linux.resources"));
    let without = Graph::new().add(step.root(&Output::scratch(), Root::Output), Meta::default());
    assert_eq!(without.digest(), added.digest());
}

#[test]
fn damaged_definitions_are_not_imported() {
    let mut graph = Graph::new();
    let context = graph.add(Local::new("context", "s"), Meta::default());
    let file = graph.add(File::on(&context).mkdir(Mkdir::new("/a", 0o755)), Meta::default());
    let whole = graph.definition(&file, vec![]).unwrap();
    let import = |change: fn(&mut pb::Definition)| {
        let mut definition = whole.clone();
        change(&mut definition);
        Graph::new().import(&definition)
    };
    assert!(matches!(import(|d| drop(d.def.remove(0))), Err(ImportError::MissingInput(_))));
    assert!(matches!(import(|d| d.def.swap(0, 1)), Err(ImportError::MissingInput(_))));
    assert!(matches!(import(|d| drop(d.def.remove(1))), Err(ImportError::MissingInput(_))));
    assert_eq!(import(|d| d.def.push(vec![])), Err(ImportError::NoResult));
    assert!(matches!(import(|d| d.def[0] = vec![0xff]), Err(ImportError::Malformed(_))));
    assert_eq!(import(|d| d.def.clear()), Ok(Output::scratch()));
    assert_eq!(import(|_| ()), Ok(file));
}
