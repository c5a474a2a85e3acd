//! Every example builds, keeps the rules that all images keep, and does what it is there for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Build, Context, File, Image, Process, Service, run, try_run};

const AMD64: &str = "linux/amd64";

/// What every image promises, whatever it holds.
#[track_caller]
pub(crate) fn keeps_the_promises(image: &Image, user: &str) {
    let config = &image.config(AMD64)["config"];
    assert_eq!(config["User"], user, "the user is numeric and not root");
    let program = config["Entrypoint"][0].as_str().unwrap_or_default();
    for inherited in ["Volumes", "OnBuild", "Healthcheck", "Shell"] {
        assert!(config[inherited].is_null(), "{inherited} is inherited: {config:#}");
    }
    let files = image.files(AMD64);
    let program = &located(program, config, &files);
    assert!(
        files[program].mode.starts_with("-r-x") || files[program].mode == "-rwxr-xr-x",
        "{:?}",
        files[program]
    );
    assert_eq!(files[program].owner, "0/0", "the program belongs to root");
    for shell in [
        "/bin/sh",
        "/bin/bash",
        "/usr/bin/sh",
        "/usr/bin/bash",
        "/bin/busybox",
        "/usr/bin/apt",
        "/usr/bin/dpkg",
    ] {
        assert!(!files.contains_key(shell), "{shell} ships");
    }
    let report = image.report(AMD64);
    let rules = report["rules"].as_array().unwrap();
    for rule in
        ["staging-leak", "compile-network", "final-shell", "missing-library", "entrypoint-unresolvable"]
    {
        assert!(rules.iter().any(|name| name == rule), "{rule} was not proved: {report:#}");
    }
    assert!(image.sbom(AMD64)["packages"].as_array().is_some_and(|packages| !packages.is_empty()));
}

/// The path of a program: as it stands, or in the first directory of the image's `PATH` that has it.
#[track_caller]
fn located(program: &str, config: &Value, files: &BTreeMap<String, File>) -> String {
    if program.starts_with('/') {
        return program.to_owned();
    }
    let env = config["Env"].as_array().cloned().unwrap_or_default();
    let path = env.iter().find_map(|entry| entry.as_str()?.strip_prefix("PATH=")).unwrap_or_default();
    let places = path.split(':').map(|directory| format!("{directory}/{program}"));
    places
        .into_iter()
        .find(|place| files.contains_key(place))
        .unwrap_or_else(|| panic!("no {program} in {path}"))
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[test]
fn go_service() {
    let context = Context::example("go-service");
    let image = Build::of(&context).arg("VERSION", "1.2.3").push();
    keeps_the_promises(&image, "65532:65532");
    let port = Service::free_port();
    let service =
        Service::start("go-service", port, &image.reference, &[], &[&format!("-listen=127.0.0.1:{port}")]);
    assert_eq!(service.get("/healthz"), (200, "ok\n".to_owned()));
    let (_, about) = service.get("/");
    let about = json(&about);
    assert_eq!(about["version"], "1.2.3", "the build argument reached the linker");
    assert_eq!(about["uid"], 65532);
    assert_eq!(about["roots"], true, "there are certificate authorities");
    assert_eq!(about["writable"], false, "the program cannot change itself");
    let (status, tokyo) = service.get("/zones/Asia/Tokyo");
    assert_eq!((status, &json(&tokyo)["offset"]), (200, &Value::from(9 * 3600)), "there are time zones");
    assert!(service.get("/metrics").1.contains("world_clock_asked_total"));
    assert!(service.stop() < Duration::from_secs(9), "it obeys the stop signal");
}

#[test]
fn go_workspace() {
    let context = Context::example("go-workspace");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(run(&image.reference, &["--network", "none"], &["-l", "de", "Ada"]), "Guten Tag, Ada!\n");
}

#[test]
fn go_on_scratch() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "10001:10001");
    assert!(
        image.size_beside("application", AMD64) < 500_000,
        "nothing is little: {:#}",
        image.manifest(AMD64)
    );
    let said = run(&image.reference, &["--read-only=false", "--network", "none"], &[]);
    for line in [
        "zone: Asia/Kathmandu is 5h45m0s from UTC",
        "user: nonroot (10001:10001)",
        "authorities: trusted",
        "temporary files: writable",
        "state: writable",
        "own directory: read-only",
    ] {
        assert!(said.lines().any(|said| said == line), "{line:?} is missing:\n{said}");
    }
    let files = image.files(AMD64);
    assert_eq!(files["/tmp"].mode, "drwxrwxrwt");
    assert_eq!(
        (files["/var/lib/sundial"].owner.as_str(), files["/app"].owner.as_str()),
        ("10001/10001", "0/0")
    );
    let names = image.text(AMD64, "/etc/nsswitch.conf");
    assert_eq!(names, "passwd: files\ngroup: files\nhosts: files dns\n");
    let read_only = try_run(&image.reference, &["--network", "none"], &[]);
    assert!(
        read_only.all().contains("state: MISSING"),
        "a read-only root is read-only:\n{}",
        read_only.all()
    );
}

