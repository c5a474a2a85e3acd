//! Applications by commands of their own: what is fetched stays in the builder, and what builds has no network.

use crate::support::{Build, Context, run};

fn manifest(build: &str) -> String {
    format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1
custom:
  fetch: [apt-get update && apt-get install -y --no-install-recommends hello, test ! -e secret.c && test -e Gemfile.lock]
  build: [{build}]
build:
  base: docker.io/library/debian:trixie
  artifacts: [{{from: greeting, to: /app/greeting}}]
runtime:
  entrypoint: [/app/greeting]
"
    )
}

fn context(build: &str) -> Context {
    Context::of(
        "custom",
        &[("cofferdam.yaml", &manifest(build)), ("secret.c", "int x;\n"), ("Gemfile.lock", "GEM\n")],
    )
}

#[test]
fn what_a_custom_fetch_installs_is_there_when_it_is_built() {
    let image = Build::of(&context("test -e secret.c && cp /usr/bin/hello greeting")).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "Hello, world!\n");
}

#[test]
fn a_custom_build_has_no_network() {
    Build::of(&context("apt-get download bc"))
        .fail()
        .says(&["offline", ">>>   build: [apt-get download bc]"]);
}
