//! Node applications: what is planned for them, and what people are told where nothing can be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use cofferdam::facts::{Answer, Facts, ImageConfig, ImageFact, Query, matches};
use cofferdam::model::{self, Inputs};
use cofferdam::name::{ContextPath, Digest, Platform};
use cofferdam::plan::{self, Compartment, Node, Plan, Planning, Platforms, Step};
use cofferdam::report;
use cofferdam::text::Source;

type Files<'f> = &'f [(&'f str, &'f str)];

const PACKAGE: &str = r#"{"name": "web", "main": "index.js", "dependencies": {"express": "^5.0.0"}}"#;
const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"express": "^5.0.0"}}}}"#;

/// The plan; or everything that is said instead.
fn planned(manifest: &str, files: Files<'_>) -> Result<Plan, String> {
    let source = Source::new("cofferdam.yaml", manifest);
    let platform = Platform::parse("linux/amd64").unwrap();
    let told = |found| report::plain(&found, &source);
    let (image, _) = model::read(&source, &Inputs::default(), &platform).map_err(told)?;
    let platforms = Platforms { target: platform.clone(), build: platform };
    let mut facts = Facts::new();
    for _ in 0..9 {
        match plan::plan(&image, &platforms, &facts) {
            Planning::Ready(plan, _) => return Ok(*plan),
            Planning::Failed(found) => return Err(told(found)),
            Planning::Needs(queries) => queries.into_keys().for_each(|query| {
                let answer = answer(&query, files);
                facts.insert(query, answer);
            }),
        }
    }
    panic!("planning does not come to an end")
}

fn answer(query: &Query, files: Files<'_>) -> Answer {
    match query {
        Query::File(path) | Query::Head(path) => {
            let found = files.iter().find(|(name, _)| *name == path.as_str());
            Answer::File(found.map(|(_, text)| text.as_bytes().to_vec()))
        }
        Query::Glob(pattern) => {
            let paths = files.iter().map(|(name, _)| ContextPath::parse(name).unwrap());
            Answer::Paths(paths.filter(|path| matches(pattern, path)).collect())
        }
        Query::Image { reference, platform } => {
            let digest = Digest::of(reference.to_string().as_bytes());
            Answer::Image(Box::new(ImageFact {
                reference: reference.clone(),
                platform: platform.clone(),
                identifier: format!("docker-image://{}", reference.clone().with_digest(digest.clone())),
                attributes: Vec::new(),
                digest,
                config: ImageConfig::parse(br#"{"architecture":"amd64","os":"linux"}"#).unwrap(),
                replacement: None,
            }))
        }
    }
}

fn refused(manifest: &str, files: Files<'_>) -> String {
    planned(manifest, files).expect_err("there is a plan")
}

fn steps(plan: &Plan) -> Vec<&Step> {
    let step = |node| if let &Node::Step(step) = &node { Some(step) } else { None };
    plan.nodes.iter().filter_map(step).collect()
}

/// The toolchain image.
fn builder(plan: &Plan) -> String {
    plan.builders[0].reference.familiar()
}

#[test]
fn versions_come_from_the_manifest_then_from_the_application() {
    let with = |manifest: &str, file: (&str, &str)| {
        builder(&planned(manifest, &[("package.json", PACKAGE), ("package-lock.json", LOCK), file]).unwrap())
    };
    assert_eq!(with("language: node", ("x", "")), "node:22-trixie");
    assert_eq!(with("language: node", (".nvmrc", "v20\n")), "node:20-trixie");
    assert_eq!(with("language: node", (".tool-versions", "nodejs 24.9.0\n")), "node:24.9.0-trixie");
    assert_eq!(with("node: {version: 24}", (".nvmrc", "v20\n")), "node:24-trixie");
    let engines = PACKAGE.replace(r#""main""#, r#""engines": {"node": ">=20 <23"}, "main""#);
    let files: Files<'_> = &[("package.json", &engines), ("package-lock.json", LOCK)];
    assert_eq!(builder(&planned("language: node", files).unwrap()), "node:22-trixie");
}

#[test]
fn versions_without_a_release_are_refused() {
    let files = &[("package.json", PACKAGE), ("package-lock.json", LOCK), (".nvmrc", "14")];
    insta::assert_snapshot!(refused("language: node\n", files));
    insta::assert_snapshot!(refused("node: {version: 0.12}\n", files));
}

#[test]
fn no_package_no_lock_two_locks() {
    insta::assert_snapshot!(refused("language: node\n", &[("web/package.json", PACKAGE)]));
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", "{\"name\": }")]));
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", PACKAGE)]));
    let two = &[("package.json", PACKAGE), ("package-lock.json", LOCK), ("yarn.lock", "")];
    insta::assert_snapshot!(refused("language: node\n", two));
    assert!(planned("node: {package-manager: npm}", two).is_ok());
    insta::assert_snapshot!(refused("node: {package-manager: pnpm}\n", two));
    let bun = PACKAGE.replace(r#""main""#, r#""packageManager": "bun@1.0.0", "main""#);
    insta::assert_snapshot!(refused(
        "language: node\n",
        &[("package.json", &bun), ("package-lock.json", LOCK)]
    ));
}