#[test]
fn cgo() {
    let context = Context::example("cgo");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(run(&image.reference, &["--network", "none"], &["pear", "apple", "fig"]), "apple fig pear\n");
    let base = image.report(AMD64)["base"].to_string();
    assert!(base.contains("distroless/cc"), "dynamic programs get the C library: {base}");
}

#[test]
fn custom_c() {
    let context = Context::example("custom-c");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let sums = run(&image.reference, &["--network", "none"], &["Wikipedia"]);
    assert_eq!(sums, "11e60398  Wikipedia\n");
    let steps = image.report(AMD64)["steps"].to_string();
    assert!(!steps.contains("fetch"), "nothing was fetched: {steps}");
}

#[test]
fn custom_ruby() {
    let context = Context::example("custom-ruby");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let port = Service::free_port();
    let listen = ["--env", &format!("PORT={port}"), "--env", "HOST=127.0.0.1"].map(str::to_owned);
    let listen: Vec<&str> = listen.iter().map(String::as_str).collect();
    let service = Service::start("custom-ruby", port, &image.reference, &listen, &[]);
    assert_eq!(service.get("/healthz"), (200, "ok\n".to_owned()));
    let year = json(&service.get("/years/2028").1);
    assert_eq!((&year["leap"], &year["begins"]), (&true.into(), &"Saturday".into()));
    assert!(service.stop() < Duration::from_secs(9), "it obeys the stop signal");
}

#[test]
fn rust_service() {
    let context = Context::example("rust-service");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let port = Service::free_port();
    let listen = format!("LISTEN=127.0.0.1:{port}");
    let service = Service::start("rust-service", port, &image.reference, &["--env", &listen], &[]);
    assert_eq!(service.get("/healthz"), (200, "ok\n".to_owned()));
    let first = json(&service.get("/").1);
    assert_eq!((&first["greeting"], &first["version"]), (&"Hello from Rust".into(), &"0.3.0".into()));
    assert_eq!(json(&service.get("/").1)["visitors"], 2);
    assert!(service.stop() < Duration::from_secs(9), "it obeys the stop signal");
}

#[test]
fn rust_workspace() {
    let context = Context::example("rust-workspace");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(run(&image.reference, &["--network", "none"], &["-n", "1"]), "BUILDERS STAY BEHIND\n");
    let refused = try_run(&image.reference, &["--network", "none"], &["-n", "9"]);
    assert!(refused.all().contains("there is no motto 9; there are 3"), "{}", refused.all());
}

#[test]
fn rust_on_scratch() {
    let context = Context::example("rust-workspace").replacing(
        "cofferdam.yaml",
        "source: crates/cli\n",
        "source: crates/cli\nruntime: {base: scratch}\n",
    );
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(run(&image.reference, &["--network", "none"], &["-n", "1"]), "BUILDERS STAY BEHIND\n");
    let files = image.files(AMD64);
    assert!(!files.keys().any(|path| path.contains("ld-linux")), "the program needs no loader: {files:#?}");
}

#[test]
fn binary() {
    let context = Context::example("binary");
    for architecture in ["amd64", "arm64"] {
        compile_agent(context.path(), architecture);
    }
    let image = Build::of(&context).flag("--platform=linux/amd64,linux/arm64").push();
    assert_eq!(image.platforms(), ["linux/amd64", "linux/arm64"]);
    for platform in image.platforms() {
        assert_eq!(image.config(&platform)["config"]["User"], "10001:10001");
        assert_eq!(image.files(&platform)["/etc/agent.json"].mode, "-r--r--r--");
    }
    let said = run(&image.reference, &["--network", "none"], &[]);
    assert_eq!(said, "reporting for duty on amd64 as 10001:10001\n");
}

#[test]
fn node_service() {
    let context = Context::example("node-service");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let service = node(&image);
    assert_eq!(service.get("/healthz"), (200, "ok\n".to_owned()));
    let about = json(&service.get("/about").1);
    assert_eq!((&about["uid"], &about["environment"]), (&65532.into(), &"production".into()));
    assert_eq!(about["writable"], false, "the program cannot change itself");
    let (status, tide) = service.get("/tides/dover?at=2026-01-01T00:00:00Z");
    assert_eq!((status, &json(&tide)["at"]), (200, &"2026-01-01T08:12:00.000Z".into()));
    assert!(service.stop() < Duration::from_secs(9), "it obeys the stop signal");
    let files = image.files(AMD64);
    assert!(files.contains_key("/app/node_modules/express/package.json"));
    for left_out in ["/app/node_modules/supertest/package.json", "/app/test", "/app/package-lock.json"] {
        assert!(!files.contains_key(left_out), "{left_out} is for developers");
    }
    let names = packages(&image);
    assert!(names.contains("express") && names.contains("node") && !names.contains("supertest"), "{names:?}");
}

