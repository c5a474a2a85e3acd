//! The same input gives the same bytes, on another machine and another day.

use std::time::{Duration, SystemTime};

use crate::support::{Build, Context, Daemon};

/// Two checkouts that differ in all that a checkout may differ in, built on two daemons that share nothing.
fn is_reproducible(example: &str) {
    Daemon::Second.with_an_empty_cache();
    let day = Duration::from_hours(24);
    let one = Context::example(example).with_umask(0o022).touched(SystemTime::now());
    let other = Context::example(example).with_umask(0o002).touched(SystemTime::now() - 400 * day);
    let first = Build::of(&one).flag("--no-cache").push();
    let second = Build::of(&other).on(Daemon::Second).push();
    let platform = "linux/amd64";
    assert_eq!(first.config(platform), second.config(platform), "{example}: the configuration differs");
    assert_eq!(first.layers(platform), second.layers(platform), "{example}: a layer differs");
    assert_eq!(first.digest(platform), second.digest(platform), "{example}: the manifest differs");
}

#[test]
fn a_go_image_is_the_same_from_two_daemons() {
    is_reproducible("go-service");
}

#[test]
fn a_rust_image_is_the_same_from_two_daemons() {
    is_reproducible("rust-workspace");
}

#[test]
fn an_epoch_is_honoured() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).arg("SOURCE_DATE_EPOCH", "1700000000").push();
    assert_eq!(image.config("linux/amd64")["created"], "2023-11-14T22:13:20Z");
}

#[test]
fn a_python_image_is_the_same_from_two_daemons() {
    is_reproducible("python-django");
}

#[test]
fn a_java_image_is_the_same_from_two_daemons() {
    is_reproducible("java-modules");
}

#[test]
fn a_static_site_is_the_same_from_two_daemons() {
    is_reproducible("static-vite");
}
