//! Where a build's files may come from, and what may take the place of its images.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::support::{Build, Context, Files, Finished, Process, Repository, buildx, lab};

const MANIFEST: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\n";
const MODULE: &str = "module example.com/hello\n\ngo 1.26\n";

fn program(says: &str) -> String {
    format!("package main\n\nfunc main() {{ println(\"{says}\") }}\n")
}

/// An application that says its name.
pub(crate) fn application(name: &str) -> Context {
    Context::of(
        name,
        &[("cofferdam.yaml", MANIFEST), ("go.mod", MODULE), ("main.go", &program(&format!("I am {name}")))],
    )
}

/// A build by hand, into a directory.
pub(crate) struct Run {
    destination: PathBuf,
    pub(crate) finished: Finished,
}

pub(crate) fn build(name: &str, args: &[&str], stdin: Option<&Path>) -> Run {
    let destination =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-out", std::process::id()));
    let output = format!("--output=type=local,dest={}", destination.display());
    let fixed = ["build", "--progress=plain", "--builder=cofferdam", "--provenance=false", &output];
    let mut command = buildx().args(fixed).args(args).env("NO_COLOR", "1").into_command();
    if let Some(path) = stdin {
        command.stdin(File::open(path).unwrap());
    }
    Run { destination, finished: Process::from(command).finish() }
}

impl Run {
    /// What the program that was built says.
    #[track_caller]
    pub(crate) fn says(&self) -> String {
        assert!(self.finished.success, "the build failed:\n{}", self.finished.all());
        let said = Process::new(self.destination.join("app/hello")).finish();
        said.all()
    }

    #[track_caller]
    pub(crate) fn fails_with(&self, text: &str) {
        assert!(!self.finished.success, "the build succeeded:\n{}", self.finished.all());
        assert!(self.finished.all().contains(text), "nothing says {text:?}:\n{}", self.finished.all());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.destination);
    }
}

fn archive(context: &Context, flags: &str, name: &str) -> PathBuf {
    let path = context.path().with_extension(name);
    let parent = context.path().parent().unwrap();
    Process::new("tar")
        .args([flags])
        .args([&path])
        .args(["-C"])
        .args([context.path(), Path::new(".")])
        .directory(parent)
        .stdout();
    path
}

#[test]
fn a_repository_is_built_at_a_pinned_commit() {
    let context = application("git");
    let repository = Repository::of(context.path());
    let url = &repository.url;
    for (name, at) in
        [("git", ""), ("git-branch", "#main"), ("git-tag", "#v1"), ("git-query", "?branch=main")]
    {
        let run = build(name, &["-f", "cofferdam.yaml", &format!("{url}{at}")], None);
        assert_eq!(run.says(), "I am git\n", "{at}");
    }
    let run = build("git-commit", &["-f", "cofferdam.yaml", &format!("{url}#{}", repository.commit)], None);
    assert_eq!(run.says(), "I am git\n");
    let wrong = format!("{url}?branch=main&checksum=0123456");
    build("git-wrong", &["-f", "cofferdam.yaml", &wrong], None).fails_with("0123456");
}

#[test]
fn a_step_sees_the_git_directory_of_a_repository_on_request_only() {
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1
language: go
source: {exclude: ['!**/.git']}
build: {run: ['if [ -d .git ]; then git rev-parse HEAD; else echo none; fi > commit.txt']}
";
    let program = "package main\n\nimport _ \"embed\"\n\n//go:embed commit.txt\nvar commit string\n\nfunc main() { print(commit) }\n";
    let files = [("cofferdam.yaml", manifest), ("go.mod", MODULE), ("main.go", program), ("commit.txt", "")];
    let context = Context::of("git-kept", &files);
    let repository = Repository::of(context.path());
    let args = ["-f", "cofferdam.yaml", &repository.url];
    assert_eq!(build("git-left", &args, None).says(), "none\n");
    let keep = ["--build-arg=BUILDKIT_CONTEXT_KEEP_GIT_DIR=1"];
    let kept = build("git-kept", &[&keep[..], &args].concat(), None);
    assert_eq!(kept.says(), format!("{}\n", repository.commit));
}

