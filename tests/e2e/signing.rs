//! Signing, and what an admission controller decides by: a signature, and the frontend that the provenance names.

use std::path::Path;

use serde_json::Value;

use crate::support::{Build, Context, Finished, Image, Process, buildx_inspect, lab};

const FRONTEND: &str = "ghcr.io/cofferdam/cofferdam:1";

/// Cosign with a key's password, in a directory.
fn cosign(directory: &Path, args: &[&str]) -> Finished {
    Process::new("cosign").args(args).env("COSIGN_PASSWORD", "none").directory(directory).finish()
}

/// A key pair of the test's own.
fn keys(name: &str) -> Context {
    let keys = Context::empty(name);
    let made = cosign(keys.path(), &["generate-key-pair"]);
    assert!(made.success, "{}", made.all());
    keys
}

/// The image by its digest, which alone is worth signing.
fn pinned(image: &Image) -> String {
    let digest = image.metadata["containerimage.digest"].as_str().unwrap();
    let (name, _) = image.reference.rsplit_once(':').unwrap();
    format!("{name}@{digest}")
}

fn verifies(keys: &Context, reference: &str) -> bool {
    let args = ["verify", "--key", "cosign.pub", "--insecure-ignore-tlog=true", reference];
    cosign(keys.path(), &args).success
}

#[test]
fn a_signed_image_verifies_and_no_other() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).push();
    let (ours, theirs) = (keys("keys"), keys("other-keys"));
    let reference = pinned(&image);
    assert!(!verifies(&ours, &reference), "nobody signed it yet");
    let offline = ["--use-signing-config=false", "--tlog-upload=false"];
    let signed = cosign(
        ours.path(),
        &[&["sign", "--yes", "--key", "cosign.key"], &offline[..], &[&reference]].concat(),
    );
    assert!(signed.success, "{}", signed.all());
    assert!(verifies(&ours, &reference));
    assert!(!verifies(&theirs, &reference), "another key's signature is not there");
    let other = Build::of(&context).flag("--label=changed=1").push();
    assert!(!verifies(&ours, &pinned(&other)), "a signature is for one digest");
}

/// The provenance: what was asked for, and what went in.
fn provenance(image: &Image) -> Value {
    let text = buildx_inspect(&image.reference, "{{json .Provenance.SLSA.buildDefinition}}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn provenance_names_the_frontend_by_digest_and_whatever_takes_its_place() {
    let digest =
        Process::new("crane").args(["--insecure", "digest", &lab().reference("cofferdam/cofferdam:1")]);
    let digest = digest.stdout();
    let context = Context::example("go-scratch");
    let build = provenance(&Build::of(&context).push());
    let request = &build["externalParameters"]["request"];
    assert_eq!((&request["frontend"], &request["args"]["source"]), (&"gateway.v0".into(), &FRONTEND.into()));
    let dependencies = build["resolvedDependencies"].as_array().unwrap();
    let frontend = dependencies.iter().find(|one| one["uri"] == "pkg:docker/ghcr.io/cofferdam/cofferdam@1");
    assert_eq!(frontend.unwrap()["digest"]["sha256"], digest.trim().trim_start_matches("sha256:"));
    let replaced = |arguments: &Value| {
        let arguments = arguments["externalParameters"]["request"]["args"].as_object().unwrap().clone();
        arguments.keys().any(|key| key.starts_with("context:ghcr.io/cofferdam/cofferdam"))
    };
    assert!(!replaced(&build));

    let copy = lab().reference("e2e/frontend:copy");
    Process::new("crane")
        .args(["--insecure", "copy", &lab().reference("cofferdam/cofferdam:1"), &copy])
        .stdout();
    let flag = format!("--build-context={FRONTEND}=docker-image://{copy}");
    let image = Build::of(&context).flag(flag).flag("--provenance=mode=max").push();
    assert!(image.log.contains("frontend-replaced"), "{}", image.log);
    assert!(replaced(&provenance(&image)), "{:#}", provenance(&image));
}
