//! The test step on processes of this machine.

#![allow(clippy::disallowed_methods, reason = "a bound on time is what is tested")]

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::{Duration, Instant};

use cofferdam::step::{FileState, Output, Report, Test, TestRequest, encode};
use rustix::process::{getgid, getuid};

use super::Bench;

fn request(argv: &[&str], test: Test) -> TestRequest {
    TestRequest {
        uid: getuid().as_raw(),
        gid: getgid().as_raw(),
        workdir: "/".to_owned(),
        env: [("PATH", "/usr/bin:/bin"), ("GREETING", "hello")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        test,
    }
}

fn tested(bench: &Bench, argv: &[&str], test: Test) -> Report {
    bench.run("test", &encode(&request(argv, test))).unwrap()
}

/// What is wrong, and the last lines that were written; empty where the test succeeds.
fn told(report: &Report) -> (String, Vec<&str>) {
    let wrong: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
    (wrong.join("; "), report.notes.iter().map(|note| note.message.as_str()).collect())
}

/// A test of what a shell's script does.
fn script(text: &str) -> (Vec<String>, Test) {
    let argv = ["sh", "-c", text].map(str::to_owned).to_vec();
    let (stdout, stderr) = (Output::default(), Output::default());
    (argv.clone(), Test::Run { argv, exit: 0, stdout, stderr, timeout: 20 })
}

fn run(text: &str, change: impl FnOnce(&mut u8, &mut Output, &mut Output, &mut u16)) -> Report {
    let (_, mut test) = script(text);
    if let Test::Run { exit, stdout, stderr, timeout, .. } = &mut test {
        change(exit, stdout, stderr, timeout);
    }
    tested(&Bench::new(), &[], test)
}

fn equals(text: &str) -> Output {
    Output { equals: Some(text.to_owned()), ..Output::default() }
}

#[test]
fn a_command_does_what_is_claimed() {
    let report = run("echo $GREETING; pwd; echo oops >&2; exit 3", |exit, stdout, stderr, _| {
        *exit = 3;
        *stdout = equals("hello\n/");
        stderr.contains = Some("oops".to_owned());
        stderr.matches = Some("o*s".to_owned());
    });
    assert_eq!(report, Report::default(), "a test that succeeds has nothing to tell");
}

#[test]
fn a_command_has_the_home_that_the_images_accounts_or_variables_tell() {
    let bench = Bench::new();
    let argv = ["sh", "-c", "echo $HOME"].map(str::to_owned).to_vec();
    let test = |home: &str| {
        let (stdout, stderr) = (equals(home), Output::default());
        Test::Run { argv: argv.clone(), exit: 0, stdout, stderr, timeout: 20 }
    };
    assert_eq!(tested(&bench, &[], test("/")), Report::default());
    fs::create_dir_all(bench.mounts.image.join("etc")).unwrap();
    let accounts = format!("me:x:{}:0::/home/me:/bin/sh\n", getuid().as_raw());
    fs::write(bench.mounts.image.join("etc/passwd"), accounts).unwrap();
    assert_eq!(tested(&bench, &[], test("/home/me")), Report::default());
    let mut said = request(&[], test("/said"));
    said.env.insert("HOME".to_owned(), "/said".to_owned());
    assert_eq!(bench.run("test", &encode(&said)).unwrap(), Report::default());
}

#[test]
fn a_command_does_something_else() {
    let report = run("echo a; echo b >&2", |exit, _, _, _| *exit = 1);
    assert_eq!(told(&report), ("it ended with exit code 0, not with exit code 1".to_owned(), vec!["a", "b"]));
    let report = run("kill -9 $$", |_, _, _, _| {});
    assert_eq!(told(&report).0, "it ended with signal 9, not with exit code 0");
    let report = run("echo a", |_, stdout, _, _| *stdout = equals("b"));
    assert_eq!(told(&report), ("its standard output is `a`, and should equal `b`".to_owned(), vec!["a"]));
    let report = run("echo a >&2", |_, _, stderr, _| stderr.contains = Some("b".to_owned()));
    assert_eq!(told(&report).0, "its standard error is `a`, and should have `b`");
    let (_, test) = script("");
    let Test::Run { exit, stdout, stderr, timeout, .. } = test else { unreachable!() };
    let test = Test::Run { argv: vec!["no-such-program".to_owned()], exit, stdout, stderr, timeout };
    let report = tested(&Bench::new(), &[], test);
    assert_eq!(told(&report).0, "it cannot be started: No such file or directory (os error 2)");
}

#[test]
fn what_does_not_end_is_ended() {
    let before = Instant::now();
    let report =
        run("echo started; trap '' TERM; while :; do sleep 1; done", |_, _, _, timeout| *timeout = 1);
    assert_eq!(told(&report), ("it still runs after 1 s".to_owned(), vec!["started"]));
    // A process of its own group that lives on, with the streams in its hands.
    let report = run("sleep 60 & echo started", |_, stdout, _, _| *stdout = equals("started"));
    assert_eq!(report, Report::default());
    let report = run("setsid sleep 30 & exit 1", |_, _, _, _| {});
    assert_eq!(told(&report).0, "it ended with exit code 1, not with exit code 0");
    assert!(before.elapsed() < Duration::from_secs(25), "{:?}", before.elapsed());
}

#[test]
fn files_are_as_they_are_claimed_to_be() {
    let bench = Bench::new();
    let path = bench.mounts.image.join("file");
    std::fs::write(&path, "x").unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    symlink("/file", bench.mounts.image.join("link")).unwrap();
    symlink("/etc/passwd", bench.mounts.image.join("dangling")).unwrap();
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    let like = FileState { mode: Some(0o640), uid: Some(uid), gid: Some(gid) };
    let file = |path: &str, like: Option<FileState>| {
        told(&tested(&bench, &[], Test::File { path: path.to_owned(), like })).0
    };
    for path in ["/file", "/link"] {
        assert_eq!(file(path, Some(like)), "");
        assert_eq!(file(path, Some(FileState::default())), "");
        assert_eq!(file(path, None), "it is there");
        let other = FileState { mode: Some(0o444), ..like };
        assert_eq!(file(path, Some(other)), "it has the mode 0640, not 0444");
        let other = FileState { gid: Some(gid + 1), ..like };
        assert_eq!(file(path, Some(other)), format!("it belongs to {uid}:{gid}, not to {uid}:{}", gid + 1));
    }
    assert_eq!(file("/other", None), "");
    assert_eq!(file("/other", Some(like)), "it is not there");
    // The image is the whole world: what this machine has counts for nothing.
    assert_eq!(file("/dangling", Some(like)), "it is not there");
    assert_eq!(file("/dangling", None), "it is there, as a link to nothing");
    assert_eq!(file("/etc/passwd", None), "");
}

/// A server that answers one request, and the port that it listens on.
fn answers(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let read = stream.read(&mut asked).unwrap();
        assert!(asked[..read].starts_with(b"GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:"));
        for byte in answer.bytes() {
            stream.write_all(&[byte]).unwrap();
        }
    });
    port
}

