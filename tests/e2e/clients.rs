//! The clients: buildctl as well as buildx, and what both may ask beside a build.

use crate::support::{AS_JSON, Build, Context, Process, cached, lab, run};

const FRONTEND: &str = "source=ghcr.io/cofferdam/cofferdam:1";

#[test]
fn buildctl_builds_the_same_image() {
    let context = Context::example("go-scratch");
    let by_buildx = Build::of(&context).flag("--provenance=false").arg("COFFERDAM_SBOM", "off").push();
    let name = lab().reference(&format!("e2e/{}:buildctl", context.name));
    let directory = context.path().display();
    Process::new("buildctl")
        .args(["build", "--progress=plain", "--frontend=gateway.v0", "--opt", FRONTEND])
        .args(["--opt", "filename=cofferdam.yaml", "--opt", "build-arg:COFFERDAM_SBOM=off"])
        .args([format!("--local=context={directory}"), format!("--local=dockerfile={directory}")])
        .args([format!("--output=type=image,name={name},push=true,oci-mediatypes=true")])
        .stdout();
    let digest =
        Process::new("crane").args(["--insecure", "digest", "--platform", "linux/amd64", &name]).stdout();
    assert_eq!(digest.trim(), by_buildx.digest("linux/amd64"));
    assert!(run(&name, &["--read-only=false", "--network", "none"], &[]).contains("authorities: trusted"));
}

#[test]
fn a_label_and_a_revision_reach_the_configuration() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).flag("--label=team=clocks").push();
    assert_eq!(image.config("linux/amd64")["config"]["Labels"]["team"], "clocks");
    let commit = "git init -q . && git add . && git -c user.name=t -c user.email=t@example.com commit -qm x \
        && git remote add origin /srv/a.git";
    Process::new("sh").args(["-ec", commit]).directory(context.path()).stdout();
    let revision = Process::new("git").args(["rev-parse", "HEAD"]).directory(context.path()).stdout();
    let image = Build::of(&context).with_git_info().push();
    let labels = &image.config("linux/amd64")["config"]["Labels"];
    let annotations = &image.manifest("linux/amd64")["annotations"];
    for told in [labels, annotations] {
        assert_eq!(told["org.opencontainers.image.revision"], revision.trim());
        assert!(told["org.opencontainers.image.source"].is_null(), "{told}");
    }
}

#[test]
fn labels_and_annotations_of_the_manifest_reach_the_image() {
    let context = Context::example("go-scratch").appending(
        "cofferdam.yaml",
        "args: {TEAM: clocks}\n",
    ).replacing(
        "cofferdam.yaml",
        "  base: scratch\n",
        "  base: scratch\n  labels: {example.team: \"${TEAM}\", example.empty: \"\"}\n  annotations: {example.page: \"of ${TEAM}\"}\n",
    );
    let image = Build::of(&context).push();
    let (config, annotations) = (image.config("linux/amd64"), &image.manifest("linux/amd64")["annotations"]);
    let labels = &config["config"]["Labels"];
    assert_eq!((&labels["example.team"], &labels["example.empty"]), (&"clocks".into(), &"".into()));
    assert_eq!(annotations["example.page"], "of clocks");
    assert!(
        labels["example.page"].is_null() && annotations["example.team"].is_null(),
        "{labels} {annotations}"
    );
}

#[test]
fn a_second_build_runs_nothing() {
    let context = Context::example("go-scratch");
    let output = ["--output=type=cacheonly".to_owned()];
    Build::of(&context).succeed(&output);
    let log = Build::of(&context).flag(AS_JSON).succeed(&output);
    assert!(cached(&log, "compile "), "{log}");
}

/// The answer to `--call`.
fn asked(question: &str) -> String {
    let finished = Build::of(&Context::example("go-service")).flag(format!("--call={question}")).finish(&[]);
    assert!(finished.success, "--call={question} failed:\n{}", finished.all());
    String::from_utf8(finished.stdout).unwrap()
}

#[test]
fn a_manifest_is_checked_without_building() {
    assert!(!asked("check").contains("compile"), "nothing is built");
    let context = Context::example("go-service").appending("cofferdam.yaml", "  prots: [80]\n");
    let refused = Build::of(&context).flag("--call=check").finish(&[]);
    assert_eq!(refused.code, Some(1), "{}", refused.all());
    let said = refused.all();
    assert!(said.contains("prots") && said.contains("`ports`"), "{said}");
}

#[test]
fn the_schema_comes_with_the_frontend() {
    let said = asked("cofferdam.schema");
    let schema: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(schema["properties"]["runtime"].is_object(), "{schema:#}");
}

#[test]
fn outline_and_targets_are_answered() {
    assert!(asked("outline").contains("VERSION"), "the outline lists the arguments");
    asked("targets");
}
