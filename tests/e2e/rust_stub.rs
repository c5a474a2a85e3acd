//! The trap of Rust's dependency layer: whatever times the source files carry, the real program ships.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::support::{AS_JSON, Build, Context, cached, new_word, run, said};

#[test]
fn the_program_is_never_the_stub() {
    let day = Duration::from_hours(24);
    let now = SystemTime::now();
    let times = [
        ("at the beginning of time", SystemTime::UNIX_EPOCH),
        ("yesterday", now - day),
        ("in the future", now + 365 * day),
    ];
    for (when, time) in times {
        for change in ["first", "second"] {
            let nonce = new_word();
            let context = Context::example("rust-workspace")
                .with("crates/words/mottos.txt", format!("{nonce}\n"))
                .replacing(
                    "crates/cli/src/main.rs",
                    "motto.to_uppercase()",
                    &format!("format!(\"{{motto}} {nonce}\")"),
                )
                .touched(time);
            let image = Build::of(&context).flag(AS_JSON).push();
            assert!(
                !cached(&image.log, "compile motto for"),
                "source files {when}, {change} build:\n{}",
                image.log
            );
            let said = run(&image.reference, &["--network", "none"], &[]);
            assert_eq!(said, format!("{nonce} {nonce}\n"), "source files {when}, {change} build");
        }
    }
}

/// The example with a program that no build had before.
///
/// A daemon may know what a build it has seen comes to, and have forgotten the layers in between: a program that must be
/// compiled brings those back.
fn a_new_program() -> Context {
    let line = format!("\n// {}\n", new_word());
    Context::example("rust-service").appending("src/main.rs", &line)
}

#[test]
fn an_edit_of_the_program_keeps_the_dependencies() {
    Build::of(&a_new_program()).succeed(&["--output=type=cacheonly".to_owned()]);
    let log = Build::of(&a_new_program()).succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("Compiling counter "), "the program was compiled:\n{log}");
    assert!(!log.contains("Compiling serde "), "dependencies were compiled again:\n{log}");
}

#[test]
fn an_edit_of_the_manifest_compiles_no_dependency_again() {
    // The layer of dependencies is made anew for this edit, so that cargo runs where it keeps what it compiled.
    let edited = || a_new_program().appending("Cargo.toml", &format!("\n# {}\n", new_word()));
    Build::of(&edited()).succeed(&["--output=type=cacheonly".to_owned()]);
    let log = Build::of(&edited()).flag(AS_JSON).succeed(&["--output=type=cacheonly".to_owned()]);
    let compiles = "compile dependencies";
    assert!(!cached(&log, compiles), "the step of the dependencies runs:\n{log}");
    assert!(
        !said(&log, compiles).contains("Compiling serde "),
        "what did not change is compiled again:\n{log}"
    );
    assert!(
        said(&log, "compile counter for").contains("Compiling counter "),
        "the program was compiled:\n{log}"
    );
}

#[test]
fn an_edit_of_a_vendored_crate_reaches_the_program() {
    let lock = fs::read_to_string("examples/rust-service/Cargo.lock").unwrap();
    let source = lock.lines().find(|line| line.starts_with("source = ")).unwrap();
    let checksum = "0".repeat(64);
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"tiny\",\n]\n\n\
        [[package]]\nname = \"tiny\"\nversion = \"1.0.0\"\n{source}\nchecksum = \"{checksum}\"\n"
    );
    let sums = format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}");
    let files = [
        ("cofferdam.yaml", "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: rust\n"),
        (
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ntiny = \"1\"\n",
        ),
        ("Cargo.lock", &lock),
        (
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n",
        ),
        ("src/main.rs", "fn main() { println!(\"{}\", tiny::said()) }\n"),
        ("vendor/tiny/Cargo.toml", "[package]\nname = \"tiny\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
        ("vendor/tiny/.cargo-checksum.json", &sums),
    ];
    for said in ["as published", "with a patch"] {
        let tiny = format!("pub fn said() -> &'static str {{ \"{said}\" }}\n");
        let context = Context::of("vendored", &files).with("vendor/tiny/src/lib.rs", tiny);
        let image = Build::of(&context).push();
        assert_eq!(run(&image.reference, &["--network", "none"], &[]), format!("{said}\n"));
    }
}
