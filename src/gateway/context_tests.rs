//! Contexts of every kind against a made-up daemon.

use std::collections::BTreeSet;

use super::fake::{COMMIT, Fake, GIT_METADATA, Log};
use crate::llb::{File, Graph, Local, Meta, Mkfile};
use crate::wire::{decode_op, pb};

const BASE: &str = "gcr.io/distroless/static-debian13:nonroot";

fn go_service() -> Fake {
    Fake::with("language: go\n")
        .file("go.mod", "module example.com/hello\n\ngo 1.26\n")
        .file("main.go", "package main\n")
}

/// The identifiers of all sources that were asked for, and their attributes.
fn sources(log: &Log) -> Vec<pb::SourceOp> {
    let ops = log.solved.iter().flat_map(|definition| &definition.def).map(|bytes| decode_op(bytes).unwrap());
    ops.filter_map(|op| if let Some(pb::op::Op::Source(source)) = op.op { Some(source) } else { None })
        .collect()
}

fn identifiers(log: &Log) -> BTreeSet<String> {
    sources(log).into_iter().map(|source| source.identifier).collect()
}

fn built(fake: &Fake, options: &[(&str, &str)]) -> Log {
    let (outcome, log) = fake.build(&[&[("filename", "cofferdam.yaml")], options].concat());
    outcome.unwrap();
    log
}

fn refused(fake: &Fake, options: &[(&str, &str)]) -> String {
    let failure = fake.build(&[&[("filename", "cofferdam.yaml")], options].concat()).0.unwrap_err();
    failure.message().to_owned()
}

#[test]
fn a_repository_is_pinned_by_its_commit_and_nothing_comes_from_the_client() {
    let log = built(&go_service(), &[("context", "https://example.com/a.git#main:sub")]);
    assert!(!identifiers(&log).iter().any(|id| id.starts_with("local://")), "{:?}", identifiers(&log));
    let git: Vec<_> =
        sources(&log).into_iter().filter(|source| source.identifier.starts_with("git://")).collect();
    assert!(git.iter().all(|source| source.attrs["git.checksum"] == COMMIT));
    assert_eq!(git[0].identifier, "git://example.com/a.git#main:sub");
    let message = refused(&go_service(), &[("context", "https://example.com/a.git?ref=main&checksum=fff")]);
    assert!(message.contains(COMMIT) && message.contains("fff"), "{message}");
}

#[test]
fn an_older_daemon_tells_the_commit_by_checking_it_out() {
    let older = Fake { lacks: vec![GIT_METADATA], ..go_service().file(".git/HEAD", &format!("{COMMIT}\n")) };
    let log = built(&older, &[("context", "https://example.com/a.git#main:sub")]);
    let git: Vec<_> =
        sources(&log).into_iter().filter(|source| source.identifier.starts_with("git://")).collect();
    let (asked, pinned) = git.split_first().unwrap();
    assert_eq!(
        (&*asked.identifier, &*asked.attrs["git.keepgitdir"]),
        ("git://example.com/a.git#main", "true")
    );
    for source in pinned {
        assert_eq!(source.identifier, format!("git://example.com/a.git#{COMMIT}:sub"));
        assert!(!source.attrs.contains_key("git.checksum"), "such a daemon knows no checksum");
    }
    let broken =
        Fake { lacks: vec![GIT_METADATA], ..go_service().file(".git/HEAD", "ref: refs/heads/main\n") };
    assert!(refused(&broken, &[("context", "https://example.com/a.git#main")]).contains("not a commit"));
}

#[test]
fn an_archive_is_unpacked_and_a_single_file_is_the_definition() {
    let archive = Fake { download: b"\x1f\x8b\x08".to_vec(), ..go_service() };
    let log = built(&archive, &[("context", "https://example.com/a.tgz")]);
    let http = sources(&log).into_iter().filter(|source| source.identifier.starts_with("https://"));
    assert!(http.into_iter().all(|source| source.attrs.contains_key("http.checksum")));
    let single = Fake { download: b"language: nope\n".to_vec(), ..go_service() };
    let message = refused(&single, &[("context", "https://example.com/image.yaml")]);
    assert!(message.contains("nope"), "{message}");
    assert!(refused(&go_service(), &[("context", "ftp://example.com/x")]).contains("ftp://"));
}

#[test]
fn standard_input_is_the_clients_own_and_needs_no_checksum() {
    let archive = Fake { download: b"\x1f\x8b\x08".to_vec(), ..go_service() };
    let log = built(&archive, &[("context", "http://buildkit-session/abc")]);
    assert!(sources(&log).iter().all(|source| !source.attrs.contains_key("http.checksum")));
}

#[test]
fn the_definition_comes_from_the_client_when_it_says_so() {
    let options = [("context", "https://example.com/a.git"), ("dockerfilekey", "dockerfile")];
    let log = built(&go_service(), &options);
    let asked = identifiers(&log);
    assert!(asked.contains("local://dockerfile") && !asked.contains("local://context"), "{asked:?}");
}