#[test]
fn a_directory_of_a_repository_is_the_context() {
    let context = Context::of(
        "gitdir",
        &[
            ("x.txt", "x"),
            ("app/cofferdam.yaml", MANIFEST),
            ("app/go.mod", MODULE),
            ("app/main.go", &program("below")),
        ],
    );
    let repository = Repository::of(context.path());
    let run = build("gitdir", &["-f", "cofferdam.yaml", &format!("{}#main:app", repository.url)], None);
    assert_eq!(run.says(), "below\n");
}

#[test]
fn an_archive_behind_a_url_is_the_context() {
    let context = application("archive");
    let (tar, gzip) = (archive(&context, "-cf", "tar"), archive(&context, "-czf", "tgz"));
    let (tar_bytes, gzip_bytes) = (std::fs::read(&tar).unwrap(), std::fs::read(&gzip).unwrap());
    let files = Files::serve(&[("/a.tar", &tar_bytes), ("/b.tar.gz", &gzip_bytes)]);
    for name in ["a.tar", "b.tar.gz"] {
        let run = build(name, &["-f", "cofferdam.yaml", &format!("{}/{name}", files.url)], None);
        assert_eq!(run.says(), "I am archive\n", "{name}");
    }
    std::fs::remove_file(tar).unwrap();
    std::fs::remove_file(gzip).unwrap();
}

#[test]
fn the_epoch_is_that_of_a_commit_a_download_or_an_archive() {
    let context = application("dated").touched(UNIX_EPOCH + Duration::from_secs(1_500_000_001));
    let tar = archive(&context, "-cf", "tar");
    let bytes = std::fs::read(&tar).unwrap();
    let plain = Files::serve(&[("/a.tar", &bytes)]);
    let dated = Files::with_header(&[("/a.tar", &bytes)], "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT");
    let repository = Repository::of(context.path());
    let git = ["log", "-1", "--pretty=%ct"];
    let commit = Process::new("git").args(git).directory(context.path()).stdout().trim().parse().unwrap();
    let directory = context.path().display().to_string();
    let definition = context.path().join("cofferdam.yaml").display().to_string();
    for (file, url, time) in [
        ("cofferdam.yaml", format!("{}#main", repository.url), commit),
        ("cofferdam.yaml", format!("{}/a.tar", plain.url), 1_500_000_001),
        ("cofferdam.yaml", format!("{}/a.tar", dated.url), 1_700_000_000),
        (&definition, directory, 0),
    ] {
        let run = build("dated", &["-f", file, "--build-arg=SOURCE_DATE_EPOCH=context", &url], None);
        assert_eq!(run.says(), "I am dated\n", "{url}");
        let changed = std::fs::metadata(run.destination.join("app/hello")).unwrap().modified().unwrap();
        assert_eq!(changed.duration_since(UNIX_EPOCH).unwrap(), Duration::from_secs(time), "{url}");
        let warns = run.finished.all().contains("SOURCE_DATE_EPOCH=context has no effect");
        assert_eq!(warns, time == 0, "{url}:\n{}", run.finished.all());
    }
    std::fs::remove_file(tar).unwrap();
}

#[test]
fn a_single_file_behind_a_url_is_the_definition() {
    let text = format!("{MANIFEST}go: {{main: cmd/x}}\n");
    let files = Files::serve(&[("/image.yaml", text.as_bytes())]);
    // There is nothing else in such a context, so the manifest is read and its source is missing.
    build("single", &[&format!("{}/image.yaml", files.url)], None).fails_with("no go.mod");
}

