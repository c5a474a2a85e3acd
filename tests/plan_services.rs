//! Services as teams have them, in the words that the language must have for them: each becomes a plan.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::Plan;
use plan_support::{Files, builder, planned, steps};

#[track_caller]
fn plans(manifest: &str, files: Files<'_>) -> Plan {
    planned(manifest, files).unwrap_or_else(|said| panic!("{said}"))
}

/// The names of the steps, in their order.
fn names(plan: &Plan) -> String {
    steps(plan).iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_go_service_of_a_monorepo_with_private_modules() {
    let manifest = "source: services/billing
args: {VERSION: dev}
go:
  private: [github.com/acme/*]
  ldflags: [\"-X main.version=${VERSION}\"]
fetch: {ssh: [default]}
runtime:
  files: [{from: services/billing/migrations, to: /app/migrations}]
  ports: [8080]
tests:
  - {run: [/app/billing, --version], stdout: {contains: \"${VERSION}\"}}
";
    let plan = plans(
        manifest,
        &[
            ("go.work", "go 1.26\n\nuse ./services/billing\n"),
            (
                "services/billing/go.mod",
                "module github.com/acme/billing\n\ngo 1.26\n\nrequire github.com/acme/kit v1.2.0\n",
            ),
            ("services/billing/go.sum", "github.com/acme/kit v1.2.0 h1:x\n"),
            ("services/billing/main.go", "package main\n"),
        ],
    );
    assert!(names(&plan).contains("fetch Go modules"), "{}", names(&plan));
    assert_eq!(plan.output.config.entrypoint, ["/app/billing"]);
    assert_eq!(plan.tests.len(), 1);
}

#[test]
fn a_rust_command_line_of_a_workspace() {
    let manifest = "source: crates/cli\nrust: {features: [rustls]}\nruntime: {base: scratch}
tests:\n  - {run: [acme, --version], stdout: {contains: acme}}\n";
    let lock = "version = 4\n\n[[package]]\nname = \"acme\"\nversion = \"1.0.0\"\n";
    let package =
        "[package]\nname = \"acme\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[features]\nrustls = []\n";
    let plan = plans(
        manifest,
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"crates/cli\"]\nresolver = \"3\"\n"),
            ("Cargo.lock", lock),
            ("crates/cli/Cargo.toml", package),
            ("crates/cli/src/main.rs", "fn main() {}\n"),
        ],
    );
    assert_eq!(plan.output.config.entrypoint, ["/app/acme"]);
}

#[test]
fn a_fastapi_service_on_uv() {
    let manifest = "python: {version: 3.13}
runtime:
  entrypoint: [uvicorn, \"app.main:app\", --host=0.0.0.0, --port=8080]
  ports: [8080]
tests:
  - {http: {path: /healthz}}
";
    let project = "[project]\nname = 'app'\nversion = '1'\nrequires-python = '>=3.12'\n";
    let plan = plans(manifest, &[("pyproject.toml", project), ("uv.lock", "version = 1\n")]);
    assert_eq!(builder(&plan), "python:3.13-trixie");
}

#[test]
fn a_next_application_with_a_build_argument() {
    let manifest = "args: {API_URL: https://api.example.com}
node: {version: 22}
build: {env: {NEXT_PUBLIC_API_URL: \"${API_URL}\"}}
runtime:
  writable: [/app/.next/cache]
  ports: [3000]
";
    let package =
        r#"{"name": "shop", "dependencies": {"next": "16.0.0"}, "scripts": {"build": "next build"}}"#;
    let lock = r#"{"name": "shop", "lockfileVersion": 3, "packages": {"": {"name": "shop", "dependencies": {"next": "16.0.0"}}, "node_modules/next": {"version": "16.0.0", "integrity": "sha512-AA=="}}}"#;
    let plan = plans(
        manifest,
        &[
            ("package.json", package),
            ("package-lock.json", lock),
            ("next.config.mjs", "export default { output: 'standalone' };\n"),
        ],
    );
    assert_eq!(builder(&plan), "node:22-trixie");
}

#[test]
fn a_react_site_served_without_node() {
    let manifest =
        "node: {version: 22}\nstatic: {root: dist, fallback: index.html}\nbuild: {env: {VITE_API: /api}}\n";
    let package =
        r#"{"name": "spa", "devDependencies": {"vite": "7.0.0"}, "scripts": {"build": "vite build"}}"#;
    let lock = r#"{"name": "spa", "lockfileVersion": 3, "packages": {"": {"name": "spa", "devDependencies": {"vite": "7.0.0"}}, "node_modules/vite": {"version": "7.0.0", "dev": true, "integrity": "sha512-AA=="}}}"#;
    let plan = plans(manifest, &[("package.json", package), ("package-lock.json", lock)]);
    assert!(plan.output.config.entrypoint[0].ends_with("nginx"), "{:?}", plan.output.config.entrypoint);
    assert_eq!(plan.output.config.ports, [8080]);
}

#[test]
fn an_agent_that_was_built_elsewhere() {
    let manifest = "binary: {from: \"dist/agent_linux_${TARGETARCH}\"}
platforms: [linux/amd64, linux/arm64]
runtime:
  base: scratch
  ca-certificates: [certs/acme-root.crt]
  user: 10001
  cmd: [--config=/etc/agent.toml]
  files: [{from: agent.toml, to: /etc/agent.toml}]
";
    let plan = plans(manifest, &[("dist/agent_linux_amd64", "\u{7f}ELF"), ("agent.toml", "")]);
    assert_eq!(plan.output.config.entrypoint, ["/app/agent_linux_amd64"]);
    assert_eq!(plan.output.config.cmd, ["--config=/etc/agent.toml"]);
}

#[test]
fn of_several_go_programs_the_one_that_is_called_as_the_module_is_meant() {
    let module = ("go.mod", "module example.com/acme/kit/v2\n\ngo 1.26\n");
    let files = [module, ("cmd/kit/main.go", "package main\n"), ("cmd/kit-test/main.go", "package main\n")];
    let plan = plans("language: go\n", &files);
    assert_eq!(plan.output.config.entrypoint, ["/app/kit"]);
    let chosen: Vec<String> = plan.choices.iter().map(ToString::to_string).collect();
    assert!(chosen.contains(&"program cmd/kit (named as the module)".to_owned()), "{chosen:?}");
    let told = planned("language: go\n", &[module, ("cmd/a/a.go", "package main\n"), files[2]]).unwrap_err();
    assert!(told.contains("several programs to choose from: cmd/a, cmd/kit-test"), "{told}");
}
