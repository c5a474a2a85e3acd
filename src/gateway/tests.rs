//! The main loop against a made-up daemon.

use super::Failure;
use super::fake::Fake;
use crate::diagnostic::Diagnostic;
use crate::step::{Finding, Report};
use crate::text::{Source, Span};
use crate::wire::gateway;

const NAMED: [(&str, &str); 1] = [("filename", "cofferdam.yaml")];
const SOURCE: &str = "github.com/moby/buildkit/errdefs.Source+json";

fn go_service(manifest: &str) -> Fake {
    Fake::with(manifest)
        .file("go.mod", "module example.com/hello\n\ngo 1.26\n")
        .file("main.go", "package main\n")
}

/// The message and the first line that a failing build points at.
fn failure(fake: &Fake) -> (String, u64) {
    let status = fake.build(&NAMED).0.unwrap_err().into_status();
    let detail = status.details.iter().find(|detail| detail.type_url == SOURCE).expect("a located error");
    let value: serde_json::Value = serde_json::from_slice(&detail.value).unwrap();
    assert_eq!(value["info"]["filename"], "cofferdam.yaml");
    (status.message, value["ranges"][0]["start"]["line"].as_u64().unwrap())
}

#[test]
fn a_go_service_becomes_one_image_with_attestation_and_report() {
    let (outcome, log) = go_service("# syntax=x\nlanguage: go\n").build(&NAMED);
    let result = outcome.unwrap();
    assert!(matches!(result.result, Some(gateway::result::Result::Ref(_))));
    assert_eq!(result.attestations["linux/amd64"].attestation.len(), 1);
    let config: serde_json::Value =
        serde_json::from_slice(&result.metadata["containerimage.config"]).unwrap();
    assert_eq!(config["config"]["User"], "65532:65532");
    assert_eq!(config["config"]["Entrypoint"], serde_json::json!(["/app/hello"]));
    assert!(result.metadata.contains_key("frontend.cofferdam.report"));
    assert!(log.warnings.is_empty(), "{:?}", log.warnings);
}

#[test]
fn a_go_service_is_looked_at_once_and_apart_from_its_context() {
    let log = go_service("language: go\n").build(&NAMED).1;
    let sources = log.solved.iter().flat_map(|definition| &definition.def);
    let hints = sources.filter_map(|bytes| match crate::wire::decode_op(bytes).unwrap().op? {
        crate::wire::pb::op::Op::Source(source) => source.attrs.get("local.sharedkeyhint").cloned(),
        _ => None,
    });
    let hints: Vec<String> = hints.collect();
    assert_eq!(hints.iter().filter(|hint| *hint == "context-look").count(), 1, "{hints:?}");
    assert!(hints.iter().any(|hint| hint == "context"), "{hints:?}");
}

