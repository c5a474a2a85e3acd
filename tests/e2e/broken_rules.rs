//! Rules that a manifest can break, broken: the build fails with the name, the manifest's line and the offending path.

use serde_json::json;

use crate::support::{Build, Context, Failed, run};

const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";
/// A base with a shell, a package manager and setuid programs.
const DEBIAN: &str = "docker.io/library/debian:trixie-slim";

fn program(manifest: &str) -> Context {
    Context::of(
        "rules",
        &[("go.mod", "module example.com/a\n\ngo 1.26\n"), ("main.go", "package main\n\nfunc main() {}\n")],
    )
    .with("cofferdam.yaml", format!("{SYNTAX}{manifest}"))
}

#[track_caller]
fn broken(manifest: &str) -> Failed {
    Build::of(&program(manifest)).fail().clear()
}

#[test]
fn what_a_distribution_base_brings_along() {
    broken(&format!("language: go\nruntime:\n  base: {DEBIAN}\n")).at_line(4).says(&[
        "final-shell",
        "/usr/bin/dash",
        "final-package-manager",
        "/usr/bin/dpkg",
        "final-setuid",
        "/usr/bin/chage",
    ]);
}

#[test]
fn exceptions_with_reasons_let_it_pass_and_are_told() {
    let rules = ["final-shell", "final-package-manager", "final-setuid"];
    let exceptions: String =
        rules.map(|rule| format!("  - {{rule: {rule}, reason: operators debug in it}}\n")).concat();
    let context = program(&format!("language: go\nruntime:\n  base: {DEBIAN}\nexceptions:\n{exceptions}"));
    let image = Build::of(&context).push();
    assert!(image.log.contains("operators debug in it"), "the exception is told:\n{}", image.log);
    let report = image.report("linux/amd64");
    assert_eq!(report["excepted"], json!(rules));
    assert!(
        !rules.iter().any(|rule| report["rules"].as_array().unwrap().contains(&json!(rule))),
        "{report:#}"
    );
    run(&image.reference, &["--network", "none"], &[]);
}

#[test]
fn exceptions_without_reasons_or_from_rules_that_allow_none() {
    broken("language: go\nexceptions: [{rule: final-shell}]\n").at_line(3).says(&["reason"]);
    broken("language: go\nexceptions: [{rule: staging-leak, reason: why not}]\n")
        .at_line(3)
        .says(&["staging-leak"]);
    broken("language: go\nexceptions: [{rule: final-shel, reason: x}]\n").at_line(3).says(&["final-shell"]);
}

#[test]
fn a_dynamic_program_on_scratch_has_no_interpreter() {
    let context = Context::example("cgo").replacing(
        "cofferdam.yaml",
        "go: {cgo: true}",
        "go: {cgo: true}\nruntime: {base: scratch}",
    );
    Build::of(&context).fail().clear().at_line(4).says(&[
        "error[entrypoint-unresolvable]",
        "/app/collate",
        "/lib64/ld-linux-x86-64.so.2",
        "help: the base `scratch` has no C library",
    ]);
}

#[test]
fn a_base_without_the_libraries() {
    let base = "go: {cgo: true}\nruntime: {base: \"gcr.io/distroless/static-debian13:nonroot\"}";
    let context = Context::example("cgo").replacing("cofferdam.yaml", "go: {cgo: true}", base);
    Build::of(&context).fail().clear().at_line(4).says(&[
        "error[entrypoint-unresolvable]",
        "/app/collate",
        "/lib64/ld-linux-x86-64.so.2",
        "help: the base `gcr.io/distroless/static-debian13:nonroot` has no C library",
    ]);
}

#[test]
fn an_entrypoint_that_is_not_there() {
    broken("language: go\nruntime:\n  entrypoint: [/bin/sh, -c, /app/a]\n")
        .at_line(4)
        .says(&["entrypoint-unresolvable", "/bin/sh"]);
    broken("language: go\nruntime:\n  entrypoint: [/app]\n")
        .at_line(4)
        .says(&["entrypoint-unresolvable", "/app"]);
}