#[test]
fn an_input_is_the_context_whatever_it_was_made_of() {
    let mut graph = Graph::new();
    let file = Mkfile::new("/x", 0o644, Vec::new());
    let made = graph.add(File::on_scratch().mkfile(file), Meta::default());
    let local = graph.add(Local::new("elsewhere", "s"), Meta::default());
    let mut copy = crate::llb::Copy::new(&made, "/x", "/y");
    copy.mode = Some(crate::llb::Mode::Bits(0o4755));
    let odd = graph.add(File::on(&local).copy(copy), Meta::default());
    let plain = graph.definition(&local, Vec::new()).unwrap();
    let inputs = [("context".to_owned(), plain)].into();
    built(&Fake { inputs, ..go_service() }, &[]);
    // A shape that our own lowering never makes is the client's own affair.
    let base = graph.definition(&odd, Vec::new()).unwrap();
    let inputs = [("base".to_owned(), base)].into();
    let key = format!("context:{BASE}");
    let log = built(&Fake { inputs, ..go_service() }, &[(&key, "input:base")]);
    assert!(
        log.warnings.iter().any(|warning| warning.starts_with("local-replacement")),
        "{:?}",
        log.warnings
    );
}

#[test]
fn a_built_image_is_no_local_replacement() {
    let mut graph = Graph::new();
    let tree = graph.add(Local::new("elsewhere", "s"), Meta::default());
    let inputs = [("base".to_owned(), graph.definition(&tree, Vec::new()).unwrap())].into();
    let key = format!("context:{BASE}");
    // {"architecture":"amd64","os":"linux"}
    let metadata = r#"{"containerimage.config":"eyJhcmNoaXRlY3R1cmUiOiJhbWQ2NCIsIm9zIjoibGludXgifQ=="}"#;
    let options = [(&key[..], "input:base"), ("input-metadata:base", metadata)];
    let log = built(&Fake { inputs, ..go_service() }, &options);
    assert!(log.warnings.is_empty(), "{:?}", log.warnings);
}

#[test]
fn images_are_replaced_by_name_with_and_without_tag_and_for_one_platform() {
    let other = "docker-image://example.com/other:1";
    let replaced = |name: &str| {
        let mut fake = go_service();
        let config = fake.images[&format!("docker-image://{BASE}")].clone();
        fake.images.insert(other.to_owned(), config);
        let log = built(&fake, &[(&format!("context:{name}"), other)]);
        (identifiers(&log).iter().any(|id| id.starts_with(other)), log.warnings)
    };
    for name in [BASE, &format!("{BASE}::linux/amd64"), "gcr.io/distroless/static-debian13"] {
        assert_eq!(replaced(name), (true, Vec::new()), "{name}");
    }
    let (used, warnings) = replaced(&format!("{BASE}::linux/arm64"));
    assert!(!used && warnings[0].starts_with("unused-context"), "{warnings:?}");
}

#[test]
fn a_directory_in_the_place_of_a_builder_is_accepted_and_told_of() {
    let options = [
        ("context:golang", "local:toolchain"),
        ("sharedkey:localdir:toolchain", "key"),
        ("local-sessionid:toolchain", "other"),
    ];
    let log = built(&go_service(), &options);
    let found = sources(&log);
    let toolchain = found.iter().rfind(|source| source.identifier == "local://toolchain").unwrap();
    assert_eq!(toolchain.attrs["local.session"], "other");
    assert_eq!(toolchain.attrs["local.sharedkeyhint"], "context:golang-key");
    assert!(
        log.warnings.iter().any(|warning| warning.starts_with("local-replacement")),
        "{:?}",
        log.warnings
    );
}

#[test]
fn contexts_that_are_nothing_are_refused_by_name() {
    for value in
        ["docker-image://A b", "docker-image://scratch", "oci-layout://store", "input:none", "nonsense"]
    {
        let message = refused(&go_service(), &[("context:golang", value)]);
        assert!(message.contains(&format!("golang={value}")), "{message}");
    }
}

#[test]
fn the_epoch_of_a_context_is_told_by_whatever_knows_it() {
    let epoch = |fake: &Fake, context: Option<&str>| {
        let context = context.map(|url| ("context", url));
        let options = [("filename", "cofferdam.yaml"), ("build-arg:SOURCE_DATE_EPOCH", "context")];
        let (outcome, log) = fake.build(&options.into_iter().chain(context).collect::<Vec<_>>());
        let told = String::from_utf8(outcome.unwrap().metadata["source.date.epoch"].clone()).unwrap();
        (told.parse::<i64>().unwrap(), log.warnings)
    };
    let archive = Fake { download: b"\x1f\x8b\x08".to_vec(), ..go_service() };
    let dated = Fake { changed: Some(1_600_000_000), ..archive.clone() };
    let pinned = format!("https://example.com/a.git#{COMMIT}");
    for (fake, url, time) in [
        (&archive, "https://example.com/a.git#main", 1_700_000_000),
        (&archive, &pinned, 1_700_000_000),
        (&archive, "https://example.com/a.tgz", 3600),
        (&archive, "http://buildkit-session/a", 3600),
        (&dated, "https://example.com/a.tgz", 1_600_000_000),
    ] {
        assert_eq!(epoch(fake, Some(url)), (time, Vec::new()), "{url}");
    }
    let older = Fake { lacks: vec![GIT_METADATA], ..go_service().file(".git/HEAD", &format!("{COMMIT}\n")) };
    for (fake, url) in [(&go_service(), None), (&older, Some("https://example.com/a.git#main"))] {
        let (time, warnings) = epoch(fake, url);
        assert!(time == 0 && warnings[0].contains("SOURCE_DATE_EPOCH=context"), "{url:?}: {warnings:?}");
    }
}

#[test]
fn a_commit_that_is_not_what_the_url_says_it_is_is_refused() {
    let url = format!("https://example.com/a.git?checksum=fff#{COMMIT}");
    let message = refused(&go_service(), &[("context", &url)]);
    assert!(message.contains(COMMIT) && message.contains("fff"), "{message}");
}