/// Looking for descriptions of modules goes through every directory.
#[test]
fn a_context_that_is_not_what_it_seems_is_told_what_to_do() {
    let looked_at = |files: usize| {
        let mut fake = Fake::with("language: java\n").file("pom.xml", "<project/>");
        let paths = (0..files).map(|index| (format!("data/{}/{index}", index / 10_000), Vec::new()));
        fake.files.extend(paths);
        let base = "docker-image://gcr.io/distroless/cc-debian13:nonroot";
        fake.images.insert(base.to_owned(), br#"{"architecture":"amd64","os":"linux","config":{}}"#.to_vec());
        fake.build(&NAMED).0.unwrap_err().message().to_owned()
    };
    // Besides these there are two files, and twenty-one directories.
    let most = 200_000 - 23;
    assert!(looked_at(most).contains("maven"), "the next question is for an image: {}", looked_at(most));
    assert_eq!(
        looked_at(most + 1),
        "the build context has more than 200000 files of the kinds looked for; leave directories out with .dockerignore"
    );
}

#[test]
fn missing_secrets_are_told_all_at_once_before_anything_runs() {
    let manifest =
        "language: go\nfetch:\n  secrets:\n    - netrc\n    - {id: a}\n    - {id: b, required: false}\n";
    let mut fake = go_service(manifest)
        .file("go.mod", "module example.com/hello\n\ngo 1.26\n\nrequire example.com/a v1.0.0\n")
        .file("go.sum", "example.com/a v1.0.0 h1:x\n");
    fake.secretless = vec!["netrc", "a", "b"];
    let (outcome, log) = fake.build(&NAMED);
    let message = outcome.unwrap_err().message().to_owned();
    assert!(message.starts_with("2 errors\n"), "{message}");
    assert!(message.contains("--secret id=netrc") && message.contains("--secret id=a,"), "{message}");
    let ran = log.solved.iter().flat_map(|definition| &definition.def).any(|bytes| {
        matches!(crate::wire::decode_op(bytes).unwrap().op, Some(crate::wire::pb::op::Op::Exec(_)))
    });
    assert!(!ran, "no step was asked for");
    fake.secretless = vec!["b"];
    assert!(fake.build(&NAMED).0.is_ok());
}

#[test]
fn the_program_cannot_change_itself() {
    let writable = |path: &str| go_service(&format!("language: go\nruntime:\n  writable: [{path}]\n"));
    for path in ["/app", "/app/hello"] {
        let (message, line) = failure(&writable(path));
        assert!(message.contains("`/app/hello` lies there"), "{message}");
        assert_eq!(line, 3);
    }
    assert!(writable("/app/data").build(&NAMED).0.is_ok());
}

#[test]
fn a_toolchain_that_no_image_has_is_told_unless_an_image_is_named() {
    let rust = |manifest: &str| {
        let mut fake = Fake::with(manifest)
            .file("Cargo.toml", "[package]\nname = 'a'\nversion = '1.0.0'\n")
            .file("Cargo.lock", "version = 4\n")
            .file("src/main.rs", "")
            .file("rust-toolchain.toml", "[toolchain]\nchannel = 'nightly-2025-01-01'\n");
        let config = fake.images.values().next().unwrap().clone();
        let cc = "gcr.io/distroless/cc-debian13:nonroot";
        for image in ["docker.io/library/rust:1.90-trixie", "docker.io/rustlang/rust:nightly", cc] {
            fake.images.insert(format!("docker-image://{image}"), config.clone());
        }
        fake
    };
    let (message, line) = failure(&rust("language: rust\n"));
    assert!(message.contains("nightly-2025-01-01") && message.contains("rust: {version:"), "{message}");
    assert_eq!(line, 1);
    for manifest in
        ["rust: {version: '1.90'}\n", "language: rust\nbuild: {base: docker.io/rustlang/rust:nightly}\n"]
    {
        let outcome = rust(manifest).build(&NAMED).0;
        assert!(outcome.is_ok(), "{:?}", outcome.unwrap_err().message());
    }
}

#[test]
fn a_link_in_the_place_of_a_file_that_planning_reads_is_told() {
    let mut linked = Fake::with("language: go\n").file("main.go", "package main\n");
    linked.links.insert("go.mod".to_owned(), "shared/go.mod".to_owned());
    let (message, line) = failure(&linked);
    assert!(message.contains("`go.mod` is a symbolic link to `shared/go.mod`"), "{message}");
    assert_eq!(line, 1);
    let mut harmless = go_service("language: go\n");
    harmless.links.insert("go.work".to_owned(), "elsewhere".to_owned());
    let (outcome, log) = harmless.build(&NAMED);
    assert!(outcome.is_ok() && log.warnings[0].contains("go.work"), "{:?}", log.warnings);
}

#[test]
fn several_platforms_become_a_map_without_an_empty_handle() {
    let options = [NAMED[0], ("platform", "linux/amd64,linux/arm64")];
    let result = go_service("language: go\n").build(&options).0.unwrap();
    let Some(gateway::result::Result::Refs(map)) = result.result else { panic!("no map") };
    assert_eq!(map.refs.keys().collect::<Vec<_>>(), ["linux/amd64", "linux/arm64"]);
    assert!(map.refs.values().all(|handle| *handle != gateway::Ref::default()));
    assert!(result.metadata.contains_key("containerimage.config/linux/arm64"));
}

#[test]
fn the_same_build_is_the_same_bytes() {
    let fake = go_service("language: go\nruntime: {labels: {a: b, c: d}, env: {X: y}}\n");
    let first = fake.clone().build(&NAMED).1.solved;
    let fresh = go_service("language: go\nruntime: {labels: {a: b, c: d}, env: {X: y}}\n");
    assert_eq!(first, fresh.build(&NAMED).1.solved);
}

#[test]
fn errors_of_all_stages_are_located() {
    let (message, line) = failure(&Fake::with("language: go\nruntme: {}\n"));
    assert!(message.contains("runtime"), "{message}");
    assert_eq!(line, 2);
    let (message, line) = failure(&Fake::with("language: go\nruntime:\n  user: 0\n"));
    assert!(message.contains("image-root-user"), "{message}");
    assert_eq!(line, 3);
    let (message, line) = failure(&Fake::with("# c\nlanguage: go\n"));
    assert!(message.contains("go.mod"), "{message}");
    assert_eq!(line, 2);
    let unknown = go_service("language: go\nruntime:\n  base: example.com/none:1\n");
    let (message, line) = failure(&unknown);
    assert!(message.contains("not found") && !message.contains("build: {base"), "{message}");
    assert_eq!(line, 3);
    let (message, line) = failure(&go_service("# c\nlanguage: go\ngo: {version: 9.99}\n"));
    assert!(message.contains("golang:9.99") && message.contains("`build: {base: …}`"), "{message}");
    assert_eq!(line, 2);
    let mut told = go_service("language: go\n");
    told.files.insert("go.mod".to_owned(), b"module example.com/a\n\ngo 1.999\n".to_vec());
    let (message, _) = failure(&told);
    assert!(message.contains("golang:1.999") && message.contains("mend its version in go.mod"), "{message}");
}

#[test]
fn findings_fail_the_build_unless_excepted() {
    let finding = Finding::new("final-shell", &"/bin/sh", "a shell").help("use another base");
    let report = Report { findings: vec![finding], ..Report::default() };
    let manifest = "language: go\nruntime: {env: {A: b}}\n";
    let broken = Fake { report: report.clone(), ..go_service(manifest) };
    let (message, _) = failure(&broken);
    assert!(message.contains("final-shell") && message.contains("/bin/sh"), "{message}");
}

#[test]
fn the_report_lists_only_what_there_was_to_prove_and_what_is_excepted_apart() {
    let proved = |fake: &Fake, options: &[(&str, &str)]| -> (Vec<String>, serde_json::Value) {
        let result = fake.build(&[&NAMED, options].concat()).0.unwrap();
        let report: serde_json::Value =
            serde_json::from_slice(&result.metadata["frontend.cofferdam.report"]).unwrap();
        let report = &report["linux/amd64"];
        (serde_json::from_value(report["rules"].clone()).unwrap(), report["excepted"].clone())
    };
    let list = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect::<Vec<_>>();
    let optional = |(rules, _): (Vec<String>, _)| {
        assert!(rules.iter().any(|rule| rule == "staging-leak"), "{rules:?}");
        rules.into_iter().filter(|rule| rule == "tests-leak" || rule == "scanner-leak").collect::<Vec<_>>()
    };
    let mut tested = go_service("language: go\ntests: [{run: [/app/hello]}]\n");
    let scanner = br#"{"os":"linux","config":{"Entrypoint":["/scan"]}}"#;
    tested.images.insert("docker-image://example.com/scanner:1".to_owned(), scanner.to_vec());
    let scan = [("attest:sbom", "generator=example.com/scanner:1")];
    assert_eq!(optional(proved(&go_service("language: go\n"), &[])), list(&[]));
    assert_eq!(optional(proved(&tested, &[])), list(&["tests-leak"]));
    assert_eq!(optional(proved(&tested, &[("target", "test")])), list(&["tests-leak"]));
    assert_eq!(optional(proved(&tested, &scan)), list(&["tests-leak", "scanner-leak"]));

    // A request is answered by the usual process alone.
    let processes = "runtime: {ports: [80], processes: {web: [/app/hello], clock: [/app/hello, -c]}}\n";
    let asking = go_service(&format!("language: go\n{processes}tests: [{{http: /}}]\n"));
    assert_eq!(optional(proved(&asking, &[])), list(&["tests-leak"]));
    assert_eq!(optional(proved(&asking, &[("target", "web")])), list(&["tests-leak"]));
    assert_eq!(optional(proved(&asking, &[("target", "clock")])), list(&[]));

    let excepting = "language: go\nexceptions: [{rule: final-shell, reason: operators debug in it}]\n";
    let report = Report {
        findings: vec![Finding::new("final-shell", &"/bin/sh", "a shell")],
        examined: list(&["final-shell", "final-setuid"]),
        ..Report::default()
    };
    let (rules, excepted) = proved(&Fake { report, ..go_service(excepting) }, &[]);
    assert!(
        rules.ends_with(&list(&["final-setuid"])) && !rules.contains(&"final-shell".to_owned()),
        "{rules:?}"
    );
    assert_eq!(excepted, serde_json::json!(["final-shell"]));
}

#[test]
fn no_imported_cache_stands_in_for_a_scanner() {
    let scan = ("attest:sbom", "generator=example.com/scanner:1");
    let import = ("cache-imports", r#"[{"Type":"registry","Attrs":{"ref":"x"}}]"#);
    let anew = |options: &[(&str, &str)]| {
        let mut fake = go_service("language: go\n");
        let scanner = br#"{"os":"linux","config":{"Entrypoint":["/scan"]}}"#;
        fake.images.insert("docker-image://example.com/scanner:1".to_owned(), scanner.to_vec());
        let log = fake.build(&[&NAMED, options].concat()).1;
        let metadata = log.solved.iter().flat_map(|definition| definition.metadata.values());
        let of_scanner = metadata.filter(|meta| {
            meta.description.get("llb.customname").is_some_and(|name| name.contains("example.com/scanner"))
        });
        of_scanner.map(|meta| meta.ignore_cache).collect::<Vec<_>>()
    };
    // Its image, and the step itself.
    assert_eq!(anew(&[scan]), [false; 2]);
    assert_eq!(anew(&[scan, import]), [true; 2]);
}

#[test]
fn a_daemon_without_merge_gets_copies_and_a_warning() {
    let fake = Fake { lacks: vec!["mergeop"], ..go_service("language: go\n") };
    let (outcome, log) = fake.build(&NAMED);
    assert!(outcome.is_ok());
    assert!(log.warnings.iter().any(|warning| warning.starts_with("flattened")), "{:?}", log.warnings);
    let operations = log.solved.iter().flat_map(|definition| &definition.def);
    assert!(!operations.into_iter().any(|bytes| {
        matches!(crate::wire::decode_op(bytes).unwrap().op, Some(crate::wire::pb::op::Op::Merge(_)))
    }));
}

#[test]
fn a_daemon_that_lacks_something_is_named_with_what_it_lacks() {
    let lacking = |lacks: &[&'static str], manifest: &str| {
        let (message, line) = failure(&Fake { lacks: lacks.to_vec(), ..go_service(manifest) });
        assert!(message.contains("error[daemon]") && message.contains("help: BuildKit 0.20"), "{message}");
        assert_eq!(line, 1);
        message
    };
    assert!(lacking(&["file.base"], "# syntax=x\nlanguage: go\n").contains("lacks the capability file.base"));
    let message = lacking(&["readfile", "exec.mount.cache.content"], "language: go\n");
    assert!(message.contains("lacks the capabilities readfile, exec.mount.cache.content"), "{message}");
    // Of a manifest that cannot be read nothing is said: another daemon comes first.
    assert!(!lacking(&["file.base"], "\0").contains("control"));
    let remote = Fake { lacks: vec!["file.base"], ..go_service("language: go\n") };
    for url in ["https://example.com/a.git#main", "https://example.com/a.tar"] {
        let (outcome, log) = remote.build(&[NAMED[0], ("context", url)]);
        assert!(outcome.unwrap_err().message().contains("error[daemon]"), "{url}");
        assert!(log.solved.is_empty(), "nothing is cloned or downloaded to say so: {:?}", log.solved);
    }
}

#[test]
fn a_manifest_beyond_all_bounds_is_told_as_such() {
    let (message, line) = failure(&Fake::with(&"# 0123456789\n".repeat(20_000_000 / 13)));
    assert!(message.contains("error[too-large]") && message.contains("1048576"), "{message}");
    assert_eq!(line, 1);
}

#[test]
fn a_step_that_fails_keeps_its_place_below_a_large_manifest() {
    let manifest = format!("{}language: go\n", "# 0123456789\n".repeat(200_000 / 13));
    let line = manifest.lines().count();
    let found =
        Diagnostic::error("step", "the step failed").at(Span::new(manifest.len() - 13, manifest.len() - 1));
    let broken = Failure::diagnostics(&found.into(), &Source::new("cofferdam.yaml", manifest.as_str()));
    let fake = Fake { broken: Some(broken.into_status()), ..go_service(&manifest) };
    let (message, at) = failure(&fake);
    assert!(message.contains("the step failed"), "{message}");
    assert_eq!(at, u64::try_from(line).unwrap());
}

#[test]
fn a_missing_definition_file_is_one_clear_error() {
    let failure = Fake::default().build(&NAMED).0.unwrap_err();
    assert!(failure.message().contains("cofferdam.yaml"), "{}", failure.message());
}

#[test]
fn cache_imports_go_with_every_solve() {
    let imports = r#"[{"Type":"registry","Attrs":{"ref":"x"}}]"#;
    let (_, log) = go_service("language: go\n").build(&[NAMED[0], ("cache-imports", imports)]);
    assert_eq!(log.imports.len(), log.solved.len());
    assert!(log.imports.len() > 1, "{:?}", log.imports);
    for imports in log.imports {
        let imports: Vec<_> =
            imports.iter().map(|one| (one.r#type.as_str(), one.attrs["ref"].as_str())).collect();
        assert_eq!(imports, [("registry", "x")]);
    }
}

#[test]
fn undeclared_build_arguments_warn() {
    let (_, log) = go_service("language: go\nargs: {A: x}\n").build(&[
        NAMED[0],
        ("build-arg:B", "1"),
        ("build-arg:A", "1"),
    ]);
    assert_eq!(log.warnings.len(), 1);
    assert!(log.warnings[0].contains("`B`"), "{:?}", log.warnings);
}

#[test]
fn questions_are_answered_without_building() {
    let (outcome, log) =
        Fake::with("language: go\nruntme: {}\n").build(&[NAMED[0], ("requestid", "frontend.lint")]);
    let result = outcome.unwrap();
    assert_eq!(result.metadata["result.statuscode"], b"1");
    assert!(log.solved.len() <= 2);
}
