//! Bake and compose: every service of a repository from one manifest, with settings and a base that they share.

use crate::support::{Build, Context, Finished, Image, Process, buildx, lab, run};

/// Builds the example's services by a client, into a place of their own in the registry.
fn services(client: Process, context: &Context) -> Finished {
    let finished = client
        .directory(context.path())
        .env("REGISTRY", lab().reference(&format!("e2e/{}", context.name)))
        .env("BUILDX_BUILDER", "cofferdam")
        .env("NO_COLOR", "1")
        .finish();
    assert!(finished.success, "the build failed:\n{}", finished.all());
    finished
}

fn pushed(context: &Context, service: &str) -> Image {
    let reference = lab().reference(&format!("e2e/{}/{service}", context.name));
    Image::new(reference, serde_json::Value::Null, String::new())
}

#[test]
fn bake_builds_every_service_on_a_base_that_another_target_made() {
    let context = Context::example("go-workspace");
    let finished = services(buildx().args(["bake", "--progress=plain", "--push"]), &context);
    let log = finished.all();
    for told in ["unused-context", "local-replacement", "undeclared-arg"] {
        assert!(!log.contains(told), "{told}:\n{log}");
    }
    for (service, said) in [("greeter:1", "Good day, Ada!\n"), ("shouter:1", "GOOD DAY, ADA!\n")] {
        let image = pushed(&context, service);
        assert_eq!(run(&image.reference, &["--network", "none"], &["Ada"]), said);
        assert_eq!(image.platforms(), ["linux/amd64", "linux/arm64"]);
        for platform in image.platforms() {
            let files = image.files(&platform);
            assert_eq!(files["/usr/share/doc/example/notice"].mode, "-r--r--r--", "{service} {platform}");
            let labels = &image.config(&platform)["config"]["Labels"];
            assert_eq!(labels["org.opencontainers.image.vendor"], "Example", "{service} {platform}");
        }
    }
}

#[test]
fn compose_builds_every_service() {
    let context = Context::example("go-workspace");
    services(Process::new("docker-compose").args(["--progress=plain", "build", "--push"]), &context);
    for (service, said) in
        [("greeter:compose", "Guten Tag, Ada!\n"), ("shouter:compose", "GUTEN TAG, ADA!\n")]
    {
        let image = pushed(&context, service);
        assert_eq!(run(&image.reference, &["--network", "none"], &["-l", "de", "Ada"]), said);
        assert!(image.sbom("linux/amd64")["packages"].is_array(), "a bill of materials goes with {service}");
    }
}

#[test]
fn bake_reads_compose_files_too() {
    let context = Context::example("go-workspace");
    let bake = buildx().args(["bake", "--progress=plain", "--file=compose.yaml", "--push", "shouter"]);
    services(bake, &context);
    let image = pushed(&context, "shouter:compose");
    assert_eq!(run(&image.reference, &["--network", "none"], &["Ada"]), "GOOD DAY, ADA!\n");
    // What bake passes on is what a build by hand would say.
    let by_hand = Build::of(&context).arg("SERVICE", "shouter").push();
    assert_eq!(image.layers("linux/amd64"), by_hand.layers("linux/amd64"));
}
