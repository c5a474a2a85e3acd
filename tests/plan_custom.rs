//! Applications that say themselves how they are built: what is planned for them, and what people are told.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::{Access, Compartment, Node, Step, Tree};
use plan_support::{planned, refused, steps};

const RUBY: &str = "custom: {fetch: [bundle install, [ruby, -v]], build: [rake]}
build: {base: docker.io/library/ruby:3, packages: [git], run: [rake prepare], artifacts: [{from: out, to: /app}]}
runtime: {entrypoint: [/app/start]}
source: app
";

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
            ("fetch: run bundle install", Compartment::Fetch),
            ("fetch: run ruby -v", Compartment::Fetch),
            ("run rake prepare", Compartment::Compile),
            ("run rake", Compartment::Compile),
        ]
    );
    let is_step = |tree: &Tree, name: &str| matches!(tree, Tree::Output(id, _) if matches!(&plan.nodes[id.0], Node::Step(step) if step.name == name));
    assert!(is_step(&steps[2].root, "fetch: run bundle install"), "what is installed stays");
    assert!(is_step(&steps[4].root, "fetch: run ruby -v"), "and is there when it is built");
    assert!(is_step(&steps[4].mounts[0].tree, "run rake prepare"), "the work tree goes from one to the next");
    assert!(steps.iter().skip(1).all(|step| step.directory == "/src/app"));
}

#[test]
fn fetches_see_manifests_and_with_a_secret_no_programs() {
    let seen = |manifest: &str| {
        let plan = planned(manifest, &[]).unwrap();
        let fetch = steps(&plan)[1].mounts[0].clone();
        assert_eq!((fetch.at.as_str(), fetch.access), ("/src", Access::Discarded));
        let Tree::Root(id) = fetch.tree else { panic!("the manifests are files of the context") };
        let Node::Context(selection) = &plan.nodes[id.0] else { panic!("a selection of the context") };
        selection.paths.iter().map(|path| path.as_str().to_owned()).collect::<Vec<_>>()
    };
    let all = seen(RUBY);
    assert!(
        all.contains(&"app/Gemfile".to_owned()) && all.contains(&"app/Gemfile.lock".to_owned()),
        "{all:?}"
    );
    let with_secret = seen(&format!("{RUBY}fetch: {{secrets: [netrc]}}\n"));
    assert!(with_secret.contains(&"app/Gemfile.lock".to_owned()));
    assert!(!with_secret.contains(&"app/Gemfile".to_owned()), "{with_secret:?}");
}

#[test]
fn what_nothing_else_can_tell_is_asked_for_all_at_once() {
    let said = refused("custom: {build: [make]}\n", &[]);
    for code in ["no-builder", "no-artifacts", "no-entrypoint"] {
        assert!(said.contains(&format!("error[{code}]")), "{code}: {said}");
    }
    assert!(said.contains("build: {artifacts: [{from: app, to: /app/app}]}"), "{said}");
}
