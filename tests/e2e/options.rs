//! What clients may ask of a build, and questions about one.

use serde_json::Value;

use crate::support::{AS_JSON, Build, Context, Process, buildx, cached, lab};

const MANIFEST: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\n";
const MODULE: &str = "module example.com/hello\n\ngo 1.26\n";
const MAIN: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

fn application(name: &str, manifest: &str) -> Context {
    Context::of(name, &[("cofferdam.yaml", manifest), ("go.mod", MODULE), ("main.go", MAIN)])
}

const NOWHERE: &str = "--output=type=cacheonly";

#[test]
fn every_target_comes_out_by_itself() {
    let context = application("targets", MANIFEST);
    for (target, file) in
        [("rootfs", "app/hello"), ("files", "hello"), ("sbom", "sbom.spdx.json"), ("report", "report.json")]
    {
        let output = context.path().with_extension(target);
        Build::of(&context)
            .flag(format!("--target={target}"))
            .succeed(&[format!("--output=type=local,dest={}", output.display())]);
        assert!(output.join(file).is_file(), "{target} has no {file}");
        std::fs::remove_dir_all(output).unwrap();
    }
    let builder = Build::of(&context).flag("--target=builder").push();
    let files = builder.files("linux/amd64");
    for file in ["/src/main.go", "/out/hello", "/usr/local/go/bin/go"] {
        assert!(files.contains_key(file), "the builder has no {file}");
    }
    Build::of(&context)
        .flag("--target=tset")
        .fail()
        .says(&["`tset`", "image, test, builder, rootfs, files, sbom, report"]);
}

#[test]
fn steps_see_the_hosts_and_limits_that_were_asked_for() {
    let check = "build:\n  run:\n    - |\n      grep -q '10.1.2.3.*db.example' /etc/hosts\n      test \"$(ulimit -n)\" = 777\n      df -k /dev/shm | grep -q ' 2048 '\n";
    let context = application("sandbox", &format!("{MANIFEST}{check}"));
    Build::of(&context).fail();
    Build::of(&context)
        .flag("--add-host=db.example:10.1.2.3")
        .flag("--ulimit=nofile=777:777")
        .flag("--shm-size=2m")
        .succeed(&[NOWHERE.to_owned()]);
}

/// What a step finds of its limits, where control groups are of either version.
const LIMITS: &str = r#"
      cd /sys/fs/cgroup
      is() { test "$(cat "$1")" = "$2" || { echo "$1 is $(cat "$1"), not $2"; exit 1; }; }
      if test -e memory.max; then
        is memory.max 524288000; is memory.swap.max 104857600; is cpu.max "40000 50000"
        grep -qvx 100 cpu.weight
      else
        is memory/memory.limit_in_bytes 524288000; is memory/memory.memsw.limit_in_bytes 629145600
        is cpu/cpu.shares 300; is cpu/cpu.cfs_period_us 50000; is cpu/cpu.cfs_quota_us 40000
      fi
      grep -qx "Cpus_allowed_list:.0" /proc/self/status
      grep -qx "Mems_allowed_list:.0" /proc/self/status
      # A step that has a name space of control groups does not see what is above it.
      grep -q /cofferdam-test/ /proc/self/cgroup || is /proc/self/cgroup 0::/
"#;

#[test]
fn steps_run_within_the_resources_that_were_asked_for() {
    let context = application("limits", &format!("{MANIFEST}build:\n  run:\n    - |{LIMITS}"));
    // First without: limits are not part of what a step is known by in the cache.
    Build::of(&context).fail();
    let limits = [
        "memory=500m",
        "memory-swap=600m",
        "cpu-shares=300",
        "cpu-period=50000",
        "cpu-quota=40000",
        "cpuset-cpus=0",
        "cpuset-mems=0",
    ];
    let build = Build::of(&context).flag("--cgroup-parent=/cofferdam-test");
    let limited = limits.iter().fold(build, |build, limit| build.flag(format!("--resource={limit}")));
    limited.succeed(&[NOWHERE.to_owned()]);
}

#[test]
fn a_base_whose_tag_moved_is_pulled() {
    let base = lab().reference("e2e/moving:1");
    let crane = |args: &[&str]| Process::new("crane").args(["--insecure"]).args(args).stdout();
    let context = application("moving", &format!("{MANIFEST}runtime: {{base: \"{base}\"}}\n"));
    for image in ["static", "base"] {
        let source = lab().reference(&format!("distroless/{image}-debian13:nonroot"));
        crane(&["copy", &source, &base]);
        let image = Build::of(&context).flag("--pull").push();
        let manifest = image.manifest("linux/amd64");
        let told = &manifest["annotations"]["org.opencontainers.image.base.digest"];
        assert_eq!(told.as_str().unwrap(), crane(&["digest", &base]).trim());
    }
}