#[test]
fn a_lock_that_is_out_of_step_names_both_files() {
    let package = PACKAGE.replace("^5.0.0", "^5.1.0");
    insta::assert_snapshot!(refused(
        "language: node\n",
        &[("package.json", &package), ("package-lock.json", LOCK)]
    ));
    let yarn = "# yarn lockfile v1\n\nexpress@^5.0.0:\n  version \"5.0.0\"\n";
    assert!(planned("language: node\n", &[("package.json", PACKAGE), ("yarn.lock", yarn)]).is_ok());
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", &package), ("yarn.lock", yarn)]));
}

#[test]
fn members_of_a_workspace_must_be_there() {
    let root = r#"{"workspaces": ["packages/*", "tools"]}"#;
    let member = r#"{"name": "web", "main": "index.js"}"#;
    let files = &[("package.json", root), ("packages/web/package.json", member)];
    insta::assert_snapshot!(refused("language: node\nsource: packages/web\n", files));
    let outside = r#"{"name": "web", "main": "index.js", "dependencies": {"lib": "file:../lib"}}"#;
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", outside)]));
}

#[test]
fn nothing_to_start() {
    let package = |more: &str| format!(r#"{{"name": "web"{more}}}"#);
    for more in [
        "",
        r#", "scripts": {"start": "node migrate.js && node server.js"}"#,
        r#", "bin": {"one": "1.js", "two": "2.js"}"#,
    ] {
        insta::assert_snapshot!(refused("language: node\n", &[("package.json", &package(more))]));
    }
    let written = "language: node\nruntime: {entrypoint: [node, server.js]}\n";
    assert!(planned(written, &[("package.json", &package(""))]).is_ok());
}

#[test]
fn scripts_that_do_not_exist() {
    let package = r#"{"main": "index.js", "scripts": {"bundle": "x"}}"#;
    insta::assert_snapshot!(refused("node: {script: bundel}\n", &[("package.json", package)]));
}

#[test]
fn next_is_asked_for_the_output_that_stands_alone() {
    let package = r#"{"scripts": {"build": "next build"}, "dependencies": {"next": "16"}}"#;
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"next": "16"}}}}"#;
    let with = |config: &str| {
        let files = &[("package.json", package), ("package-lock.json", lock), ("next.config.mjs", config)];
        planned("node: {version: 22}\n", files)
    };
    insta::assert_snapshot!(with("export default {};\n").unwrap_err());
    let plan = with("export default { output: 'standalone' };\n").unwrap();
    assert_eq!(plan.output.config.entrypoint, ["/usr/local/bin/node", "/app/server.js"]);
}

/// A service in a pnpm workspace, as `06-nestjs-pnpm.yaml` of the manifests that the language was made for.
const NEST: &str = "\
source: apps/api
node:
  version: 22
  fetch-scripts: [\"@prisma/engines\"]
fetch: {secrets: [npmrc]}
build: {run: [\"pnpm prisma generate\"]}
runtime:
  entrypoint: [node, dist/main.js]
  ports: [3000]
";
const WORKSPACE: Files<'_> = &[
    ("pnpm-workspace.yaml", "packages:\n  - apps/*\n  - 'libs/**'\n  - '!libs/old'\n"),
    ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"),
    ("package.json", r#"{"name": "acme", "packageManager": "pnpm@9.15.9"}"#),
    (".npmrc", "@acme:registry=https://npm.acme.example/\nnode-options=--require=./evil.js\n"),
    (
        "apps/api/package.json",
        r#"{"name": "api", "scripts": {"build": "nest build"}, "dependencies": {"lib": "workspace:*"}}"#,
    ),
    ("libs/lib/package.json", r#"{"name": "lib", "scripts": {"build": "tsc"}}"#),
    ("libs/old/package.json", r#"{"name": "old"}"#),
];

#[test]
fn a_workspace_is_fetched_as_a_whole_and_keeps_its_places() {
    let plan = planned(NEST, WORKSPACE).unwrap();
    assert_eq!(plan.output.config.working_directory, "/app/apps/api");
    assert_eq!(plan.output.config.entrypoint, ["node", "dist/main.js"]);
    let selected = plan.nodes.iter().find_map(|node| match node {
        Node::Context(selection) => Some(selection.paths.iter().map(ContextPath::as_str).collect::<Vec<_>>()),
        _ => None,
    });
    let expected = ["apps/api/package.json", "libs/lib/package.json", "package.json", "pnpm-lock.yaml"];
    let mut selected = selected.unwrap();
    selected.sort_unstable();
    assert_eq!(selected, expected);
}

#[test]
fn scripts_that_may_use_the_network_see_no_secret() {
    let plan = planned(NEST, WORKSPACE).unwrap();
    let steps = steps(&plan);
    let open: Vec<&&Step> = steps.iter().filter(|step| step.compartment == Compartment::Fetch).collect();
    let names: Vec<&str> = open.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["fetch packages with pnpm 9.15.9", "run install scripts with network"]);
    assert_eq!((open[0].secrets.len(), open[1].secrets.len()), (1, 0));
    assert!(plan.output.contract().fetch_executes);
    let settings = plan.nodes.iter().find_map(|node| match node {
        Node::Files(files) if files.name.starts_with("settings") => Some(format!("{:?}", files.edits)),
        _ => None,
    });
    assert!(!settings.unwrap().contains("node-options"), "what names code stays behind");
}
