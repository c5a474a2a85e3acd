//! What is said where a builder lacks a library or a tool, of what compilers and their like really write.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::{Command, Output};

/// Runs a command of the shell below the program that judges its errors, in a directory of its own.
fn judged(command: &str) -> Output {
    let place = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/lacking.sh");
    let log = place.path().join("kept/log");
    std::fs::create_dir(log.parent().unwrap()).unwrap();
    let arguments = [script.as_os_str(), log.as_os_str(), "sh".as_ref(), "-c".as_ref(), command.as_ref()];
    Command::new("sh").args(arguments).current_dir(place.path()).output().unwrap()
}

/// What is said of a command that fails with these errors.
fn lacking(errors: &str) -> String {
    let output = judged(&format!("cat >&2 <<'ERRORS'\n{errors}\nERRORS\nexit 1"));
    assert_eq!(output.status.code(), Some(1));
    text(&output.stderr).strip_prefix(&format!("{errors}\n")).unwrap().to_owned()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_package_of_what_is_missing_is_named() {
    for (errors, packages) in [
        (
            "./psycopg/psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory\n   35 | #include",
            "libpq-dev",
        ),
        (
            "Error: pg_config executable not found.\n\npg_config is required to build psycopg2 from source.",
            "libpq-dev",
        ),
        ("src/a.c:1:10: fatal error: 'openssl/opensslv.h' file not found", "libssl-dev"),
        ("Modules/constants.h:7:10: fatal error: lber.h: No such file or directory", "libldap-dev"),
        (
            "/usr/bin/ld: cannot find -lodbc: No such file or directory\ncollect2: error: ld returned 1",
            "unixodbc-dev",
        ),
        ("rust-lld: error: unable to find library -lpq", "libpq-dev"),
        ("No package 'cairo' found", "libcairo2-dev"),
        ("Package pangocairo was not found in the pkg-config search path.", "libpango1.0-dev"),
        ("Package 'libxml-2.0', required by 'virtual:world', not found", "libxml2-dev"),
        ("../meson.build:31:12: ERROR: Dependency \"cairo\" not found, tried pkgconfig", "libcairo2-dev"),
        (
            "Dependency lookup for girepository-2.0 with method 'pkgconfig' failed: not there",
            "libgirepository-2.0-dev",
        ),
        (
            "Command 'pkg-config --exists mysqlclient' returned non-zero exit status 1.",
            "default-libmysqlclient-dev",
        ),
        ("/bin/sh: 1: xmlsec1-config: not found", "libxmlsec1-dev"),
        (
            "Error: Please make sure the libxml2 and libxslt development packages are installed.\nxslt-config: not found",
            "libxslt1-dev",
        ),
        (
            "failed to execute command: No such file or directory (os error 2)\nis `cmake` not installed?",
            "cmake",
        ),
        ("ERROR: Unknown compiler(s): [['gfortran'], ['flang']]", "gfortran"),
        ("error: command 'gcc' failed: No such file or directory", "build-essential"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "cmake"),
        ("Could not find `protoc`. If `protoc` is installed, try", "protobuf-compiler"),
        ("  The system library `openssl` required by crate `openssl-sys` was not found.", "libssl-dev"),
        (
            "a.c:1:10: fatal error: zmq.h: No such file or directory\nb.c:1:10: fatal error: png.h: No such file or directory",
            "libzmq3-dev, libpng-dev",
        ),
    ] {
        let said = lacking(errors);
        assert!(said.contains(&format!("`build: {{packages: [{packages}]}}`")), "{errors}: {said}");
    }
}

#[test]
fn nothing_is_said_of_what_no_package_has() {
    for errors in [
        "a.c:1:10: fatal error: own.h: No such file or directory",
        "gcc: error: a.c: No such file or directory",
        "git is a program; the module was not found",
        "src/ffi.c:3: error: expected declaration",
        "checking for zlib.h... yes",
        "/usr/include/openssl/ssl.h:1: error",
        "Module not found: Error: Can't resolve 'uuid/v4'",
        "FileNotFoundError: [Errno 2] No such file or directory: 'unicode/data.txt'",
        "warning: git not found, version is 0.0.0",
        "",
    ] {
        assert_eq!(lacking(errors), "", "{errors}");
    }
}

#[test]
fn a_command_keeps_its_output_and_its_status() {
    let good = judged("echo out; echo err >&2");
    assert_eq!((text(&good.stdout), text(&good.stderr), good.status.code()), ("out\n", "err\n", Some(0)));
    let bad = judged("echo out; echo 'cannot find -lz' >&2; exit 7");
    assert_eq!((text(&bad.stdout), bad.status.code()), ("out\n", Some(7)));
    assert!(text(&bad.stderr).starts_with("cannot find -lz\ncofferdam: "), "{bad:?}");
    assert!(text(&bad.stderr).contains("[zlib1g-dev]"), "{bad:?}");
    // As a build does that cleans all of `/tmp`, or is killed, or finds no room for the log.
    assert_eq!(judged("rm -r ../*/kept; exit 3").status.code(), Some(3));
    assert_eq!(judged("kill -9 $$").status.code(), Some(137));
    assert_eq!(judged("rm -r kept; echo fine >&2").status.code(), Some(0));
}

#[test]
fn what_a_command_leaves_running_holds_nothing_up() {
    let left = judged("sleep 600 > /dev/null & echo $!; exit 5");
    assert_eq!(left.status.code(), Some(5));
    let number = text(&left.stdout).trim();
    // That it is still there tells that nobody waited for it.
    let stopped = Command::new("kill").arg(number).status().unwrap();
    assert!(stopped.success());
}