#[test]
fn standard_input_is_a_definition_or_an_archive() {
    let context = application("stdin").with("other.yaml", MANIFEST);
    let definition = context.path().join("other.yaml");
    let directory = context.path().display().to_string();
    let run = build("stdin-definition", &["-f", "-", &directory], Some(&definition));
    assert_eq!(run.says(), "I am stdin\n");
    let tar = archive(&context, "-cf", "stdin.tar");
    let run = build("stdin-archive", &["-f", "cofferdam.yaml", "-"], Some(&tar));
    assert_eq!(run.says(), "I am stdin\n");
    std::fs::remove_file(tar).unwrap();
}

#[test]
fn the_definition_may_lie_outside_of_any_context() {
    let context = application("outside").without("cofferdam.yaml");
    let elsewhere = Context::of("elsewhere", &[("image.yaml", MANIFEST)]);
    let file = elsewhere.path().join("image.yaml").display().to_string();
    let run = build("outside", &["-f", &file, &context.path().display().to_string()], None);
    assert_eq!(run.says(), "I am outside\n");
    let repository = Repository::of(context.path());
    let run = build("outside-git", &["-f", &file, &repository.url], None);
    assert_eq!(run.says(), "I am outside\n");
}

#[test]
fn a_remote_bake_file_sends_its_context_as_an_input() {
    let context = application("bake")
        .with("docker-bake.hcl", "target \"default\" { dockerfile = \"cofferdam.yaml\" }\n");
    let repository = Repository::of(context.path());
    let destination = context.path().with_extension("out");
    let output = format!("--set=*.output=type=local,dest={}", destination.display());
    let said = buildx()
        .args(["bake", "--builder=cofferdam", "--progress=plain", "--allow=fs=*", &output, &repository.url])
        .env("NO_COLOR", "1")
        .finish();
    assert!(said.success, "{}", said.all());
    assert_eq!(Process::new(destination.join("app/hello")).finish().all(), "I am bake\n");
    std::fs::remove_dir_all(destination).unwrap();
}

#[test]
fn named_images_take_the_place_of_the_base_and_the_builder() {
    let context = application("named");
    let copy = lab().reference("e2e/base:copy");
    let from = lab().reference("distroless/static-debian13:nonroot");
    Process::new("crane").args(["--insecure", "copy", &from, &copy]).stdout();
    let base = format!("--build-context=gcr.io/distroless/static-debian13:nonroot=docker-image://{copy}");
    let image = Build::of(&context).flag(base).flag("--build-context=golang=docker-image://golang:1").push();
    let report = image.report("linux/amd64");
    assert!(report["base"].as_str().is_some_and(|name| name.contains("e2e/base:copy@sha256:")), "{report:#}");
    assert!(
        report["builders"][0].as_str().is_some_and(|name| name.starts_with("golang:1@sha256:")),
        "{report:#}"
    );
}

#[test]
fn an_oci_layout_takes_the_place_of_the_base_and_of_the_frontend() {
    let context = application("layout");
    let layouts = Context::empty("layouts");
    for (image, name) in
        [("distroless/static-debian13:nonroot", "base"), ("cofferdam/cofferdam:1", "frontend")]
    {
        let path = layouts.path().join(name);
        let from = lab().reference(image);
        Process::new("crane").args(["--insecure", "pull", "--format=oci", &from]).args([&path]).stdout();
    }
    let layout = |name: &str| format!("oci-layout://{}", layouts.path().join(name).display());
    let log = Build::of(&context.replacing(
        "cofferdam.yaml",
        "ghcr.io/cofferdam/cofferdam:1",
        "example.com/nowhere:1",
    ))
    .flag(format!("--build-context=gcr.io/distroless/static-debian13:nonroot={}", layout("base")))
    .flag(format!("--build-context=example.com/nowhere:1={}", layout("frontend")))
    .succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("frontend-replaced"), "{log}");
    assert!(!log.contains("unused-context"), "{log}");
}

