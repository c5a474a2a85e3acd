//! Options and questions of clients against a made-up daemon.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fake::{Fake, Log};
use crate::step;
use crate::wire::{decode_op, gateway, pb};

const MANIFEST: &str = "language: go\nfetch: {secrets: [{id: netrc}]}\n";

fn go_service() -> Fake {
    Fake::with(MANIFEST)
        .file("go.mod", "module example.com/hello\n\ngo 1.26\n\nrequire example.com/x v1.0.0\n")
        .file("go.sum", "example.com/x v1.0.0 h1:x\n")
        .file("main.go", "package main\n")
}

fn built(fake: &Fake, options: &[(&str, &str)]) -> (gateway::Result, Log) {
    let (outcome, log) = fake.build(&[&[("filename", "cofferdam.yaml")], options].concat());
    (outcome.unwrap(), log)
}

fn refused(fake: &Fake, options: &[(&str, &str)]) -> String {
    let failure = fake.build(&[&[("filename", "cofferdam.yaml")], options].concat()).0.unwrap_err();
    failure.message().to_owned()
}

/// The steps with their metadata, by whether they are our own, once each.
fn steps(log: &Log) -> Vec<(pb::ExecOp, pb::OpMetadata)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for definition in &log.solved {
        for bytes in &definition.def {
            let digest = crate::name::Digest::of(bytes).to_string();
            let Some(pb::op::Op::Exec(exec)) = decode_op(bytes).unwrap().op else { continue };
            if seen.insert(digest.clone()) {
                found.push((exec, definition.metadata[&digest].clone()));
            }
        }
    }
    found
}

fn is_builders(exec: &pb::ExecOp) -> bool {
    exec.mounts.iter().any(|mount| mount.dest == "/" && mount.input >= 0)
}

fn is_fetch(exec: &pb::ExecOp) -> bool {
    is_builders(exec) && exec.network == i32::from(pb::NetMode::Unset)
}

#[test]
fn a_scanner_runs_on_the_image_and_its_statements_go_beside_ours() {
    let generator = "generator=example.com/scanner:1,SOURCE=/etc,depth=2";
    let mut fake = go_service();
    let message = refused(&fake, &[("attest:sbom", generator)]);
    assert!(message.contains("example.com/scanner:1"), "{message}");
    let config = |entrypoint: &str| {
        format!("{{\"os\":\"linux\",\"config\":{{\"Entrypoint\":{entrypoint},\"Env\":[\"A=b\"]}}}}")
            .into_bytes()
    };
    fake.images.insert("docker-image://example.com/scanner:1".to_owned(), config("[]"));
    let message = refused(&fake, &[("attest:sbom", generator)]);
    assert!(message.contains("has no command"), "{message}");
    fake.images.insert("docker-image://example.com/scanner:1".to_owned(), config("[\"/scan\"]"));
    let (result, log) = built(&fake, &[("attest:sbom", generator)]);
    let attestations = &result.attestations["linux/amd64"].attestation;
    let kinds: Vec<_> = attestations.iter().map(|one| (one.kind(), one.path.as_str())).collect();
    let bundle = gateway::AttestationKind::Bundle;
    assert_eq!(kinds, [(gateway::AttestationKind::InToto, "/sbom.spdx.json"), (bundle, "")]);
    let scans = steps(&log).into_iter().filter(|(exec, _)| exec.meta.as_ref().unwrap().args == ["/scan"]);
    let (scan, _) = &scans.collect::<Vec<_>>()[..1][0];
    let env = &scan.meta.as_ref().unwrap().env;
    for variable in ["A=b", "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom", "BUILDKIT_SCAN_depth=2"] {
        assert!(env.iter().any(|known| known == variable), "{variable}: {env:?}");
    }
    let (result, _) = built(&fake, &[("attest:sbom", generator), ("build-arg:COFFERDAM_SBOM", "off")]);
    assert_eq!(result.attestations["linux/amd64"].attestation.len(), 1);
}

