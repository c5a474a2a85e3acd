//! Applications that say themselves how they are built: what is planned for them, and what people are told.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::{Access, Compartment, FileEdit, Node, NodeId, Plan, Step, Tree};
use cofferdam::report::Proof;
use cofferdam::step::Report;
use plan_support::{planned, refused, steps, warnings};

const RUBY: &str = "custom: {fetch: [bundle install, [ruby, -v]], build: [rake]}
build: {base: docker.io/library/ruby:3, packages: [git], run: [rake prepare], artifacts: [{from: out, to: /app}]}
runtime: {entrypoint: [/app/start]}
source: app
";
const FETCH: &str = "fetch: run bundle install, run ruby -v";

fn with_secret() -> String {
    format!("{RUBY}fetch: {{secrets: [netrc]}}\n")
}

/// The step with the given name.
fn step<'p>(plan: &'p Plan, name: &str) -> (NodeId, &'p Step) {
    let named = |(index, node): (usize, &'p Node)| match node {
        Node::Step(step) if step.name == name => Some((NodeId(index), step)),
        _ => None,
    };
    plan.nodes.iter().enumerate().find_map(named).unwrap()
}

/// What the step that fetches sees of the context.
fn seen(plan: &Plan) -> Vec<&str> {
    let (_, fetch) = step(plan, FETCH);
    let manifests = fetch.mounts.iter().find(|mount| mount.at == "/manifests").unwrap();
    let Tree::Root(NodeId(id)) = manifests.tree else { panic!("files of the context") };
    let Node::Context(selection) = &plan.nodes[id] else { panic!("a selection of the context") };
    selection.paths.iter().map(cofferdam::name::ContextPath::as_str).collect()
}

#[test]
fn each_command_goes_on_where_the_last_one_ended() {
    let plan = planned(RUBY, &[]).unwrap();
    let steps: Vec<&Step> = steps(&plan);
    let named: Vec<(&str, Compartment)> =
        steps.iter().map(|step| (step.name.as_str(), step.compartment)).collect();
    assert_eq!(
        named,
        [
            ("install git", Compartment::Fetch),
            (FETCH, Compartment::Fetch),
            ("run rake prepare", Compartment::Compile),
            ("run rake", Compartment::Compile),
        ]
    );
    let (fetched, _) = step(&plan, FETCH);
    let (prepared, _) = step(&plan, "run rake prepare");
    let (_, built) = step(&plan, "run rake");
    assert_eq!(
        built.root,
        Tree::Output(fetched, "/".to_owned()),
        "what was installed is there when it is built"
    );
    assert_eq!(built.mounts[0].tree, Tree::Output(prepared, "/src".to_owned()), "the work tree goes on");
    assert!(steps[2..].iter().all(|step| step.directory == "/src/app"));
}

#[test]
fn what_was_fetched_lies_below_the_source_and_a_root_with_secrets_is_thrown_away() {
    let (plain, agent) = (RUBY.to_owned(), format!("{RUBY}fetch: {{ssh: [default]}}\n"));
    for (manifest, is_secret) in [(&plain, false), (&with_secret(), true), (&agent, true)] {
        let plan = planned(manifest, &[]).unwrap();
        let (fetched, fetch) = step(&plan, FETCH);
        let outputs = fetch.mounts.iter().filter(|mount| mount.access == Access::Output);
        let outputs: Vec<_> = outputs.map(|mount| (mount.at.as_str(), &mount.tree)).collect();
        assert_eq!(outputs, [("/src", &Tree::Scratch)], "{manifest}");
        let (_, prepare) = step(&plan, "run rake prepare");
        let Tree::Root(NodeId(id)) = prepare.mounts[0].tree else { panic!("files that were put together") };
        let Node::Files(files) = &plan.nodes[id] else { panic!("files that were put together") };
        assert_eq!(files.over, Tree::Output(fetched, "/src".to_owned()), "{manifest}");
        assert!(matches!(&files.edits[..], [FileEdit::Copy { to, .. }] if to == "/"), "{manifest}");
        let root = if is_secret { fetch.root.clone() } else { Tree::Output(fetched, "/".to_owned()) };
        assert_eq!(prepare.root, root, "{manifest}");
    }
}

#[test]
fn commands_are_arguments_of_the_script_that_runs_them() {
    let plan = planned(RUBY, &[]).unwrap();
    let (_, fetch) = step(&plan, FETCH);
    let commands = [
        ["/bin/sh", "/run/cofferdam/fetch.sh", "/manifests", "/src/app"].as_slice(),
        &["/bin/sh", "-euc", "bundle install", "sh"],
        &["ruby", "-v"],
    ];
    assert_eq!(fetch.script.argv(), commands.concat());
    let Tree::Root(NodeId(id)) = fetch.mounts[0].tree else { panic!("a file of ours") };
    let Node::Files(files) = &plan.nodes[id] else { panic!("a file of ours") };
    let [FileEdit::File { content, .. }] = &files.edits[..] else { panic!("one file") };
    let text = std::str::from_utf8(content).unwrap();
    let commands = r#"
(exec "${3}" "${4}" "${5}" "${6}")
(exec "${7}" "${8}")
"#;
    assert!(text.ends_with(commands), "{text}");
}

#[test]
fn what_a_fetch_runs_is_a_warning_and_not_reported_as_proved() {
    let told = warnings(RUBY, &[]);
    let line = "warning[fetch-executes]: nothing proves that no code runs, with network, that this fetches: run bundle install";
    assert!(told.contains(line), "{told}");
    let plan = planned(RUBY, &[]).unwrap();
    assert!(!plan.output.contract().fetch_executes, "no other step with network may see what this one wrote");
    let proof = Proof::new(&plan, &Report::default(), &[]);
    assert!(!proof.rules.iter().any(|rule| rule == "fetch-executes"), "{:?}", proof.rules);
    assert_eq!(proof.excepted, ["fetch-executes"]);
}

#[test]
fn fetches_see_manifests_and_with_a_secret_no_programs() {
    let plan = planned(RUBY, &[]).unwrap();
    let all = seen(&plan);
    assert!(all.contains(&"app/Gemfile") && all.contains(&"app/Gemfile.lock"), "{all:?}");
    let plan = planned(&with_secret(), &[]).unwrap();
    let data = seen(&plan);
    assert!(data.contains(&"app/Gemfile.lock") && !data.contains(&"app/Gemfile"), "{data:?}");
}

#[test]
fn what_was_fetched_with_a_secret_ships_by_way_of_a_command_without_one() {
    let fetch = "custom: {fetch: [[curl, -O, 'https://example.com/app']]}\nbuild: {base: docker.io/library/debian:13, \
                 artifacts: [{from: app, to: /app}]}\nruntime: {entrypoint: [/app]}\n";
    assert!(planned(fetch, &[]).is_ok());
    let said = refused(&format!("{fetch}fetch: {{secrets: [netrc]}}\n"), &[]);
    assert!(said.contains("error[no-build]") && said.contains("cofferdam.yaml:1:"), "{said}");
}

#[test]
fn what_nothing_else_can_tell_is_asked_for_all_at_once() {
    let said = refused("custom: {build: [make]}\n", &[]);
    for code in ["no-builder", "no-artifacts", "no-entrypoint"] {
        assert!(said.contains(&format!("error[{code}]")), "{code}: {said}");
    }
    assert!(said.contains("build: {artifacts: [{from: app, to: /app/app}]}"), "{said}");
}