#[test]
fn a_directory_in_the_place_of_the_base_is_told_of() {
    let context = application("folder");
    let base = Context::of("base-folder", &[("etc/marker", "here\n")]);
    let flag = format!("--build-context=gcr.io/distroless/static-debian13:nonroot={}", base.path().display());
    let output = context.path().with_extension("out");
    let log =
        Build::of(&context).flag(flag).succeed(&[format!("--output=type=local,dest={}", output.display())]);
    assert!(log.contains("local-replacement"), "{log}");
    assert_eq!(std::fs::read_to_string(output.join("etc/marker")).unwrap(), "here\n");
    std::fs::remove_dir_all(output).unwrap();
}

#[test]
fn a_repository_and_a_bake_target_take_the_place_of_the_base() {
    let context = application("target").with(
        "base.Dockerfile",
        "FROM gcr.io/distroless/static-debian13:nonroot\nENV LANG=C.UTF-8\nCOPY go.mod /etc/marker\n",
    );
    let context = context.with(
        "docker-bake.hcl",
        "target \"base\" { dockerfile = \"base.Dockerfile\" }\n\
         target \"default\" {\n  dockerfile = \"cofferdam.yaml\"\n  contexts = { \"gcr.io/distroless/static-debian13:nonroot\" = \"target:base\" }\n}\n",
    );
    let destination = context.path().with_extension("out");
    let output = format!("--set=default.output=type=local,dest={}", destination.display());
    let said = buildx()
        .args(["bake", "--builder=cofferdam", "--progress=plain", "--allow=fs=*", &output])
        .directory(context.path())
        .env("NO_COLOR", "1")
        .finish();
    assert!(said.success, "{}", said.all());
    assert!(!said.all().contains("local-replacement"), "a target is an image:\n{}", said.all());
    assert_eq!(std::fs::read_to_string(destination.join("etc/marker")).unwrap(), MODULE);
    std::fs::remove_dir_all(destination).unwrap();

    let base = Context::of("base-git", &[("etc/marker", "from git\n")]);
    let repository = Repository::of(base.path());
    let flag = format!("--build-context=gcr.io/distroless/static-debian13:nonroot={}", repository.url);
    let log = Build::of(&context).flag(flag).succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("local-replacement"), "{log}");
}

#[test]
fn ignore_files_leave_files_out() {
    let check = "build: {run: ['test ! -e a.txt && test -e b.txt']}\n";
    let context = application("ignore")
        .with("cofferdam.yaml", format!("{MANIFEST}{check}"))
        .with("a.txt", "a")
        .with("b.txt", "b");
    let nowhere = ["--output=type=cacheonly".to_owned()];
    Build::of(&context).fail();
    let context = context.with(".dockerignore", "a.txt\n");
    Build::of(&context).succeed(&nowhere);
    // The one that belongs to the definition comes before the one of the context.
    let context = context.with(".dockerignore", "b.txt\n").with("cofferdam.yaml.dockerignore", "a.txt\n");
    Build::of(&context).succeed(&nowhere);
}

#[test]
fn a_named_context_that_nothing_uses_is_told_of() {
    let context = application("unused");
    let log = Build::of(&context)
        .flag("--build-context=golnag=docker-image://golang:1")
        .succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("unused-context") && log.contains("golnag"), "{log}");
}

#[test]
fn what_tools_left_in_a_checkout_is_not_sent() {
    let large = "x".repeat(3 << 20);
    for (example, left) in
        [("node-service", "node_modules/left/index.js"), ("rust-workspace", "target/debug/words")]
    {
        let context = Context::example(example)
            .with(left, large.clone())
            .with(".git/objects/pack/large", large.clone());
        let log = Build::of(&context).succeed(&["--output=type=cacheonly".to_owned()]);
        let sent: Vec<&str> = log.lines().filter(|line| line.contains("transferring context:")).collect();
        assert!(!sent.is_empty() && sent.iter().all(|line| !line.contains("MB")), "{example}: {sent:#?}");
    }
}
