//! The steps as the graph runs them, on real programs built by this machine's compilers.

// The helpers of tests may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use cofferdam::inside::{Mounts, StepError, run_in};
use cofferdam::step::{
    Artifact, BaseImage, BuilderImage, CargoLock, InspectRequest, Process, Report, SbomRequest, StageRequest,
    decode, encode,
};
use serde_json::Value;
use tempfile::TempDir;

mod tested;
mod validity;

/// The mounts of a step in a temporary directory.
struct Bench {
    directory: TempDir,
    mounts: Mounts,
}

impl Bench {
    fn new() -> Bench {
        let directory = tempfile::tempdir().unwrap();
        let mount = |name: &str| {
            let path = directory.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        };
        let mounts = Mounts {
            request: mount("request"),
            input: mount("in"),
            image: mount("final"),
            base: mount("base"),
            output: mount("out"),
            report: mount("report"),
        };
        Bench { directory, mounts }
    }

    /// A directory for sources.
    fn sources(&self) -> PathBuf {
        let path = self.directory.path().join("sources");
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn run(&self, step: &str, request: &[u8]) -> Result<Report, StepError> {
        fs::write(self.mounts.request.join("request.json"), request).unwrap();
        run_in(&self.mounts, &[step.to_owned()])?;
        Ok(decode(&fs::read(self.mounts.report.join("report.json")).unwrap()).unwrap())
    }

    /// Inspects the image and returns the report and the SBOM.
    fn inspect(&self, request: &InspectRequest) -> (Report, Value) {
        let report = self.run("inspect", &encode(request)).unwrap();
        let document = fs::read(self.mounts.output.join("sbom.spdx.json")).unwrap();
        let document = serde_json::from_slice(&document).unwrap();
        assert_eq!(validity::breaches(&document), Vec::<String>::new());
        (report, document)
    }

    /// Copies a file of this machine, links followed, to the same path of the image.
    fn adopt(&self, path: &Path) {
        let to = self.mounts.image.join(path.strip_prefix("/").unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(path, to).unwrap();
    }
}

fn request(program: &str, cargo_locks: Vec<CargoLock>) -> InspectRequest {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    InspectRequest {
        platform: format!("linux/{architecture}"),
        uid: 65532,
        gid: 65532,
        workdir: "/".to_owned(),
        env: BTreeMap::new(),
        processes: vec![Process { name: "web".to_owned(), argv: vec![program.to_owned()] }],
        base: BaseImage { name: "scratch".to_owned(), digest: None },
        extended: Vec::new(),
        sbom: Some(SbomRequest {
            name: "app".to_owned(),
            builders: vec![BuilderImage {
                name: "golang:1.26".to_owned(),
                digest: format!("sha256:{}", "0".repeat(64)),
                produced: vec![program.to_owned()],
            }],
            cargo_locks,
            ..SbomRequest::default()
        }),
    }
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Builds a Go program of one file with a local module beside it, so that no network is needed.
fn go_build(bench: &Bench, cgo: bool, imports: &str) -> PathBuf {
    let sources = bench.sources();
    fs::create_dir_all(sources.join("greet")).unwrap();
    fs::write(sources.join("greet/go.mod"), "module example.com/greet\n\ngo 1.20\n").unwrap();
    fs::write(sources.join("greet/greet.go"), "package greet\n\nfunc Hello() string { return \"hi\" }\n")
        .unwrap();
    fs::write(
        sources.join("go.mod"),
        "module example.com/Service\n\ngo 1.20\n\nrequire example.com/greet v1.2.3\n\n\
         replace example.com/greet v1.2.3 => ./greet\n",
    )
    .unwrap();
    let main = format!(
        "package main\n\nimport \"example.com/greet\"\n\n{imports}\nfunc main() {{ println(greet.Hello()) }}\n"
    );
    fs::write(sources.join("main.go"), main).unwrap();
    let program = sources.join("service");
    succeed(
        Command::new("go")
            .args(["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o"])
            .arg(&program)
            .current_dir(&sources)
            .env("CGO_ENABLED", if cgo { "1" } else { "0" })
            .env("GOFLAGS", "-mod=mod")
            .env("GOPROXY", "off")
            .env("GOWORK", "off"),
    );
    program
}

fn install(bench: &Bench, program: &Path, to: &str) {
    let to = bench.mounts.image.join(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(program, &to).unwrap();
    fs::set_permissions(&to, fs::Permissions::from_mode(0o555)).unwrap();
}

fn names(document: &Value) -> Vec<&str> {
    document["packages"].as_array().unwrap().iter().filter_map(|package| package["name"].as_str()).collect()
}

#[test]
fn a_static_go_program_on_scratch_keeps_every_rule_and_tells_its_modules() {
    let bench = Bench::new();
    install(&bench, &go_build(&bench, false, ""), "app/service");
    let (report, document) = bench.inspect(&request("/app/service", Vec::new()));
    assert_eq!((report.findings, report.notes), (vec![], vec![]));
    assert_eq!(report.summary.binaries, 1);
    let packages = names(&document);
    for expected in ["example.com/Service", "example.com/greet", "stdlib", "golang:1.26"] {
        assert!(packages.contains(&expected), "{expected} is not in {packages:?}");
    }
    let text = document.to_string();
    assert!(text.contains("pkg:golang/example.com/service\""), "{text}");
    assert!(text.contains("BUILD_TOOL_OF") && text.contains("CONTAINS"), "{text}");
}

#[test]
fn a_cgo_program_on_scratch_names_the_missing_loader_and_library() {
    let bench = Bench::new();
    let imports = "// #include <stdlib.h>\nimport \"C\"\n\nvar _ = C.abs(1)\n";
    install(&bench, &go_build(&bench, true, imports), "app/service");
    let (report, _) = bench.inspect(&request("/app/service", Vec::new()));
    let rules: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["entrypoint-unresolvable", "missing-library"]);
    assert!(report.findings[0].message.contains("its loader `/lib"), "{:?}", report.findings[0]);
    assert!(report.findings[0].help.contains("for Go leave `cgo` off"));
    assert!(report.findings[1].message.contains("`libc.so.6`"));
}

#[test]
fn a_rust_program_finds_its_libraries_where_this_machine_has_them() {
    let bench = Bench::new();
    let sources = bench.sources();
    fs::write(sources.join("main.rs"), "fn main() { println!(\"hi\"); }").unwrap();
    let program = sources.join("tool");
    succeed(Command::new("rustc").arg("-o").arg(&program).arg(sources.join("main.rs")));
    install(&bench, &program, "app/tool");
    for library in loaded_libraries(&program) {
        bench.adopt(&library);
    }
    let lock = "[[package]]\nname = \"tool\"\nversion = \"0.1.0\"\n";
    let locks = vec![CargoLock { programs: vec!["/app/tool".to_owned()], text: lock.to_owned() }];
    let (report, document) = bench.inspect(&request("/app/tool", locks));
    assert_eq!(report.findings, []);
    assert!(report.summary.binaries >= 3, "the program, its loader and the C library");
    assert!(names(&document).contains(&"tool"));
    let gone = loaded_libraries(&program).into_iter().find(|path| path.ends_with("libgcc_s.so.1")).unwrap();
    fs::remove_file(bench.mounts.image.join(gone.strip_prefix("/").unwrap())).unwrap();
    let (report, _) = bench.inspect(&request("/app/tool", Vec::new()));
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert!(report.findings[0].message.contains("`libgcc_s.so.1`"));
    assert!(report.findings[0].help.contains("distroless cc"));
}

/// What the machine's own loader says that a program loads: an oracle for the closure.
fn loaded_libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let paths = text.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from);
    paths.collect()
}

#[test]
fn a_program_built_against_a_newer_library_than_the_images_fails_with_both_versions() {
    let bench = Bench::new();
    let sources = bench.sources();
    let library = |versions: &str, source: &str, to: &str| {
        fs::write(sources.join("lib.c"), source).unwrap();
        fs::write(sources.join("lib.map"), versions).unwrap();
        succeed(
            Command::new("gcc")
                .args(["-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libshape.so.1"])
                .arg(format!("-Wl,--version-script={}", sources.join("lib.map").display()))
                .arg("-o")
                .arg(sources.join(to))
                .arg(sources.join("lib.c")),
        );
    };
    let old = "SHAPE_1.9 { global: area; local: *; };";
    library(old, "int area(void) { return 1; }", "old.so");
    let new = format!("{old} SHAPE_1.10 {{ global: volume; }} SHAPE_1.9;");
    library(&new, "int area(void) { return 1; } int volume(void) { return 2; }", "libshape.so.1");
    fs::write(
        sources.join("main.c"),
        "int area(void); int volume(void);\nvoid _start(void) { area(); volume(); for (;;); }\n",
    )
    .unwrap();
    let program = sources.join("draw");
    succeed(
        Command::new("gcc")
            .args(["-nostdlib", "-nostartfiles", "-Wl,-rpath,$ORIGIN/../lib", "-o"])
            .arg(&program)
            .arg(sources.join("main.c"))
            .arg(sources.join("libshape.so.1")),
    );
    install(&bench, &program, "app/bin/draw");
    for loader in
        loaded_libraries(Path::new("/bin/sh")).iter().filter(|path| path.to_string_lossy().contains("/ld-"))
    {
        bench.adopt(loader);
    }
    install(&bench, &sources.join("libshape.so.1"), "app/lib/libshape.so.1");
    assert_eq!(bench.inspect(&request("/app/bin/draw", Vec::new())).0.findings, []);
    fs::remove_file(bench.mounts.image.join("app/lib/libshape.so.1")).unwrap();
    install(&bench, &sources.join("old.so"), "app/lib/libshape.so.1");
    let (report, _) = bench.inspect(&request("/app/bin/draw", Vec::new()));
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(
        report.findings[0].message,
        "`/app/bin/draw` needs the version `SHAPE_1.10` of `libshape.so.1`, but `/app/lib/libshape.so.1` of \
         the image ends with `SHAPE_1.9`"
    );
}

#[test]
fn the_machines_own_shell_and_setuid_programs_are_found() {
    let bench = Bench::new();
    install(&bench, &go_build(&bench, false, ""), "app/service");
    install(&bench, Path::new("/bin/sh"), "usr/bin/dash");
    symlink("dash", bench.mounts.image.join("usr/bin/sh")).unwrap();
    install(&bench, Path::new("/bin/true"), "usr/bin/su");
    fs::set_permissions(bench.mounts.image.join("usr/bin/su"), fs::Permissions::from_mode(0o4755)).unwrap();
    let (report, _) = bench.inspect(&request("/app/service", Vec::new()));
    let found: Vec<(&str, &str)> = report.findings.iter().map(|f| (&*f.rule, &*f.path)).collect();
    for expected in
        [("final-shell", "/usr/bin/dash"), ("final-shell", "/usr/bin/sh"), ("final-setuid", "/usr/bin/su")]
    {
        assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
    }
}

#[test]
fn file_capabilities_are_read_from_the_disk() {
    let bench = Bench::new();
    install(&bench, &go_build(&bench, false, ""), "app/service");
    // The kernel's `vfs_cap_data` of revision 2 with CAP_NET_BIND_SERVICE permitted and effective.
    let value = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let path = bench.mounts.image.join("app/service");
    rustix::fs::setxattr(&path, "security.capability", &value, rustix::fs::XattrFlags::empty())
        .expect("this test sets file capabilities and needs root, as the README says of all of them");
    let (report, _) = bench.inspect(&request("/app/service", Vec::new()));
    assert_eq!(report.findings.len(), 1);
    assert!(report.findings[0].message.contains("file capabilities"), "{:?}", report.findings);
}

#[test]
fn a_builder_that_links_its_output_to_the_root_ships_nothing() {
    let bench = Bench::new();
    symlink("/", bench.mounts.input.join("app")).unwrap();
    let artifact = Artifact {
        from: "app".to_owned(),
        to: "/app".to_owned(),
        mode: None,
        into: false,
        sha256: None,
        required: true,
        leave_out: None,
    };
    let request = StageRequest {
        artifacts: vec![artifact],
        bundles: Vec::new(),
        links: Vec::new(),
        directories: Vec::new(),
        seen_at: "/output".to_owned(),
    };
    let report = bench.run("stage", &encode(&request)).unwrap();
    assert_eq!(report.findings[0].rule, "staging-leak");
    assert_eq!(fs::read_dir(&bench.mounts.output).unwrap().count(), 0);
}

#[test]
fn internal_failures_are_one_clear_line() {
    let bench = Bench::new();
    for (arguments, error) in [
        (vec![], "say which step to run: stage or inspect or test"),
        (vec!["serve".to_owned()], "say which step to run: stage or inspect or test"),
        (vec!["stage".to_owned()], "the request: No such file or directory (os error 2)"),
    ] {
        assert_eq!(run_in(&bench.mounts, &arguments).unwrap_err().to_string(), error);
    }
    let error = bench.run("stage", b"{\"artifacts\":[]}").unwrap_err().to_string();
    assert!(error.starts_with("the request cannot be understood: missing field"), "{error}");
    assert!(!bench.mounts.report.join("report.json").exists());
}
