//! What crosses, and what is stopped at the crossing.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::step::LeaveOut;
use crate::tree::memory::Memory;

fn artifact(from: &str, to: &str) -> Artifact {
    Artifact {
        from: from.to_owned(),
        to: to.to_owned(),
        mode: None,
        into: false,
        sha256: None,
        required: true,
        leave_out: None,
    }
}

/// The report of staging `artifacts`, and the directory that they were staged into.
fn staged(input: &dyn Tree, artifacts: Vec<Artifact>) -> (Report, tempfile::TempDir) {
    let out = tempfile::tempdir().unwrap();
    let request = StageRequest {
        artifacts,
        bundles: Vec::new(),
        directories: Vec::new(),
        links: Vec::new(),
        seen_at: "/output".to_owned(),
    };
    let report = stage(input, out.path(), &request).unwrap();
    (report, out)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn only_the_declared_crosses_with_plain_modes() {
    let input = Memory::new()
        .file("bin/app", 0o4711, b"program")
        .file("bin/other", 0o755, b"not declared")
        .file("share/a/b.txt", 0o600, b"text")
        .directory("share/empty", 0o700);
    let (report, out) = staged(&input, vec![artifact("bin/app", "/app/run"), artifact("share", "/data")]);
    assert_eq!(report.findings, []);
    assert_eq!(report.notes[0].message, "`bin/app` crosses, but its setuid bit does not");
    assert_eq!((report.summary.files, report.summary.bytes), (2, 11));
    assert_eq!(fs::read(out.path().join("app/run")).unwrap(), b"program");
    assert_eq!(mode(&out.path().join("app/run")), 0o755);
    assert_eq!(mode(&out.path().join("data/a/b.txt")), 0o644);
    assert_eq!(mode(&out.path().join("data/empty")), 0o755);
    assert!(!out.path().join("app/other").exists());
}

#[test]
fn a_file_goes_into_a_directory_under_its_own_name_and_a_directory_as_its_content() {
    let input = Memory::new().file("conf/app.toml", 0o644, b"a").link("conf/now.toml", "app.toml").file(
        "share/a/b.txt",
        0o644,
        b"b",
    );
    let into = |from: &str, to: &str| Artifact { into: true, ..artifact(from, to) };
    let artifacts = vec![
        into("conf/app.toml", "/etc/app"),
        into("conf/now.toml", "/etc/app"),
        into("share", "/data"),
        into("conf/app.toml", "/"),
    ];
    let (report, out) = staged(&input, artifacts);
    assert_eq!(report.findings, []);
    for (path, content) in
        [("etc/app/app.toml", b"a"), ("etc/app/now.toml", b"a"), ("data/a/b.txt", b"b"), ("app.toml", b"a")]
    {
        assert_eq!(fs::read(out.path().join(path)).unwrap(), content, "{path}");
    }
}

#[test]
fn a_declared_mode_wins_but_gives_no_privileges() {
    let input = Memory::new().file("a", 0o755, b"");
    let (_, out) = staged(&input, vec![Artifact { mode: Some(0o6440), ..artifact("a", "/a") }]);
    assert_eq!(mode(&out.path().join("a")), 0o440);
}

#[test]
fn an_artifact_that_is_or_lies_behind_an_escaping_link_leaks() {
    let input = Memory::new().link("root", "/").link("up", "../etc").file("app/x", 0o644, b"");
    let (report, out) =
        staged(&input, vec![artifact("root", "/a"), artifact("root/etc/passwd", "/b"), artifact("up", "/c")]);
    let messages: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "the artifact `root` is a symbolic link to `/`, outside the builder's output",
            "the artifact `root/etc/passwd` lies behind the symbolic link `root`, which leads to `/`, \
             outside the builder's output",
            "the artifact `up` is a symbolic link to `../etc`, outside the builder's output",
        ]
    );
    assert!(report.findings.iter().all(|finding| finding.rule == "staging-leak"));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn links_inside_an_artifact_keep_their_meaning_elsewhere() {
    let input = Memory::new()
        .file("app/lib/libx.so.1", 0o644, b"x")
        .link("app/lib/libx.so", "libx.so.1")
        .link("app/absolute", "/output/app/lib/libx.so")
        .link("app/lib/round", "../../app/lib")
        .link("app/lib/dangling", "../later")
        .link("current", "app");
    let (report, out) = staged(&input, vec![artifact("current", "/srv/deep/app")]);
    assert_eq!(report.findings, []);
    let target = |path: &str| {
        let target = fs::read_link(out.path().join("srv/deep/app").join(path)).unwrap();
        target.into_os_string().into_string().unwrap()
    };
    assert_eq!(target("lib/libx.so"), "libx.so.1");
    assert_eq!(target("absolute"), "lib/libx.so.1");
    assert_eq!(target("lib/round"), ".");
    assert_eq!(target("lib/dangling"), "../later");
}

#[test]
fn links_that_leave_the_artifact_are_named_with_their_target() {
    let input = Memory::new()
        .file("other/secret", 0o644, b"s")
        .link("app/neighbour", "../other/secret")
        .link("app/system", "/etc/shadow")
        .link("app/loop", "loop");
    let (report, _out) = staged(&input, vec![artifact("app", "/app")]);
    let found: Vec<String> =
        report.findings.iter().map(|finding| format!("{}: {}", finding.path, finding.message)).collect();
    assert_eq!(
        found,
        [
            "app/loop: `app/loop` is a symbolic link to `loop`, which leads round in circles",
            "app/neighbour: `app/neighbour` is a symbolic link to `../other/secret`, which leads out of the \
             artifact `app`",
            "app/system: `app/system` is a symbolic link to `/etc/shadow`, which leads out of the builder's \
             output",
        ]
    );
}