fn http(argv: &[&str], port: u16, timeout: u16) -> (String, Duration) {
    let before = Instant::now();
    let test = Test::Http { path: "/x?y".to_owned(), port, status: 200, timeout };
    let report = tested(&Bench::new(), argv, test);
    (told(&report).0, before.elapsed())
}

#[test]
fn one_request_tells_the_status() {
    let sleep = &["sleep", "60"];
    assert_eq!(http(sleep, answers("HTTP/1.1 200 OK\r\n\r\n"), 20).0, "");
    assert_eq!(http(sleep, answers("HTTP/1.0 200\r\n"), 20).0, "");
    assert_eq!(http(sleep, answers("HTTP/1.1 503 No\r\n\r\n"), 20).0, "it answers with status 503, not 200");
    for (answer, told) in [
        ("", "it gives no answer: `` is not how HTTP/1.1 answers"),
        ("SSH-2.0-x\r\n", "it gives no answer: `SSH-2.0-x` is not how HTTP/1.1 answers"),
        ("HTTP/1.1 abc\r\n", "it gives no answer: `HTTP/1.1 abc` is not how HTTP/1.1 answers"),
    ] {
        assert_eq!(http(sleep, answers(answer), 20).0, told);
    }
}

#[test]
fn what_does_not_answer_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let (told, took) = http(&["sleep", "60"], port, 1);
    assert!(told.starts_with("it gives no answer: ") && took < Duration::from_secs(10), "{told} {took:?}");
    drop(silent);
    let (told, _) = http(&["sleep", "60"], port, 1);
    assert_eq!(told, format!("nothing listens on port {port} in time: Connection refused (os error 111)"));
    let (told, took) = http(&["sh", "-c", "exit 7"], port, 60);
    assert_eq!(told, format!("it ended with exit code 7 before anything listened on port {port}"));
    assert!(took < Duration::from_secs(20), "{took:?}");
}