#[test]
fn limits_hosts_and_caches_reach_the_steps() {
    let (_, log) = built(
        &go_service(),
        &[
            ("add-hosts", "db=10.0.0.9"),
            ("ulimit", "nofile=1024"),
            ("shm-size", "1048576"),
            ("hostname", "here"),
            ("memory", "1048576"),
            ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "team"),
        ],
    );
    for (exec, metadata) in steps(&log) {
        let meta = exec.meta.as_ref().unwrap();
        if !is_builders(&exec) {
            assert_eq!(
                (meta.extra_hosts.len(), meta.hostname.as_str()),
                (0, ""),
                "steps of our own have none"
            );
            continue;
        }
        assert_eq!(meta.extra_hosts[0].ip, "10.0.0.9");
        assert_eq!((meta.hostname.as_str(), meta.ulimit[0].soft), ("here", 1024));
        assert!(exec.mounts.iter().any(|mount| mount.dest == "/dev/shm"));
        assert_eq!(metadata.linux_resources.unwrap().memory, 1_048_576);
        let caches = exec.mounts.iter().filter_map(|mount| mount.cache_opt.as_ref());
        assert!(caches.into_iter().all(|cache| cache.id.starts_with("team/")));
    }
}

#[test]
fn what_imported_caches_bring_gets_into_no_cache_of_other_builds() {
    let imports = ("cache-imports", r#"[{"Type":"registry","Attrs":{"ref":"x"}}]"#);
    let caches = |options: &[(&str, &str)]| {
        let steps = steps(&built(&go_service(), options).1);
        let mounts: Vec<_> = steps.into_iter().flat_map(|(exec, _)| exec.mounts).collect();
        mounts.into_iter().filter_map(|mount| mount.cache_opt).collect::<Vec<_>>()
    };
    let (alone, importing) = (caches(&[]), caches(&[imports]));
    assert!(!alone.is_empty() && alone.len() == importing.len());
    for (alone, importing) in alone.iter().zip(&importing) {
        let is_shared = alone.sharing == i32::from(pb::CacheSharingOpt::Shared);
        let expected = if is_shared { format!("{}-imported", alone.id) } else { alone.id.clone() };
        assert_eq!(importing.id, expected);
    }
    assert!(alone.iter().any(|cache| cache.sharing == i32::from(pb::CacheSharingOpt::Shared)));
}

#[test]
fn images_are_resolved_in_the_mode_that_is_asked_for() {
    let fake = || {
        let mut fake = go_service();
        let scanner = br#"{"os":"linux","config":{"Entrypoint":["/scan"]}}"#;
        fake.images.insert("docker-image://example.com/scanner:1".to_owned(), scanner.to_vec());
        fake
    };
    let scanner = ("attest:sbom", "generator=example.com/scanner:1");
    for mode in ["default", "pull", "local"] {
        let (_, log) = built(&fake(), &[("image-resolve-mode", mode), scanner]);
        assert_eq!(log.resolved.len(), 3, "the base, the builder and the scanner: {:?}", log.resolved);
        assert!(log.resolved.iter().all(|(_, asked)| asked == mode), "{mode}: {:?}", log.resolved);
    }
    let (_, log) = built(&fake(), &[]);
    assert!(log.resolved.iter().all(|(_, asked)| asked == "default"), "{:?}", log.resolved);
    assert!(refused(&fake(), &[("image-resolve-mode", "never")]).contains("image-resolve-mode=never"));
}

#[test]
fn options_that_others_read_change_nothing() {
    let (plain, log) = built(&go_service(), &[]);
    for option in [
        ("cmdline", "ghcr.io/cofferdam/cofferdam:1 more"),
        ("frontend.caps", "moby.buildkit.frontend.contexts"),
        ("build-arg:BUILDKIT_SYNTAX", "ghcr.io/cofferdam/cofferdam:1"),
        ("build-arg:BUILDKIT_INLINE_CACHE", "1"),
        ("build-arg:BUILDKIT_BUILD_NAME", "name"),
        ("build-arg:BUILDKIT_ATTEST_PROVENANCE", "mode=max"),
    ] {
        let (result, other) = built(&go_service(), &[option]);
        assert_eq!(result, plain, "{option:?}");
        assert_eq!(other.solved, log.solved, "{option:?}");
        assert!(other.warnings.is_empty(), "{option:?}: {:?}", other.warnings);
    }
}

#[test]
fn limits_that_the_daemon_cannot_set_are_told_of() {
    let older = Fake { lacks: vec!["exec.meta.linux.resources"], ..go_service() };
    let (outcome, log) = older.build(&[("filename", "cofferdam.yaml"), ("memory", "1048576")]);
    outcome.unwrap();
    assert!(log.warnings.iter().any(|warning| warning.starts_with("ignored-option")), "{:?}", log.warnings);
    assert!(steps(&log).iter().all(|(_, metadata)| metadata.linux_resources.is_none()));
}

#[test]
fn a_proxy_reaches_fetch_steps_only() {
    let (_, log) = built(&go_service(), &[("build-arg:HTTP_PROXY", "http://proxy:1")]);
    let steps = steps(&log);
    assert!(steps.iter().any(|(exec, _)| is_fetch(exec)));
    for (exec, _) in &steps {
        assert_eq!(exec.meta.as_ref().unwrap().proxy_env.is_some(), is_fetch(exec));
    }
    assert!(log.warnings.is_empty(), "{:?}", log.warnings);
}

#[test]
fn no_cache_by_stage_runs_that_stage_again() {
    for (names, fetch, compile, own) in
        [("fetch", true, false, false), ("compile,FINAL", false, true, true), ("builder", true, true, false)]
    {
        let (_, log) = built(&go_service(), &[("no-cache", names)]);
        for (exec, metadata) in steps(&log) {
            let expected = match (is_builders(&exec), is_fetch(&exec)) {
                (false, _) => own,
                (true, true) => fetch,
                (true, false) => compile,
            };
            assert_eq!(metadata.ignore_cache, expected, "{names}: {:?}", exec.meta.unwrap().args);
        }
    }
    let (_, log) = built(&go_service(), &[("no-cache", "tests")]);
    assert!(log.warnings.iter().any(|warning| warning.contains("`tests`")), "{:?}", log.warnings);
}

#[test]
fn the_network_is_none_or_the_steps_own() {
    assert!(refused(&go_service(), &[("force-network-mode", "host")]).contains("host"));
    assert!(refused(&go_service(), &[("force-network-mode", "none")]).contains("fetch Go modules"));
    assert!(refused(&go_service(), &[("force-network-mode", "bridge")]).contains("bridge"));
    let offline = Fake::with("language: go\n")
        .file("go.mod", "module x.y/z\n\ngo 1.26\n")
        .file("main.go", "package main\n");
    built(&offline, &[("force-network-mode", "none")]);
    built(&go_service(), &[("force-network-mode", "sandbox")]);
}

#[test]
fn the_epoch_is_a_number_and_in_the_image() {
    let (result, _) = built(&go_service(), &[("build-arg:SOURCE_DATE_EPOCH", "1700000000")]);
    let config: Value = serde_json::from_slice(&result.metadata["containerimage.config"]).unwrap();
    assert_eq!(config["created"], "2023-11-14T22:13:20Z");
    assert_eq!(result.metadata["source.date.epoch"], b"1700000000");
}

#[test]
fn targets_are_parts_of_a_build_and_unknown_ones_list_them() {
    for target in ["builder", "rootfs", "files", "sbom", "report"] {
        let (result, _) = built(&go_service().file("app/hello", ""), &[("target", target)]);
        assert!(result.attestations.is_empty(), "{target}");
        assert_eq!(result.metadata.contains_key("containerimage.config"), target == "builder", "{target}");
    }
    let message = refused(&go_service(), &[("target", "files")]);
    assert!(message.contains("the image has none in `/app`"), "{message}");
    let message = refused(&go_service(), &[("target", "bulder")]);
    assert!(message.contains("`builder`") && message.contains("sbom, report"), "{message}");
}

#[test]
fn tests_run_for_images_and_by_themselves_where_the_daemon_can_run_them() {
    let manifest = format!("{MANIFEST}tests:\n  - run: [/app/hello]\n");
    let tested = || go_service().file("cofferdam.yaml", &manifest).file("app/hello", "");
    let count = |log: &Log| {
        let is_test = |exec: &pb::ExecOp| exec.meta.as_ref().unwrap().args == step::Step::Test.argv();
        steps(log).iter().filter(|(exec, _)| is_test(exec)).count()
    };
    for (target, tests) in
        [("", 1), ("test", 1), ("builder", 0), ("rootfs", 0), ("files", 0), ("sbom", 0), ("report", 0)]
    {
        let (_, log) = built(&tested(), &[("target", target)]);
        assert_eq!(count(&log), tests, "{target}");
    }
    let (result, _) = built(&tested(), &[("target", "test")]);
    let nothing = gateway::Ref { def: Some(pb::Definition::default()), ..gateway::Ref::default() };
    assert_eq!(result.result, Some(gateway::result::Result::Ref(nothing)));
    let (_, log) = built(&tested(), &[("platform", "linux/arm64")]);
    assert_eq!(count(&log), 0);
    assert!(
        log.warnings
            .iter()
            .any(|warning| warning.starts_with("tests-not-run: ") && warning.ends_with("(line 4)"))
    );
    assert!(refused(&go_service(), &[("target", "test")]).contains("the manifest has no `tests`"));
}

#[test]
fn context_options_of_the_api_are_obeyed() {
    let archive = || Fake { download: b"\x1f\x8b\x08".to_vec(), ..go_service() };
    let options = [("contextkey", "where"), ("where", "https://example.com/a.tgz"), ("contextsubdir", "app")];
    let (_, log) = built(&archive(), &options);
    let copies =
        log.solved.iter().flat_map(|definition| &definition.def).filter_map(|bytes| {
            match decode_op(bytes).unwrap().op {
                Some(pb::op::Op::File(file)) => Some(file.actions),
                _ => None,
            }
        });
    let is_part = |action: &pb::FileAction| matches!(&action.action, Some(pb::file_action::Action::Copy(copy)) if copy.src == "/app" && copy.dest == "/");
    assert!(copies.flatten().any(|action| is_part(&action)));
    let climbing = [options[0], options[1], ("contextsubdir", "../etc")];
    assert!(refused(&archive(), &climbing).contains("contextsubdir"));
}

#[test]
fn a_repository_keeps_its_git_directory_on_request() {
    let options =
        [("context", "https://example.com/a.git"), ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1")];
    let (_, log) = built(&go_service(), &options);
    let sources = log.solved.iter().flat_map(|definition| &definition.def);
    let mut git = sources.filter_map(|bytes| match decode_op(bytes).unwrap().op {
        Some(pb::op::Op::Source(source)) if source.identifier.starts_with("git://") => Some(source),
        _ => None,
    });
    assert!(git.all(|source| source.attrs["git.keepgitdir"] == "true"));
}

#[test]
fn checks_can_fail_a_build() {
    let options = [("build-arg:SURPRISE", "1"), ("build-arg:COFFERDAM_CHECK", "error=true")];
    assert!(refused(&go_service(), &options).contains("SURPRISE"));
    let options = [("build-arg:SURPRISE", "1"), ("build-arg:COFFERDAM_CHECK", "skip=undeclared-arg")];
    assert!(built(&go_service(), &options).1.warnings.is_empty());
}

fn asked(fake: &Fake, request: &str) -> (Value, String, gateway::Result) {
    let (result, _) = built(fake, &[("requestid", request)]);
    assert!(result.result.is_none(), "a question builds nothing");
    let text = String::from_utf8(result.metadata["result.txt"].clone()).unwrap();
    (serde_json::from_slice(&result.metadata["result.json"]).unwrap(), text, result)
}

#[test]
fn every_question_that_is_described_is_answered() {
    let (described, text, _) = asked(&go_service(), "frontend.subrequests.describe");
    for question in described.as_array().unwrap() {
        let name = question["name"].as_str().unwrap();
        let (_, _, result) = asked(&go_service(), name);
        assert_eq!(result.metadata["version"], question["version"].as_str().unwrap().as_bytes(), "{name}");
        assert!(text.contains(name.trim_start_matches("frontend.")));
    }
    assert!(
        refused(&go_service(), &[("requestid", "frontend.nothing")])
            .contains("unsupported request frontend.nothing")
    );
}

#[test]
fn lint_tells_what_planning_finds() {
    let empty = Fake::with("# c\nlanguage: go\n");
    let (value, text, result) = asked(&empty, "frontend.lint");
    assert_eq!(result.metadata["result.statuscode"], b"1");
    assert!(value["buildError"]["message"].as_str().unwrap().contains("go.mod") && text.contains("go.mod"));
    assert_eq!(value["buildError"]["location"]["sourceIndex"], 0);
    let unknown = Fake::with("language: go\nruntime: {base: \"example.com/none:1\"}\n")
        .file("go.mod", "module x.y/z\n\ngo 1.26\n")
        .file("main.go", "package main\n");
    let (value, _, result) = asked(&unknown, "frontend.lint");
    assert_eq!(result.metadata["result.statuscode"], b"1");
    assert!(value["buildError"]["message"].as_str().unwrap().contains("example.com/none:1"));
    let (value, text, result) = asked(&go_service(), "frontend.lint");
    assert_eq!(result.metadata["result.statuscode"], b"0", "{value:#}");
    assert_eq!(text, "no warnings\n");
}

#[test]
fn the_outline_lists_arguments_secrets_and_caches() {
    let fake = Fake { files: go_service().files, ..go_service() };
    let manifest = "language: go\nargs: {VERSION: \"1\"}\nfetch: {secrets: [{id: netrc}], ssh: [default]}\n";
    let fake = fake.file("cofferdam.yaml", manifest);
    let (value, text, _) = asked(&fake, "frontend.outline");
    assert_eq!(value["args"][0]["name"], "VERSION");
    assert_eq!(value["args"][0]["value"], "1");
    assert_eq!(value["args"][0]["location"]["ranges"][0]["start"]["line"], 2);
    assert_eq!(value["secrets"][0]["name"], "netrc");
    assert_eq!(value["ssh"][0]["name"], "default");
    assert!(value["cache"][0]["ID"].as_str().unwrap().starts_with("go-build-"));
    assert!(text.contains("VERSION") && text.contains("netrc"));
    let fake = fake.file("cofferdam.yaml", "language: go\ngo: {version: \"${GO}\"}\nargs: {GO: null}\n");
    let (value, text, _) = asked(&fake, "frontend.outline");
    assert_eq!(value["args"], json!([{"name": "GO", "location": value["args"][0]["location"]}]));
    assert!(text.contains("GO") && text.contains("(to be given)"), "{text}");
    let wrong = fake.file("cofferdam.yaml", "language: go\nargs: {GO: null}\nruntime: {base: \"${NONE}\"}\n");
    let told = refused(&wrong, &[("requestid", "frontend.outline")]);
    assert!(told.contains("cofferdam.yaml:3:") && told.contains("missing-argument"), "{told}");
}

#[test]
fn plan_and_graph_tell_the_steps() {
    let (plan, text, _) = asked(&go_service(), "cofferdam.plan");
    assert_eq!(plan["steps"][0]["compartment"], "fetch");
    assert_eq!(plan["steps"][1]["network"], false);
    assert!(text.contains("(offline)"), "{text}");
    let (graph, drawing, _) = asked(&go_service(), "frontend.cofferdam.graph");
    assert!(graph["vertices"].as_array().unwrap().iter().any(|vertex| vertex["kind"] == "merge"));
    assert!(drawing.starts_with("digraph {"));
    let (llb, _, _) = asked(&go_service(), "frontend.convertllb");
    let operations = llb["def"].as_object().unwrap();
    assert!(operations.values().any(|op| op["source"]["identifier"] == "local://context"));
    assert!(operations.keys().all(|digest| llb["metadata"].get(digest).is_some()));
}
