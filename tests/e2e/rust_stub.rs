//! The trap of Rust's dependency layer: whatever times the source files carry, the real program ships.

use std::time::{Duration, SystemTime};

use crate::support::{Build, Context, run};

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
            let nonce =
                format!("{change}-{}", now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos());
            let context = Context::example("rust-workspace")
                .with("crates/words/mottos.txt", format!("{nonce}\n"))
                .replacing(
                    "crates/cli/src/main.rs",
                    "motto.to_uppercase()",
                    &format!("format!(\"{{motto}} {nonce}\")"),
                )
                .touched(time);
            let image = Build::of(&context).push();
            let said = run(&image.reference, &["--network", "none"], &[]);
            assert_eq!(said, format!("{nonce} {nonce}\n"), "source files {when}, {change} build");
        }
    }
}

#[test]
fn an_edit_of_the_program_keeps_the_dependencies() {
    let context = Context::example("rust-service");
    Build::of(&context).succeed(&["--output=type=cacheonly".to_owned()]);
    let edited = Context::example("rust-service").replacing(
        "src/main.rs",
        "counts its visitors",
        "counts all visitors",
    );
    let log = Build::of(&edited).succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(!log.contains("Compiling serde "), "dependencies were compiled again:\n{log}");
}

#[test]
fn an_edit_of_the_manifest_compiles_no_dependency_again() {
    let context = Context::example("rust-service");
    Build::of(&context).succeed(&["--output=type=cacheonly".to_owned()]);
    let edited =
        context.appending("Cargo.toml", "\n# An edit.\n").appending("src/main.rs", "\n// An edit.\n");
    let log = Build::of(&edited).succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("Compiling counter "), "the program was compiled:\n{log}");
    assert!(!log.contains("Compiling serde "), "dependencies were compiled again:\n{log}");
}
