//! Our program that fetches Python packages, run by the machine's Python against an index on this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

/// Runs the tests of a module in `tests/python_fetch`; they are in Python because what they try is.
fn passes(module: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_fetch");
    let argv = ["-B", "-m", "unittest", module];
    let done = Command::new("python3").args(argv).current_dir(directory).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn bytes_come_from_indexes_alone_with_their_digests() {
    passes("test_indexes");
}

#[test]
fn lock_files_are_understood_whole() {
    passes("test_locks");
}

#[test]
fn nothing_ships_of_what_builds_leave_behind() {
    passes("test_package");
}

#[test]
fn what_was_downloaded_before_is_held_against_the_lock_again() {
    passes("test_kept");
}

#[test]
fn what_comes_as_source_only_is_chosen_by_what_it_declares() {
    passes("test_source");
}