#[test]
fn node_workspace_with_pnpm() {
    let context = Context::example("node-pnpm");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let service = node(&image);
    let sum = json(&service.get("/sum?prices=0.10,0.20,19.99").1);
    assert_eq!((&sum["sum"], &sum["uid"]), (&"20.29".into(), &65532.into()));
    let files = image.files(AMD64);
    let path = |path: &str| format!("/app/{path}");
    for ships in ["services/till/dist/main.js", "packages/money/dist/money.js", "node_modules/.pnpm"] {
        assert!(files.contains_key(&path(ships)), "{ships} does not ship");
    }
    let sources = files
        .keys()
        .filter(|path| path.split('.').next_back() == Some("ts") && !path.contains("node_modules"));
    assert_eq!(sources.filter(|path| !path.ends_with(".d.ts")).count(), 0, "TypeScript does not ship");
    let names = packages(&image);
    assert!(names.contains("big.js") && names.contains("@shop/money"), "{names:?}");
    assert!(!names.contains("typescript"), "{names:?}");
}

#[test]
fn node_with_yarn_and_an_add_on() {
    let context = Context::example("node-yarn");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let service = node(&image);
    let knock = json(&service.get("/knock").1);
    assert_eq!(knock["syscall"], "send", "the add-on was compiled and is loaded: {knock:#}");
}

#[test]
fn node_with_next() {
    let context = Context::example("node-next");
    let image = Build::of(&context).arg("GREETING", "Hello, tests").push();
    keeps_the_promises(&image, "65532:65532");
    let port = Service::free_port();
    let env = format!("PORT={port}");
    let service = Service::start("node-next", port, &image.reference, &["--env", &env], &[]);
    let (status, page) = service.get("/");
    assert_eq!(status, 200);
    assert!(page.contains("<h1>Hello, tests</h1>"), "the build argument reached the build: {page}");
    assert_eq!(json(&service.get("/api/uptime").1)["uid"], 65532);
    assert!(service.get("/robots.txt").1.contains("User-agent"), "public files ship");
}

#[test]
fn node_with_nitro() {
    let context = Context::example("node-nitro");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let port = Service::free_port();
    let env = format!("PORT={port}");
    let service = Service::start("node-nitro", port, &image.reference, &["--env", &env], &[]);
    let lighthouse = json(&service.get("/").1);
    assert_eq!(lighthouse["uid"], 65532);
    assert_eq!(lighthouse["node"], "22", "the version that the manifest names");
    assert!(!packages(&image).contains("nitropack"), "what builds stays in the builder");
}

#[test]
fn node_with_the_old_yarn() {
    // Its lock files hold the registry's addresses, so it is made here.
    let lock = "npx --yes yarn@1.22.22 install --silent --ignore-engines --ignore-scripts --modules-folder /tmp/none-$$; rm -rf /tmp/none-$$";
    let checksum = "sha512.a6b2f7906b721bba3d67d4aff083df04dad64c399707841b7acf00f6b133b7ac24255f2652fa22ae3534329dc6180\
        534e98d17432037ff6fd140556e2bb3137e";
    let declared = format!(r#""packageManager": "yarn@1.22.22+{checksum}", "engines""#);
    let context = Context::example("node-service").without("package-lock.json").replacing(
        "package.json",
        r#""engines""#,
        &declared,
    );
    Process::new("sh").args(["-ec", lock]).directory(context.path()).stdout();
    let image = Build::of(&context).push();
    let service = node(&image);
    assert_eq!(service.get("/healthz"), (200, "ok\n".to_owned()));
    assert!(!packages(&image).contains("supertest"));
}

#[test]
fn a_published_node_application_is_built_as_it_is() {
    const FETCH: &str = "archive=$(npm pack --silent node-red@5.0.7); tar xzf \"$archive\" --strip-components=1; \
        rm \"$archive\"; npm install --silent --package-lock-only --ignore-scripts";
    // It installs what its users choose, with the npm among its own packages.
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n\
        runtime: {cmd: [--userDir, /tmp/red], ports: [1880]}\n\
        exceptions: [{rule: final-package-manager, reason: it installs nodes for its users}]\n";
    let context = Context::of("node-red", &[("cofferdam.yaml", manifest)]);
    Process::new("sh").args(["-ec", FETCH]).directory(context.path()).stdout();
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let service = node(&image);
    let (status, page) = service.get("/");
    assert_eq!(status, 200);
    assert!(page.contains("<title>Node-RED</title>"), "{page}");
    assert!(packages(&image).len() > 200, "a bill of all its packages");
}

/// The service of a Node image that listens where the environment says.
fn node(image: &Image) -> Service {
    let port = Service::free_port();
    let name = format!("node-{port}");
    let env = format!("PORT={port}");
    Service::start(&name, port, &image.reference, &["--env", &env, "--env", "HOST=127.0.0.1"], &[])
}

/// The names in an image's bill of materials.
fn packages(image: &Image) -> BTreeSet<String> {
    let sbom = image.sbom(AMD64);
    let packages = sbom["packages"].as_array().unwrap();
    packages.iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

/// What the example's first lines tell its users to do.
pub(crate) fn compile_agent(directory: &Path, architecture: &str) {
    Process::new("go")
        .args(["build", "-trimpath", "-o", &format!("dist/agent_linux_{architecture}"), "."])
        .env("CGO_ENABLED", "0")
        .env("GOARCH", architecture)
        .directory(directory)
        .stdout();
}