#[test]
fn a_script_or_an_archive_that_is_not_there() {
    for (example, entrypoint, path) in [
        ("node-service", "[node, nosuch.js]", "/app/nosuch.js"),
        ("python-service", "[python, -u, nope.py]", "/app/nope.py"),
        ("java-modules", "[java, -jar, none.jar]", "/app/none.jar"),
    ] {
        let context = Context::example(example);
        let manifest = std::fs::read_to_string(context.path().join("cofferdam.yaml")).unwrap();
        let (before, _) = manifest.split_once("runtime:\n").unwrap();
        let line = before.lines().count() + 2;
        let context =
            context.with("cofferdam.yaml", format!("{before}runtime:\n  entrypoint: {entrypoint}\n"));
        Build::of(&context).fail().clear().at_line(line).says(&["entrypoint-unresolvable", path]);
    }
}

#[test]
fn a_program_for_another_architecture() {
    let context = Context::example("binary")
        .replacing(
            "cofferdam.yaml",
            "from: \"dist/agent_linux_${TARGETARCH}\"",
            "from: dist/agent_linux_arm64",
        )
        .replacing("cofferdam.yaml", "/app/agent_linux_${TARGETARCH}", "/app/agent_linux_arm64");
    crate::examples::compile_agent(context.path(), "arm64");
    Build::of(&context).flag("--platform=linux/amd64").fail().clear().says(&[
        "entrypoint-unresolvable",
        "arm64",
        "cofferdam.yaml:",
    ]);
}

#[test]
fn a_link_to_everything_crosses_nothing() {
    for command in [
        "ln -s / assets",
        "mkdir assets && ln -s /etc assets/etc",
        "mkdir assets && ln -s ../../../etc/passwd assets/x",
    ] {
        let manifest = format!(
            "language: go\nbuild:\n  run: [\"{command}\"]\n  artifacts: [{{from: assets, to: /app/assets}}]\n"
        );
        broken(&manifest).at_line(5).says(&[
            "error[staging-leak]",
            "assets",
            "help: let the build write a copy of the file",
        ]);
    }
}

#[test]
fn an_artifact_that_the_builder_does_not_make() {
    broken("language: go\nbuild:\n  artifacts: [{from: assets, to: /app/assets}]\n")
        .at_line(4)
        .says(&["assets"]);
}

#[test]
fn builders_are_offline_and_without_secrets() {
    broken("language: go\nbuild:\n  run: [\"go install golang.org/x/tools/cmd/stringer@latest\"]\n")
        .says(&["cofferdam.yaml:"]);
    broken("language: go\nbuild:\n  run: [\"[ $(ls /sys/class/net) = lo ] && exit 7 || true\"]\n")
        .says(&["exit code: 7", "cofferdam.yaml:4"]);
    let elsewhere = Context::of("secret", &[("netrc", "machine example.com password hush\n")]);
    let context = program(
        "language: go\nfetch:\n  secrets: [netrc]\nbuild:\n  run: [\"! grep -r hush /root /run /src\"]\n",
    );
    let secret = format!("--secret=id=netrc,src={}", elsewhere.path().join("netrc").display());
    Build::of(&context).flag(secret).succeed(&["--output=type=cacheonly".to_owned()]);
}

#[test]
fn what_lies_below_is_not_replaced() {
    let base = "language: go\nruntime:\n  base: gcr.io/distroless/cc-debian13:nonroot\n";
    let file = |to: &str| format!("{base}  files: [{{from: main.go, to: {to}}}]\n");
    let second = |to: &str| {
        format!(
            "{base}  files:\n    - {{from: go.mod, to: /opt/go.mod}}\n    - {{from: main.go, to: {to}}}\n"
        )
    };
    broken(&second("/lib/main.go")).at_line(7).says(&["error[merge-shadows-base]"]);
    for (to, below) in [("/lib/main.go", "/lib"), ("/etc/passwd/x", "/etc/passwd")] {
        broken(&file(to)).at_line(5).says(&[
            "error[merge-shadows-base]",
            below,
            "help: Write to the link's target",
        ]);
    }
    let image = Build::of(&program(&file("/usr/lib/main.go"))).push();
    let files = image.files("linux/amd64");
    assert!(
        files.contains_key("/usr/lib/main.go") && files["/lib"].mode.starts_with('l'),
        "{:?}",
        files["/lib"]
    );
    assert_eq!(files["/tmp"].mode, "drwxrwxrwt", "the base's directories keep their modes");
}

