//! Published applications, fetched by their package manager and built as they are.
//!
//! Those of Python, Node and Java are with the other tests of their language.

use std::path::Path;

use serde_json::Value;

use crate::examples::keeps_the_promises;
use crate::support::{Build, Context, Image, Process, Service, run};

const AMD64: &str = "linux/amd64";
const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";

/// A published application's source beside a manifest.
fn checkout(name: &str, source: &Path, manifest: &str) -> Context {
    let context = Context::empty(name);
    let copy = ["-r", "--no-preserve=mode", &format!("{}/.", source.display()), "."];
    Process::new("cp").args(copy).directory(context.path()).stdout();
    context.with("cofferdam.yaml", format!("{SYNTAX}{manifest}"))
}

/// Whether the bill of materials has a package in a version.
#[track_caller]
fn lists(image: &Image, name: &str, version: &str) {
    let sbom = image.sbom(AMD64);
    let mut packages = sbom["packages"].as_array().unwrap().iter();
    let is_it = |package: &Value| package["name"] == name && package["versionInfo"] == version;
    assert!(packages.any(is_it), "no {name} {version} in the bill of materials");
}

#[test]
fn a_published_go_program() {
    let download = ["mod", "download", "-json", "github.com/mikefarah/yq/v4@v4.47.1"];
    let downloaded = Process::new("go").args(download).directory(&std::env::temp_dir()).stdout();
    let module: Value = serde_json::from_str(&downloaded).unwrap();
    // The lab has this toolchain alone, and no older one.
    let manifest = "go: {version: '1.26'}\n";
    let context = checkout("yq", Path::new(module["Dir"].as_str().unwrap()), manifest);
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let answer = run(&image.reference, &[], &["--null-input", ".service.port = 8000 + 80"]);
    assert_eq!(answer, "service:\n  port: 8080\n");
    lists(&image, "github.com/spf13/cobra", "v1.9.1");
}

#[test]
fn a_published_rust_program() {
    const ASKING: &str = "[package]\nname = 'asking'\nversion = '0.0.0'\nedition = '2024'\n[lib]\npath = 'lib.rs'\n\
        [dependencies]\nhexyl = '=0.16.0'\n";
    let asking = Context::of("asking", &[("Cargo.toml", ASKING), ("lib.rs", "")]);
    let metadata = Process::new("cargo").args(["metadata", "--format-version=1"]).directory(asking.path());
    let metadata: Value = serde_json::from_str(&metadata.stdout()).unwrap();
    let mut packages = metadata["packages"].as_array().unwrap().iter();
    let hexyl = packages.find(|package| package["name"] == "hexyl").unwrap();
    let source = Path::new(hexyl["manifest_path"].as_str().unwrap()).parent().unwrap();
    // What cargo notes of where it came from is not what a checkout has.
    let manifest = "source: {exclude: [.cargo-ok, .cargo_vcs_info.json]}\n";
    let image = Build::of(&checkout("hexyl", source, manifest)).push();
    keeps_the_promises(&image, "65532:65532");
    let options = ["--plain", "--panels=1", "--length=4", "/etc/passwd"];
    assert_eq!(run(&image.reference, &[], &options).trim(), "72 6f 6f 74");
    lists(&image, "clap", "4.5.20");
}

#[test]
fn a_published_site() {
    const FETCH: &str = "archive=$(npm pack --silent swagger-ui-dist@5.29.0); tar xzf \"$archive\" --strip-components=1; \
        rm \"$archive\"";
    let port = Service::free_port();
    let manifest = format!("{SYNTAX}static: {{}}\nruntime: {{ports: [{port}]}}\n");
    let context = Context::of("swagger-ui", &[("cofferdam.yaml", &manifest)]);
    Process::new("sh").args(["-ec", FETCH]).directory(context.path()).stdout();
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let service = Service::start("swagger-ui", port, &image.reference, &[], &[]);
    let (status, page) = service.get("/");
    assert!(status == 200 && page.contains("<title>Swagger UI</title>"), "{status}: {page}");
    let script = service.ask("/swagger-ui.js", &[]);
    assert_eq!(script.status, 200);
    assert!(script.headers["content-type"].contains("javascript"), "{:?}", script.headers);
}