#[test]
fn a_missing_artifact_says_what_is_there() {
    let input = Memory::new().file("bin/server", 0o755, b"").file("bin/worker", 0o755, b"").link("l", "no");
    let optional = Artifact { required: false, ..artifact("nothing", "/n") };
    let artifacts =
        vec![artifact("bin/sever", "/a"), artifact("worker", "/b"), artifact("l", "/c"), optional];
    let (report, _out) = staged(&input, artifacts);
    let told: Vec<(&str, &str)> = report.findings.iter().map(|f| (&*f.message, &*f.help)).collect();
    assert_eq!(
        told,
        [
            ("there is no `bin/sever` to copy", "did you mean `bin/server`? `bin` has `server`, `worker`"),
            ("there is no `worker` to copy", "did you mean `bin/worker`? the output has `bin`, `l`"),
            (
                "`l` cannot be copied: the symbolic link `l` leads to `no`, which is not there",
                "what a link leads to does not come with it: name that file itself, or put it in the link's place"
            ),
        ]
    );
}

#[test]
fn a_missing_file_of_the_context_says_where_it_is_looked_for() {
    let out = tempfile::tempdir().unwrap();
    let request = StageRequest {
        artifacts: vec![artifact("etc/app.conf", "/etc/app.conf")],
        bundles: Vec::new(),
        directories: Vec::new(),
        links: Vec::new(),
        seen_at: "/".to_owned(),
    };
    let report = stage(&Memory::new(), out.path(), &request).unwrap();
    assert_eq!(report.findings[0].message, "there is no `etc/app.conf` to copy");
    assert!(report.findings[0].help.starts_with("it is looked for in the build context"));
}

#[test]
fn devices_and_conflicts_are_findings() {
    let input = Memory::new().special("app/pipe", "named pipe").file("a", 0o644, b"1").file("b", 0o644, b"2");
    let artifacts = vec![
        artifact("app", "/app"),
        artifact("a", "/same"),
        artifact("b", "/same"),
        artifact("b", "/same/below"),
    ];
    let (report, out) = staged(&input, artifacts);
    let codes: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(codes, ["artifact-unsupported", "artifact-conflict"]);
    assert_eq!(fs::read(out.path().join("same")).unwrap(), b"1");
}

#[test]
fn a_declared_link_may_lead_to_another_layer_and_to_one_place_only() {
    let input = Memory::new().file("venv/bin/tool", 0o755, b"").link("venv/bin/python", "/usr/bin/python3");
    let out = tempfile::tempdir().unwrap();
    let link = |path: &str| Link { path: path.to_owned(), target: "/usr/local/bin/python3".to_owned() };
    let request = StageRequest {
        artifacts: vec![artifact("venv", "/app/.venv")],
        bundles: Vec::new(),
        directories: Vec::new(),
        links: vec![link("/app/.venv/bin/python"), link("/app/.venv/bin/tool")],
        seen_at: "/output".to_owned(),
    };
    let report = stage(&input, out.path(), &request).unwrap();
    let target = fs::read_link(out.path().join("app/.venv/bin/python")).unwrap();
    assert_eq!(target.to_str(), Some("/usr/local/bin/python3"));
    let codes: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(codes, ["artifact-conflict"], "a link does not take the place of a file");
}

#[test]
fn a_builder_on_disk_cannot_ship_the_machine() {
    let output = tempfile::tempdir().unwrap();
    symlink("/", output.path().join("app")).unwrap();
    symlink("/etc", output.path().join("etc")).unwrap();
    fs::create_dir(output.path().join("real")).unwrap();
    symlink("../etc/passwd", output.path().join("real/passwd")).unwrap();
    let input = crate::tree::Directory::open(output.path()).unwrap();
    let artifacts = vec![artifact("app", "/app"), artifact("etc/passwd", "/p"), artifact("real", "/real")];
    let (report, out) = staged(&input, artifacts);
    assert_eq!(report.findings.len(), 3);
    assert!(!out.path().join("app").exists() && !out.path().join("p").exists());
    assert_eq!(fs::read_dir(out.path().join("real")).unwrap().count(), 0);
}

#[test]
fn what_is_left_out_stays_behind_with_what_lies_below() {
    let input = Memory::new()
        .file("web/main.js", 0o644, b"1")
        .file("web/lib/test/a.js", 0o644, b"2")
        .file("web/lib/a.TEST.js", 0o644, b"3")
        .file("web/test/deep/a.js", 0o4644, b"4")
        .link("web/test/out", "/etc")
        .file("web/.well-known/x", 0o644, b"5")
        .file("web/.env", 0o644, b"6")
        .file("web/.env\\ ", 0o644, b"7")
        .link("web/.link", "main.js")
        .file("web/ReadMe.md", 0o644, b"8")
        .file("web/lib/deep/node_modules/a", 0o644, b"9")
        .directory("web/empty", 0o755)
        .file("other/main.js", 0o644, b"a");
    let patterns = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
    let leave_out = LeaveOut {
        paths: patterns(&["test", "**/node_modules"]),
        files: patterns(&[".*", "readme.md", "**/*.test.js"]),
    };
    let (report, out) =
        staged(&input, vec![Artifact { leave_out: Some(leave_out), ..artifact("web", "/app") }]);
    assert_eq!((report.findings, report.notes), (Vec::new(), Vec::new()));
    let crossed = crate::tree::Directory::open(&out.path().join("app")).unwrap();
    let crossed = walk(&crossed, &FilePath::root()).unwrap();
    let crossed: Vec<String> = crossed.iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(
        crossed,
        ["/.well-known", "/.well-known/x", "/lib", "/lib/test", "/lib/test/a.js", "/main.js"]
    );
}