#[test]
fn networks_that_steps_cannot_have_are_refused() {
    let context = application("network", MANIFEST);
    Build::of(&context).flag("--network=none").succeed(&[NOWHERE.to_owned()]);
    let service = Context::example("go-service");
    Build::of(&service).flag("--network=none").fail().says(&["fetch Go modules", "needs the network"]);
}

#[test]
fn what_has_no_effect_is_told_of() {
    let context = application("ignored", MANIFEST);
    let log = Build::of(&context)
        .arg("BUILDKIT_SBOM_SCAN_CONTEXT", "true")
        .flag("--no-cache-filter=nothing")
        .succeed(&[NOWHERE.to_owned()]);
    for name in ["BUILDKIT_SBOM_SCAN_CONTEXT", "`nothing`"] {
        assert!(log.contains(name), "nothing says {name}:\n{log}");
    }
}

#[test]
fn no_cache_for_one_stage_leaves_the_others_cached() {
    let context = application("nocache", MANIFEST);
    Build::of(&context).succeed(&[NOWHERE.to_owned()]);
    let log =
        Build::of(&context).flag("--no-cache-filter=final").flag(AS_JSON).succeed(&[NOWHERE.to_owned()]);
    assert!(cached(&log, "compile . for"), "{log}");
    assert!(!cached(&log, "[final] inspect the image"), "{log}");
}

/// What a question answers, as text and as JSON.
fn call(context: &Context, question: &str) -> (String, Value) {
    let text = Build::of(context).flag(format!("--call={question}")).finish(&[]);
    let json = Build::of(context).flag(format!("--call={question},format=json")).finish(&[]);
    let value = serde_json::from_slice(&json.stdout)
        .unwrap_or_else(|error| panic!("{question}: {error}\n{}", json.all()));
    (text.all(), value)
}

#[test]
fn questions_have_answers_in_text_and_json() {
    let context = application("questions", &format!("{MANIFEST}args: {{VERSION: \"1\"}}\n"));
    for (question, words, pointer) in [
        ("outline", "VERSION", "/args/0/name"),
        ("targets", "sbom", "/targets/0/name"),
        ("subrequests.describe", "convertllb", "/0/name"),
        ("convertllb", "local://context", "/def"),
        ("cofferdam.schema", "runtime", "/properties"),
        ("cofferdam.plan", "compile", "/steps/0/compartment"),
        ("cofferdam.graph", "digraph", "/vertices/0/digest"),
    ] {
        let (text, value) = call(&context, question);
        assert!(text.contains(words), "--call={question} does not say {words:?}:\n{text}");
        assert!(value.pointer(pointer).is_some(), "--call={question} has no {pointer}:\n{value:#}");
    }
}

#[test]
fn a_check_says_what_a_build_would() {
    let context = application("check", MANIFEST);
    Build::of(&context).flag("--check").succeed(&[]);
    for (broken, words) in [
        (
            application("check-key", "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\nruntme: {}\n"),
            "runtime",
        ),
        (application("check-plan", MANIFEST).without("go.mod"), "go.mod"),
    ] {
        let said = Build::of(&broken).flag("--check").finish(&[]);
        assert!(!said.success && said.all().contains(words), "{}", said.all());
        assert!(said.all().contains("cofferdam.yaml:"), "{}", said.all());
    }
    let said = Build::of(&context).flag("--check").arg("UNKNOWN", "1").finish(&[]);
    assert!(said.all().contains("undeclared-arg"), "{}", said.all());
}

#[test]
fn bake_builds_the_same_application_for_several_platforms() {
    let context = application("matrix", MANIFEST).with(
        "docker-bake.hcl",
        "target \"default\" {\n  name = \"app-${arch}\"\n  matrix = { arch = [\"amd64\", \"arm64\"] }\n  \
         dockerfile = \"cofferdam.yaml\"\n  platforms = [\"linux/${arch}\"]\n  output = [\"type=cacheonly\"]\n}\n",
    );
    let said: Process =
        buildx().args(["bake", "--builder=cofferdam", "--progress=plain"]).directory(context.path());
    let said = said.finish();
    assert!(said.success && said.all().contains("arm64"), "{}", said.all());
}
