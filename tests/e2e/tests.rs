//! The manifest's tests: run in the finished image, and a build that fails at their lines where they do not succeed.

use std::time::{Duration, Instant};

use crate::support::{AS_JSON, Build, Context, Failed, cached, steps};

const MODULE: &str = "module example.com/a\n\ngo 1.26\n";
/// A program that tells what it finds, and tries what it must not do.
const PROGRAM: &str = r#"package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "version":
		fmt.Println("a 1.2.3")
		fmt.Fprintln(os.Stderr, "verbose")
	case "who":
		directory, _ := os.Getwd()
		fmt.Println(os.Getuid(), os.Getgid(), directory, os.Environ())
	case "write":
		report(os.WriteFile(os.Args[2], []byte("x"), 0o644))
	case "dial":
		_, err := net.DialTimeout("tcp", "1.1.1.1:80", 5*time.Second)
		report(err)
	case "die":
		fmt.Println("one last word")
		os.Exit(7)
	case "hang":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("hanging")
		time.Sleep(time.Hour)
	case "fork":
		child := exec.Command("/app/a", "hang")
		child.Stdout, child.SysProcAttr = os.Stdout, &syscall.SysProcAttr{Setsid: true}
		report(child.Start())
	case "serve":
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Second)
		http.HandleFunc("/teapot", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) })
		http.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
		report(http.ListenAndServe(":8080", nil))
	}
}

func report(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
"#;

/// The program with these tests, which begin at line 6.
fn context(cmd: &str, tests: &str) -> Context {
    let manifest = format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1\nname: a\nlanguage: go\nruntime: {{cmd: [{cmd}], ports: [8080], writable: [/data]}}\ntests:\n{tests}"
    );
    Context::of("tests", &[("go.mod", MODULE), ("main.go", PROGRAM), ("cofferdam.yaml", &manifest)])
}

fn nowhere() -> [String; 1] {
    ["--output=type=cacheonly".to_owned()]
}

#[track_caller]
fn failed(cmd: &str, tests: &str) -> Failed {
    Build::of(&context(cmd, tests)).fail().clear()
}

const GOOD: &str = r#"  - run: [/app/a, version]
    stdout: {equals: a 1.2.3, contains: "1.2", matches: "a *.*.*"}
    stderr: {equals: verbose}
  - run: [/app/a, who]
    stdout: {matches: "65532 65532 /app *HOME=/home/nonroot *PATH=*"}
  - run: [/app/a, write, /data/x]
  - run: [/app/a, write, /tmp/x]
  - run: [/app/a, write, /app/x]
    exit: 1
    stdout: {contains: read-only file system}
  - run: [/app/a, dial]
    exit: 1
    stdout: {contains: network is unreachable}
  - {file: /app/a, mode: 0755, owner: 0:0}
  - {file: /bin/sh, absent: true}
  - http: /
  - http: {path: /teapot, status: 418}
"#;

#[test]
fn each_kind_succeeds_and_leaves_nothing() {
    let tested = Build::of(&context("serve", GOOD)).push();
    let plain = Build::of(&context("serve", "  []\n")).push();
    assert_eq!(tested.layers("linux/amd64"), plain.layers("linux/amd64"), "tests change nothing that ships");
    assert_eq!(tested.digest("linux/amd64"), plain.digest("linux/amd64"), "nor anything that is said of it");
    assert!(tested.log.contains("a 1.2.3"), "a test's output is in the log:\n{}", tested.log);
}

#[test]
fn each_kind_fails_at_its_line_with_what_came() {
    failed(
        "die",
        r#"  - run: [/app/a, version]
    exit: 2
  - run: [/app/a, version]
    stdout: {equals: a 2}
  - run: [/app/a, version]
    stderr: {matches: "q*"}
  - run: [/app/b]
  - run: [/app/a, hang]
    timeout: 1s
  - file: /bin/sh
  - {file: /app/a, mode: 0555}
  - {file: /app/a, owner: 1:2}
  - {file: /app/a, absent: true}
  - http: /
"#,
    )
    .says(&[
        "cofferdam.yaml:6:11: error[test-failed]: run /app/a version: it ended with exit code 0, not with exit code 2",
        "cofferdam.yaml:8:11: error[test-failed]: run /app/a version: its standard output is `a 1.2.3`, and should equal `a 2`",
        "cofferdam.yaml:10:11: error[test-failed]: run /app/a version: its standard error is `verbose`, and should match `q*`",
        "cofferdam.yaml:12:11: error[test-failed]: run /app/b: it cannot be started: No such file or directory",
        "cofferdam.yaml:13:11: error[test-failed]: run /app/a hang: it still runs after 1 s",
        "    hanging",
        "cofferdam.yaml:15:11: error[test-failed]: look at /bin/sh: it is not there",
        "cofferdam.yaml:16:12: error[test-failed]: look at /app/a: it has the mode 0755, not 0555",
        "cofferdam.yaml:17:12: error[test-failed]: look at /app/a: it belongs to 0:0, not to 1:2",
        "cofferdam.yaml:18:12: error[test-failed]: look at /app/a: it is there",
        "cofferdam.yaml:19:11: error[test-failed]: GET http://127.0.0.1:8080/: it ended with exit code 7 before anything listened on port 8080",
        "    one last word",
    ])
    .at_line(6)
    .at_line(19);
}

