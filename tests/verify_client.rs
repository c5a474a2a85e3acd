//! What the client brings to a build: accepted exactly as the caller names it, and nothing beyond it.

// The helpers of tests may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod verify_graph;

use cofferdam::diagnostic::{Diagnostics, Severity};
use cofferdam::name::Digest;
use cofferdam::verify::{Case, Client, GivenRole, GivenTree, Program, verify};
use cofferdam::wire::pb;
use verify_graph::fixtures::{GOLANG, source};
use verify_graph::{Build, PROGRAM};

fn judge(build: &Build, client: Client<'_>) -> Diagnostics {
    let image = build.definition(build.image);
    let reports: Vec<_> = build.reports.iter().map(|&report| build.definition(Some(report))).collect();
    verify(&Case {
        image: &image,
        reports: reports.iter().collect(),
        program: Program::Bytes(PROGRAM),
        contract: &build.contract,
        config: build.config.to_string().as_bytes(),
        annotations: &build.annotations,
        declared_env: Vec::new(),
        client,
        manifest: &build.manifest,
    })
}

fn errors(found: &Diagnostics) -> Vec<&'static str> {
    found.iter().filter(|item| item.severity == Severity::Error).map(|item| item.code).collect()
}

/// The Go service with a directory of the client in the place of a draft that is an image.
fn with_directory(name: &str) -> Build {
    let mut build = Build::go();
    build.draft(name, |draft| {
        draft.op.op = Some(source("local://folder", &[("local.session", "s")]));
        draft.op.platform = None;
    });
    build
}

fn given<'a>(definition: &'a pb::Definition, digest: &'a Digest, is_image: bool) -> [GivenTree<'a>; 1] {
    [GivenTree { definition, role: GivenRole::Image { name: "golang", digest, is_image } }]
}

fn golang() -> Digest {
    Digest::parse(&format!("sha256:{GOLANG}")).unwrap()
}

#[test]
fn a_directory_in_the_place_of_a_builder_is_accepted_and_told_of() {
    let build = with_directory("golang");
    assert!(!errors(&judge(&build, Client::default())).is_empty(), "nobody said so");
    let (definition, digest) = (build.definition(Some((build.find("golang"), 0))), golang());
    let found = judge(&build, Client { trees: &given(&definition, &digest, false), ..Client::default() });
    assert_eq!(errors(&found), [""; 0], "{found:#?}");
    assert_eq!(found.iter().map(|item| item.code).collect::<Vec<_>>(), ["local-replacement"]);
    let found = judge(&build, Client { trees: &given(&definition, &digest, true), ..Client::default() });
    assert!(found.is_empty(), "an image that the client built is one: {found:#?}");
}

#[test]
fn a_cache_must_still_name_its_toolchain() {
    let build = with_directory("golang");
    let (definition, digest) = (build.definition(Some((build.find("golang"), 0))), Digest::of(b"other"));
    let found = judge(&build, Client { trees: &given(&definition, &digest, true), ..Client::default() });
    assert_eq!(errors(&found), ["shared-cache-mount"; 2], "those of the dependencies and of the program");
}

#[test]
fn a_replaced_base_has_no_digest_to_tell_of() {
    let mut build = with_directory("base");
    let (definition, digest) = (build.definition(Some((build.find("base"), 0))), golang());
    let found = judge(&build, Client { trees: &given(&definition, &digest, true), ..Client::default() });
    assert_eq!(errors(&found), ["uninspected"], "the inspection was told of a digest");
    build.inspection(|request| request.base.digest = None);
    let found = judge(&build, Client { trees: &given(&definition, &digest, true), ..Client::default() });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_tree_is_the_one_that_was_named_and_hides_only_what_it_alone_needs() {
    let build = with_directory("golang");
    let (other, digest) = (build.definition(Some((build.find("base"), 0))), golang());
    let found = judge(&build, Client { trees: &given(&other, &digest, true), ..Client::default() });
    assert!(!errors(&found).is_empty(), "another tree was named");
    // The compile step's output as the context of a second use: what leads to it is ours and is looked at.
    let mut build = Build::go();
    build.exec("compile", |exec| exec.network = pb::NetMode::Host.into());
    let definition = build.definition(Some((build.find("compile"), 1)));
    let trees = [GivenTree { definition: &definition, role: GivenRole::Context }];
    let found = judge(&build, Client { trees: &trees, ..Client::default() });
    assert!(found.is_empty(), "what the client made is its own affair: {found:#?}");
    let root = build.definition(Some((build.find("compile"), 0)));
    let trees = [GivenTree { definition: &root, role: GivenRole::Context }];
    let found = judge(&build, Client { trees: &trees, ..Client::default() });
    assert!(errors(&found).contains(&"compile-network"), "its other output is ours: {found:#?}");
}

#[test]
fn hosts_and_limits_are_those_that_the_client_asked_for() {
    let host = pb::HostIp { host: "a".to_owned(), ip: "10.0.0.1".to_owned() };
    let proxy = pb::ProxyEnv { http_proxy: "http://proxy:1".to_owned(), ..Default::default() };
    let sandbox =
        pb::Meta { extra_hosts: vec![host.clone()], proxy_env: Some(proxy.clone()), ..Default::default() };
    let client = Client { sandbox: Some(&sandbox), ..Client::default() };
    let mut build = Build::go();
    build.meta("fetch", |meta| {
        meta.extra_hosts = vec![host.clone()];
        meta.proxy_env = Some(proxy.clone());
    });
    build.meta("compile", |meta| meta.extra_hosts = vec![host.clone()]);
    assert!(judge(&build, client).is_empty(), "{:#?}", judge(&build, client));
    assert_eq!(errors(&judge(&build, Client::default())).len(), 2, "nobody asked for it");
    build.meta("compile", |meta| meta.proxy_env = Some(proxy));
    assert!(errors(&judge(&build, client)).contains(&"unknown-shape"), "a proxy is for fetch steps");
    let mut build = Build::go();
    build.meta("inspect", |meta| meta.extra_hosts = vec![host]);
    assert!(!errors(&judge(&build, client)).is_empty(), "our own steps have none");
}
