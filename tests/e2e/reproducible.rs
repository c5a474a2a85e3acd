//! The same input gives the same bytes, on another machine and another day.

use std::time::{Duration, SystemTime};

use crate::support::{Build, Context, Daemon, buildx};

const AMD64: &str = "linux/amd64";
const ARM64: &str = "linux/arm64";

/// Two checkouts that differ in all that a checkout may differ in, built on two daemons that share nothing.
fn is_reproducible(example: &str, platforms: &[&str]) {
    Daemon::Second.with_an_empty_cache();
    for (daemon, snapshotter) in [(Daemon::Main, "overlayfs"), (Daemon::Second, "native")] {
        let said = buildx().args(["inspect", daemon.builder()]).stdout();
        let label = format!("org.mobyproject.buildkit.worker.snapshotter: {snapshotter}");
        let said: Vec<String> =
            said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert!(said.contains(&label), "{daemon:?}: {said:#?}");
    }
    let day = Duration::from_hours(24);
    let checkout = |umask, time| {
        let context = Context::example(example);
        if example == "binary" {
            ["amd64", "arm64"].iter().for_each(|it| crate::examples::compile_agent(context.path(), it));
        }
        context.with_umask(umask).touched(time)
    };
    let one = checkout(0o022, SystemTime::now());
    let other = checkout(0o002, SystemTime::now() - 400 * day);
    let asked = format!("--platform={}", platforms.join(","));
    let first = Build::of(&one).flag(&asked).flag("--no-cache").push();
    let second = Build::of(&other).flag(&asked).on(Daemon::Second).push();
    for platform in platforms {
        assert_eq!(first.config(platform), second.config(platform), "{example}: the configuration differs");
        assert_eq!(first.layers(platform), second.layers(platform), "{example}: a layer differs");
        assert_eq!(first.digest(platform), second.digest(platform), "{example}: the manifest differs");
    }
}

#[test]
fn a_go_image_is_the_same_from_two_daemons() {
    is_reproducible("go-service", &[AMD64, ARM64]);
}

#[test]
fn an_image_of_given_programs_is_the_same_from_two_daemons() {
    is_reproducible("binary", &[AMD64, ARM64]);
}

#[test]
fn a_rust_image_is_the_same_from_two_daemons() {
    is_reproducible("rust-workspace", &[AMD64]);
}

#[test]
fn an_epoch_is_honoured() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).arg("SOURCE_DATE_EPOCH", "1700000000").push();
    assert_eq!(image.config("linux/amd64")["created"], "2023-11-14T22:13:20Z");
}

#[test]
fn a_python_image_is_the_same_from_two_daemons() {
    is_reproducible("python-django", &[AMD64]);
}

#[test]
fn a_java_image_is_the_same_from_two_daemons() {
    is_reproducible("java-modules", &[AMD64]);
}

#[test]
fn a_static_site_is_the_same_from_two_daemons() {
    is_reproducible("static-vite", &[AMD64]);
}