#[test]
fn a_service_answers_otherwise_or_elsewhere() {
    failed("serve", "  - http: {path: /teapot, status: 204}\n  - http: {path: /, port: 8081, timeout: 3s}\n").says(&[
        "cofferdam.yaml:6:11: error[test-failed]: GET http://127.0.0.1:8080/teapot: it answers with status 418, not 204",
        "error[test-failed]: GET http://127.0.0.1:8081/: nothing listens on port 8081 in time: Connection refused",
    ]);
}

#[test]
fn what_a_process_leaves_running_does_not_keep_the_build() {
    let before = Instant::now();
    Build::of(&context("serve", "  - run: [/app/a, fork]\n")).succeed(&nowhere());
    assert!(before.elapsed() < Duration::from_mins(30), "what it left sleeps for an hour");
}

#[test]
fn the_target_runs_the_tests_and_yields_nothing() {
    let context = context("serve", "  - run: [/app/a, version]\n");
    let out = context.path().with_extension("out");
    let to = |directory: &std::path::Path| [format!("--output={}", directory.display())];
    let log = Build::of(&context).flag("--target=test").flag(AS_JSON).succeed(&to(&out));
    assert!(steps(&log).iter().any(|step| step["name"] == "[test 1/1] run /app/a version"), "{log}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "nothing comes out");
    std::fs::remove_dir_all(&out).unwrap();
    let context = context.replacing("cofferdam.yaml", "version]", "die]");
    Build::of(&context)
        .flag("--target=test")
        .fail()
        .clear()
        .at_line(6)
        .says(&["test-failed", "one last word"]);
    // Parts of a build are there to look at, above all where its tests fail.
    let log = Build::of(&context).flag("--target=rootfs").succeed(&nowhere());
    assert!(!log.contains("[test "), "{log}");
    let untested = context.replacing("cofferdam.yaml", "  - run: [/app/a, die]", "  []");
    Build::of(&untested).flag("--target=test").fail().says(&["the manifest has no `tests`"]);
}

#[test]
fn a_request_is_made_to_the_usual_process_alone() {
    let context = |web: &str| {
        let processes = format!("processes: {{web: [/app/a, {web}], worker: [/app/a, die]}}");
        context("serve", "  - http: /\n").replacing("cofferdam.yaml", "cmd: [serve]", &processes)
    };
    let serving = context("serve");
    Build::of(&serving).succeed(&nowhere());
    // It listens nowhere, and nobody says that it does.
    Build::of(&serving).flag("--target=worker").succeed(&nowhere());
    let dying = context("die");
    Build::of(&dying).flag("--target=web").fail().clear().at_line(6).says(&["it ended with exit code 7"]);
}

#[test]
fn tests_are_cached_and_run_again_like_the_inspection() {
    let context = context("serve", "  - run: [/app/a, version]\n");
    let build = Build::of(&context).flag(AS_JSON);
    build.succeed(&nowhere());
    assert!(cached(&build.succeed(&nowhere()), "[test 1/1]"), "nothing changed");
    assert!(!cached(&build.clone().flag("--no-cache-filter=final").succeed(&nowhere()), "[test 1/1]"));
    assert!(!cached(&build.clone().flag("--no-cache").succeed(&nowhere()), "[test 1/1]"));
}

#[test]
fn what_the_daemon_cannot_run_is_told() {
    let context = context("serve", "  - run: [/app/a, version]\n");
    let arm64 = Build::of(&context).flag("--platform=linux/arm64");
    let log = arm64.succeed(&nowhere());
    assert!(log.contains("tests-not-run: the daemon cannot run programs for linux/arm64 (line 6)"), "{log}");
    assert!(!log.contains("[test 1/1]"), "{log}");
    arm64.arg("COFFERDAM_CHECK", "error=true").fail().clear().at_line(6).says(&["tests-not-run"]);
    let out = context.path().with_extension("out");
    let to = [format!("--output={}", out.display())];
    Build::of(&context).flag("--target=test").flag("--platform=linux/amd64,linux/arm64").succeed(&to);
    let platforms = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap());
    assert!(platforms.into_iter().all(|entry| entry.path().read_dir().unwrap().next().is_none()));
    std::fs::remove_dir_all(&out).unwrap();
}