#[test]
fn files_of_the_base_are_not_replaced_without_a_reason() {
    let manifest = "language: go\nruntime:\n  base: gcr.io/distroless/cc-debian13:nonroot\n  \
        files: [{from: main.go, to: /etc/debian_version}]\n";
    broken(manifest).at_line(5).says(&["base-file-replaced", "/etc/debian_version"]);
    let second =
        manifest.replace("[{", "\n    - {from: go.mod, to: /etc/go.mod}\n    - {").replace("}]", "}");
    broken(&second).at_line(7).says(&["base-file-replaced", "/etc/debian_version"]);
    let excepted = format!(
        "{manifest}exceptions: [{{rule: base-file-replaced, path: /etc/debian_version, reason: a scanner believes it}}]\n"
    );
    let image = Build::of(&program(&excepted)).push();
    assert!(image.log.contains("a scanner believes it"), "the exception is told:\n{}", image.log);
}

#[test]
fn files_keep_their_names_in_a_directory_and_links_are_told() {
    let context = program(
        "language: go\nruntime:\n  files:\n    - {from: conf/app.toml, to: /opt/conf/}\n    - {from: conf, to: /opt/all/}\n",
    )
    .with("conf/app.toml", "a = 1\n")
    .with("shared/app.toml", "a = 2\n");
    let files = Build::of(&context).push().files("linux/amd64");
    for path in ["/opt/conf/app.toml", "/opt/all/app.toml"] {
        assert!(files.contains_key(path), "{path}: {:?}", files.keys());
    }
    std::os::unix::fs::symlink("shared/app.toml", context.path().join("linked.toml")).unwrap();
    let linked = context.replacing("cofferdam.yaml", "from: conf,", "from: linked.toml,");
    Build::of(&linked).fail().clear().says(&[
        "linked.toml",
        "leads to `shared/app.toml`",
        "name that file itself",
    ]);
    let module = program("language: go\n").without("go.mod").with("shared/go.mod", "module example.com/a\n");
    std::os::unix::fs::symlink("shared/go.mod", module.path().join("go.mod")).unwrap();
    Build::of(&module).fail().clear().says(&["`go.mod` is a symbolic link to `shared/go.mod`"]).at_line(2);
}

#[test]
fn what_a_base_says_beside_its_files_is_left_behind() {
    // Without a syntax line, the daemon's own frontend builds this.
    let base = Context::of("base", &[]).with(
        "cofferdam.yaml",
        "FROM gcr.io/distroless/static-debian13:nonroot\nENV LD_PRELOAD=/tmp/other.so KEPT=yes\nVOLUME /data\n\
        HEALTHCHECK CMD [\"/check\"]\nONBUILD RUN [\"/later\"]\nENTRYPOINT [\"/theirs\"]\nCMD [\"first\"]\nEXPOSE 1\n\
        STOPSIGNAL SIGKILL\nUSER 0\nLABEL theirs=yes\n",
    );
    let base = Build::of(&base).push();
    let theirs = &base.config("linux/amd64")["config"];
    assert!(theirs["OnBuild"].is_array() && theirs["Healthcheck"].is_object(), "{theirs:#}");
    let image = Build::of(&program(&format!("language: go\nruntime:\n  base: {}\n", base.reference))).push();
    let config = &image.config("linux/amd64")["config"];
    let keys: Vec<&String> = config.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Entrypoint", "Env", "StopSignal", "User", "WorkingDir"], "{config:#}");
    assert_eq!(config["StopSignal"], "SIGTERM");
    let env = config["Env"].to_string();
    assert!(!env.contains("LD_PRELOAD") && !env.contains("KEPT"), "{env}");
    let proved = &image.report("linux/amd64")["rules"];
    for rule in ["inherited-config", "env-loader"] {
        assert!(proved.as_array().unwrap().contains(&json!(rule)), "{proved}");
    }
    run(&image.reference, &["--network", "none"], &[]);
}
