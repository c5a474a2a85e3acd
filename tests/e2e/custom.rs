//! Applications by commands of their own: what is fetched stays in the builder, and what builds has no network.

use crate::secrets::{Proxy, keeps_the_secret, search, with_secret};
use crate::support::{Build, Context, run};

fn manifest(build: &str) -> String {
    format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1
custom:
  fetch: [apt-get update && apt-get install -y --no-install-recommends hello, test ! -e secret.c && cp Gemfile.lock fetched]
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
    let image =
        Build::of(&context("test -e secret.c && test -e fetched && cp /usr/bin/hello greeting")).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "Hello, world!\n");
}

#[test]
fn a_custom_build_has_no_network() {
    Build::of(&context("apt-get download bc"))
        .fail()
        .says(&["offline", ">>>   build: [apt-get download bc]"]);
}

#[test]
fn of_a_fetch_with_a_secret_the_work_tree_stays_and_what_the_root_has_is_nowhere() {
    let files = Context::empty("private-custom");
    let proxy = Proxy::start(files.path());
    let manifest = format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1
fetch:
  secrets: [{{id: password, env: PASSWORD}}, ca-certificates]
custom:
  fetch:
    - apt-get update && apt-get install -y --no-install-recommends curl unzip
    - curl -fsS -u \"robot:$PASSWORD\" --create-dirs -o vendor/word.jar https://{}/maven/com/example/private-word/1.0.0/private-word-1.0.0.jar
    - [unzip, vendor/word.jar, -d, vendor]
    - echo \"$PASSWORD\" | tee /root/kept /kept >/dev/null
  build: [test ! -e /usr/bin/curl && test ! -e /root/kept && cp /usr/bin/cat vendor/word.txt .]
build:
  base: docker.io/library/debian:trixie
  artifacts: [{{from: cat, to: /app/cat}}, {{from: word.txt, to: /app/word.txt}}]
runtime:
  entrypoint: [/app/cat, /app/word.txt]
",
        proxy.address
    );
    let context = Context::of("private-custom-app", &[("cofferdam.yaml", &manifest)]);
    let out = Context::empty("private-custom-cache");
    let build = with_secret(&context, files.path(), "password", "password")
        .flag("--no-cache")
        .flag(format!("--cache-to=type=local,dest={},mode=max", out.path().display()));
    keeps_the_secret(&build.flag("--provenance=mode=max").push());
    search("the cache", out.path());
}

#[test]
fn a_command_that_fails_to_fetch_is_the_last_one_told_and_no_link_is_a_manifest() {
    let failing =
        context("true").replacing("cofferdam.yaml", "cp Gemfile.lock fetched", "cp Gemfile.lock /no/where");
    Build::of(&failing).fail().says(&["cp Gemfile.lock /no/where", "cannot create", ">>>   fetch: ["]);
    let linked = context("true").without("Gemfile.lock");
    std::os::unix::fs::symlink("/root/.netrc", linked.path().join("Gemfile.lock")).unwrap();
    Build::of(&linked).fail().says(&["cofferdam: Gemfile.lock is a link"]);
}
