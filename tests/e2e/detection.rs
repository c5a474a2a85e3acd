//! Manifests that leave the language to be found.

use crate::support::{Build, Context};

const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";
const MODULE: &str = "module example.com/hello\n\ngo 1.26\n";
const MAIN: &str = "package main\n\nfunc main() { println(\"hello\") }\n";

#[test]
fn a_manifest_of_nothing_but_its_syntax_line_builds_the_image_that_the_language_would() {
    let context = Context::of("untold", &[("cofferdam.yaml", SYNTAX), ("go.mod", MODULE), ("main.go", MAIN)]);
    let image = Build::of(&context).push();
    assert_eq!(image.config("linux/amd64")["config"]["Entrypoint"], serde_json::json!(["/app/hello"]));
    assert_eq!(image.report("linux/amd64")["detected"], "go (go.mod)");
    assert!(!image.log.contains("go (go.mod)"), "an ordinary build says nothing of it:\n{}", image.log);
    let named = context.with("cofferdam.yaml", format!("{SYNTAX}language: go\n"));
    assert_eq!(Build::of(&named).push().digest("linux/amd64"), image.digest("linux/amd64"));
}

#[test]
fn versions_of_developers_build_where_the_language_names_none() {
    let tools = "nodejs 22.1.0\ngolang 1.26.1\n";
    let files = [("cofferdam.yaml", SYNTAX), ("go.mod", "module example.com/hello\n"), ("main.go", MAIN)];
    let context = Context::of("tools", &files).with(".tool-versions", tools);
    let image = Build::of(&context).push();
    let report = image.report("linux/amd64");
    assert_eq!(report["detected"], "go (go.mod, .tool-versions)");
    assert!(report["builders"][0].as_str().unwrap().starts_with("golang:1.26-trixie@"), "{report:#}");
    let differing = context.with("go.mod", MODULE).with(".tool-versions", "golang 1.25.1\n");
    let log = Build::of(&differing).succeed(&["--output=type=cacheonly".to_owned()]);
    assert!(log.contains("`.tool-versions` names golang 1.25.1, and go.mod 1.26"), "{log}");
}

#[test]
fn several_languages_are_an_error_that_names_them() {
    let files = [("go.mod", MODULE), ("main.go", MAIN), ("package.json", "{}")];
    let context = Context::of("ambiguous", &files).with("cofferdam.yaml", format!("{SYNTAX}name: web\n"));
    Build::of(&context)
        .fail()
        .at_line(2)
        .clear()
        .says(&["go (go.mod), node (package.json)", "`language: go` or `language: node`"]);
    let nothing =
        Context::of("nothing", &[("README", "x")]).with("cofferdam.yaml", format!("{SYNTAX}name: web\n"));
    Build::of(&nothing).fail().at_line(2).clear().says(&["tells the application's language", "`source`"]);
    Build::of(&nothing.with("web/package.json", "{}")).fail().says(&["`source: web`"]);
}

#[test]
fn lines_of_a_procfile_are_targets_over_the_same_layers_and_each_must_start() {
    let files = [("cofferdam.yaml", SYNTAX), ("go.mod", MODULE), ("main.go", MAIN)];
    let context =
        Context::of("lines", &files).with("Procfile", "web: /app/hello --serve\nworker: /app/hello work\n");
    // Both have the same tag, so the first is looked at before the second is there.
    let config = |build: Build<'_>| build.push().config("linux/amd64");
    let mut of_web = config(Build::of(&context));
    let mut of_worker = config(Build::of(&context).flag("--target=worker"));
    assert_eq!(of_web["config"]["Entrypoint"].take(), serde_json::json!(["/app/hello", "--serve"]));
    assert_eq!(of_worker["config"]["Entrypoint"].take(), serde_json::json!(["/app/hello", "work"]));
    assert_eq!(of_web, of_worker, "nothing but the entrypoint differs, so the layers are the same");
    let targets = Build::of(&context).flag("--call=targets").succeed(&[]);
    for target in ["image (default)", "web  ", "worker  "] {
        assert!(targets.contains(target), "{targets}");
    }
    // Whatever process is built, all must start.
    let broken = context.with("Procfile", "web: /app/hello\nworker: /app/hullo\n");
    Build::of(&broken).fail().says(&["`worker` cannot start `/app/hullo`", "Procfile says what is started"]);
    let written = "runtime:\n  processes:\n    web: [/app/hello]\n    worker: [/app/hullo]\n";
    let broken = broken.with("cofferdam.yaml", format!("{SYNTAX}{written}"));
    Build::of(&broken).fail().at_line(5).says(&["`worker` cannot start `/app/hullo`"]);
    let broken = broken.with("cofferdam.yaml", SYNTAX);
    let shell = broken.with("Procfile", "web: /app/hello --port $PORT\n");
    Build::of(&shell).fail().says(&["`Procfile` has in line", "needs a shell", "runtime: {processes:"]);
}
