//! The oldest BuildKit that is supported: it builds the same images, and what it lacks is told of by name.

use crate::support::{Build, Context, Daemon, Files, Process, Repository, Service, buildx};

const AMD64: &str = "linux/amd64";

#[test]
fn a_service_is_the_same_image_as_from_the_newest_and_runs() {
    Daemon::Oldest.started();
    let context = Context::example("go-service");
    let image = Build::of(&context).on(Daemon::Oldest).arg("VERSION", "1.2.3").push();
    let newest = Build::of(&context).arg("VERSION", "1.2.3").push();
    assert_eq!(image.config(AMD64), newest.config(AMD64));
    assert_eq!(image.layers(AMD64), newest.layers(AMD64));
    assert_eq!(image.digest(AMD64), newest.digest(AMD64));
    assert!(image.sbom(AMD64)["packages"].as_array().is_some_and(|packages| !packages.is_empty()));
    let port = Service::free_port();
    let listen = format!("-listen=127.0.0.1:{port}");
    let service = Service::start("oldest-service", port, &image.reference, &[], &[&listen]);
    assert!(service.get("/").1.contains("1.2.3"), "{}", service.log());
}

#[test]
fn rules_are_enforced_at_their_lines() {
    Daemon::Oldest.started();
    let context = Context::example("go-service").replacing(
        "cofferdam.yaml",
        "runtime:\n",
        "runtime:\n  base: docker.io/library/debian:trixie-slim\n",
    );
    Build::of(&context).on(Daemon::Oldest).fail().says(&["final-shell", "/bin/sh"]).clear();
}

#[test]
fn limits_that_it_does_not_know_are_told_of() {
    Daemon::Oldest.started();
    let context = Context::example("go-scratch");
    let build = Build::of(&context).on(Daemon::Oldest).flag("--resource=memory=2g");
    let log = build.succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("ignored-option") && log.contains("limits of memory"), "{log}");
}

#[test]
fn a_repository_and_an_archive_are_contexts() {
    Daemon::Oldest.started();
    let context = Context::example("go-scratch");
    let tar = Process::new("tar").args(["-cf", "-", "."]).directory(context.path()).finish().stdout;
    let files = Files::serve(&[("/a.tar", &tar)]);
    let repository = Repository::of(context.path());
    for url in [format!("{}/a.tar", files.url), format!("{}#main", repository.url)] {
        let said = buildx()
            .args(["build", "--progress=plain", "--builder", Daemon::Oldest.builder()])
            .args(["--output=type=cacheonly", "-f", "cofferdam.yaml", &url])
            .finish();
        assert!(said.success, "{url}:\n{}", said.all());
    }
}
