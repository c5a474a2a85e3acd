//! Node applications: what is planned for them, and what people are told where nothing can be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::name::ContextPath;
use cofferdam::plan::{Compartment, Node, Step};
use cofferdam::report::Proof;
use cofferdam::step::Report;
use plan_support::{Files, builder, planned, refused, steps, warnings};

const PACKAGE: &str = r#"{"name": "web", "main": "index.js", "dependencies": {"express": "^5.0.0"}}"#;
const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"express": "^5.0.0"}}}}"#;

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
    insta::assert_snapshot!(refused("language: node\n", files), @r#"
    cofferdam.yaml:1:11: error[version]: `.nvmrc` asks for Node 14, for which there is no release to build with
      1 | language: node
        |           ^^^^
      help: write `node: {version: 22}`; there are 24, 22, 20, 18
    "#);
    insta::assert_snapshot!(refused("node: {version: 0.12}\n", files), @r#"
    cofferdam.yaml:1:17: error[version]: `node.version` asks for Node 0.12, for which there is no release to build with
      1 | node: {version: 0.12}
        |                 ^^^^
      help: write `node: {version: 22}`; there are 24, 22, 20, 18
    "#);
}

#[test]
fn no_package_no_lock_two_locks() {
    insta::assert_snapshot!(refused("language: node\n", &[("web/package.json", PACKAGE)]), @r#"
    cofferdam.yaml:1:11: error[no-package]: there is no package.json in `.`
      1 | language: node
        |           ^^^^
      help: name the application's directory in `source`; an ignore file may hide package.json
    "#);
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", "{\"name\": }")]), @r#"
    cofferdam.yaml:1:11: error[package-json]: `package.json` cannot be read: expected value at line 1 column 10
      1 | language: node
        |           ^^^^
    "#);
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", PACKAGE)]), @r#"
    cofferdam.yaml:1:11: error[unlocked]: `package.json` has dependencies, but there is no package-lock.json, yarn.lock or pnpm-lock.yaml
      1 | language: node
        |           ^^^^
      why: without a lock nobody knows which code the fetch would bring
      help: run `npm install --package-lock-only` and commit package-lock.json
    "#);
    let two = &[("package.json", PACKAGE), ("package-lock.json", LOCK), ("yarn.lock", "")];
    insta::assert_snapshot!(refused("language: node\n", two), @r#"
    cofferdam.yaml:1:11: error[rival-locks]: there are two lock files of rival managers: package-lock.json and yarn.lock
      1 | language: node
        |           ^^^^
      help: remove the stale one, or write `node: {package-manager: npm}`
    "#);
    assert!(planned("node: {package-manager: npm}", two).is_ok());
    insta::assert_snapshot!(refused("node: {package-manager: pnpm}\n", two), @r#"
    cofferdam.yaml:1:25: error[unlocked]: `package.json` has dependencies, but there is no lock file of pnpm
      1 | node: {package-manager: pnpm}
        |                         ^^^^
      why: without a lock nobody knows which code the fetch would bring
      help: run `pnpm install --lockfile-only` and commit pnpm-lock.yaml
    "#);
    let bun = PACKAGE.replace(r#""main""#, r#""packageManager": "bun@1.0.0", "main""#);
    insta::assert_snapshot!(refused(
        "language: node\n",
        &[("package.json", &bun), ("package-lock.json", LOCK)]
    ), @r#"
    cofferdam.yaml:1:11: error[package-manager]: `package.json` declares the package manager `bun@1.0.0`
      1 | language: node
        |           ^^^^
      help: it must be `npm`, `yarn` or `pnpm` with a version, such as `pnpm@9.15.9`, and a checksum, if there is one, `+sha512.` with its digits
    "#);
}

#[test]
fn a_lock_that_is_out_of_step_names_both_files() {
    let package = PACKAGE.replace("^5.0.0", "^5.1.0");
    insta::assert_snapshot!(refused(
        "language: node\n",
        &[("package.json", &package), ("package-lock.json", LOCK)]
    ), @r#"
    cofferdam.yaml:1:11: error[lock-out-of-step]: `package.json` and `package-lock.json` are out of step: `express` is to be `^5.1.0`, but is locked for `^5.0.0`
      1 | language: node
        |           ^^^^
      why: what is not locked is not fetched
      help: run `npm install` and commit the lock file
    "#);
    let yarn = "# yarn lockfile v1\n\nexpress@^5.0.0:\n  version \"5.0.0\"\n";
    assert!(planned("language: node\n", &[("package.json", PACKAGE), ("yarn.lock", yarn)]).is_ok());
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", &package), ("yarn.lock", yarn)]), @r#"
    cofferdam.yaml:1:11: error[lock-out-of-step]: `package.json` and `yarn.lock` are out of step: `express@^5.1.0` is not locked
      1 | language: node
        |           ^^^^
      why: what is not locked is not fetched
      help: run `yarn install` and commit the lock file
    "#);
}

#[test]
fn the_new_yarn_locks_each_package_of_a_workspace() {
    let root = r#"{"name": "shop", "workspaces": ["web"], "packageManager": "yarn@4.9.4"}"#;
    let web = |range: &str| {
        format!(r#"{{"name": "@shop/web", "main": "index.js", "dependencies": {{"@a/b": "{range}"}}}}"#)
    };
    let lock = "__metadata:\n  version: 8\n\n\"@shop/web@workspace:web\":\n  version: 0.0.0-use.local\n  dependencies:\n    \
        \"@a/b\": \"npm:^1.0.0\"\n  languageName: unknown\n\n\"shop@workspace:.\":\n  languageName: unknown\n";
    let with = |range: &str| {
        let files = &[("package.json", root), ("web/package.json", &web(range)), ("yarn.lock", lock)];
        planned("language: node\nsource: web\n", files)
    };
    assert!(with("^1.0.0").is_ok());
    let said = with("^2.0.0").unwrap_err();
    assert!(
        said.contains("`web/package.json` and `yarn.lock` are out of step: `@a/b` is to be `^2.0.0`"),
        "{said}"
    );
}

#[test]
fn members_of_a_workspace_must_be_there() {
    let root = r#"{"workspaces": ["packages/*", "tools"]}"#;
    let member = r#"{"name": "web", "main": "index.js"}"#;
    let files = &[("package.json", root), ("packages/web/package.json", member)];
    insta::assert_snapshot!(refused("language: node\nsource: packages/web\n", files), @r#"
    cofferdam.yaml:2:9: error[workspace-member]: the workspace in `.` names the package `tools`, which is not there
      2 | source: packages/web
        |         ^^^^^^^^^^^^
      help: build from a directory that holds it; an ignore file may hide it
    "#);
    let outside = r#"{"name": "web", "main": "index.js", "dependencies": {"lib": "file:../lib"}}"#;
    insta::assert_snapshot!(refused("language: node\n", &[("package.json", outside)]), @r#"
    cofferdam.yaml:1:11: error[outside-context]: `package.json` needs `lib` from `../lib`, which lies outside the build context
      1 | language: node
        |           ^^^^
      help: build from a directory that holds both, and name the application's in `source`
    "#);
}

#[test]
fn nothing_to_start() {
    let package = |more: &str| format!(r#"{{"name": "web"{more}}}"#);
    let said = |more: &str| refused("language: node\n", &[("package.json", &package(more))]);
    insta::assert_snapshot!(said(""), @r#"
    cofferdam.yaml:1:11: error[no-entrypoint]: nothing in `package.json` says what the image starts
      1 | language: node
        |           ^^^^
      why: it has neither a start script of the form `node …`, nor one program, nor `main`, and beside it is no `server.js`
      help: name it, and the variables it wants: `runtime: {entrypoint: [node, server.js], env: {…}}`
    "#);
    insta::assert_snapshot!(said(r#", "scripts": {"start": "node migrate.js && node server.js"}"#), @r#"
    cofferdam.yaml:1:11: error[no-entrypoint]: the start script of `package.json` is no plain `node …`: `node migrate.js && node server.js`
      1 | language: node
        |           ^^^^
      why: the image has no shell and no package manager that could run it
      help: name it, and the variables it wants: `runtime: {entrypoint: [node, server.js], env: {…}}`
    "#);
    insta::assert_snapshot!(said(r#", "bin": {"one": "1.js", "two": "2.js"}"#), @r#"
    cofferdam.yaml:1:11: error[no-entrypoint]: `package.json` has several programs: one, two
      1 | language: node
        |           ^^^^
      why: an image starts one of them
      help: name it, and the variables it wants: `runtime: {entrypoint: [node, server.js], env: {…}}`
    "#);
    let usual = planned("language: node\n", &[("package.json", &package("")), ("server.js", "")]).unwrap();
    assert_eq!(usual.output.config.entrypoint, ["/usr/local/bin/node", "/app/server.js"]);
    let written = "language: node\nruntime: {entrypoint: [node, server.js]}\n";
    assert!(planned(written, &[("package.json", &package(""))]).is_ok());
}

/// What is said of a lock file that has `express` from an address.
fn from(manifest: &str, lock: (&str, &str)) -> Result<(), String> {
    planned(manifest, &[("package.json", PACKAGE), lock]).map(drop)
}

#[test]
fn packages_whose_fetch_runs_code_are_refused_in_every_lock_file() {
    let npm = |entry: &str| {
        let root = r#""": {"dependencies": {"express": "^5.0.0"}}"#;
        let lock =
            format!(r#"{{"lockfileVersion": 3, "packages": {{{root}, "node_modules/express": {entry}}}}}"#);
        from("language: node\n", ("package-lock.json", &lock))
    };
    let classic = |range: &str, more: &str| {
        let lock =
            format!("# yarn lockfile v1\n\n\"x@{range}\", express@^5.0.0:\n  version \"5.0.0\"\n{more}");
        from("language: node\n", ("yarn.lock", &lock))
    };
    let yarn = |resolution: &str| {
        let lock = format!(
            "__metadata:\n  version: 8\n\n{resolution}\n\n\"web@workspace:.\":\n  version: 0.0.0-use.local\n  \
            dependencies:\n    express: \"npm:^5.0.0\"\n  languageName: unknown\n"
        );
        from("language: node\n", ("yarn.lock", &lock))
    };
    let pnpm = |resolution: &str| {
        let lock =
            format!("lockfileVersion: '9.0'\npackages:\n  express@git+x:\n    resolution: {resolution}\n");
        from("language: node\n", ("pnpm-lock.yaml", &lock))
    };
    insta::assert_snapshot!(npm(r#"{"resolved": "git+ssh://git@github.com/o/express.git#1"}"#).unwrap_err(), @r#"
    cofferdam.yaml:1:11: error[fetch-executes]: `express` comes from `git+ssh://git@github.com/o/express.git#1`, which is no archive
      1 | language: node
        |           ^^^^
      why: managers run code of such packages as they fetch them, beside network and secrets
      help: depend on a release in a registry or on an archive; where no secret is fetched with, `node: {fetch-scripts: ["express"]}` lets it
    "#);
    insta::assert_snapshot!(yarn("\"gen@exec:./gen.js\":\n  resolution: \"gen@exec:./gen.js\"").unwrap_err(), @r#"
    cofferdam.yaml:1:11: error[fetch-executes]: `gen` comes from `exec:./gen.js`, which is no archive
      1 | language: node
        |           ^^^^
      why: managers run code of such packages as they fetch them, beside network and secrets
      help: depend on a release in a registry
    "#);
    let refused = [
        npm(r#"{"resolved": "o/express"}"#),
        npm(r#"{"version": "github:o/express#1"}"#),
        npm(r#"{"resolved": "file:lib"}"#),
        npm(r#"{"resolved": "https://github.com/o/express"}"#),
        npm(r#"{"version": "5.0.0", "dependencies": {"b": "github:o/b#1"}}"#),
        npm(r#"{"version": "5.0.0", "optionalDependencies": {"b": "o/b"}}"#),
        classic("git+https://example.com/x.git", ""),
        classic("o/x", ""),
        classic("^1.0.0", "  resolved \"https://github.com/o/x.git#1\"\n"),
        yarn("\"gen@\\x65xec:./gen.js\": {}"),
        yarn("a:\n  resolution: \"a@patch:gen@exec%3A./gen.js#x\""),
        yarn("a:\n  dependencies:\n    gen: exec:./gen.js"),
        yarn("a:\n  resolution: \"a@https://github.com/o/a.git#commit=1\""),
        yarn("a:\n  resolution: a@o/a"),
        yarn("a:\n  dependencies:\n    b: o/b"),
        yarn("a:\n  dependencies:\n    b: github:o/b"),
        pnpm("{commit: '1', repo: https://example.com/x, type: git}"),
        pnpm("{commit: '1', repo: https://example.com/x, \"t\\x79pe\": git}"),
    ];
    for (index, said) in refused.into_iter().enumerate() {
        let said = said.expect_err(&format!("case {index}"));
        assert!(said.contains("error[fetch-executes]"), "case {index}: {said}");
    }
    let unreadable =
        [classic("^1.0.0", "  resolved \"g\\u0069t:x\"\n"), pnpm("&a {type: git}"), yarn("<<: *a")];
    for (index, said) in unreadable.into_iter().enumerate() {
        let said = said.expect_err(&format!("case {index}"));
        assert!(said.contains("error[lock-file]"), "case {index}: {said}");
    }
    for (index, said) in [
        npm(r#"{"resolved": "https://registry.example/express/-/express-5.0.0.tgz", "version": "5.0.0"}"#),
        npm(r#"{"resolved": "packages/express", "link": true}"#),
        classic("o/x", "  resolved \"https://codeload.github.com/o/x/tar.gz/0123\"\n"),
        yarn("\"a@patch:a@npm%3A1#~/x\":\n  resolution: \"a@patch:a@npm%3A1#~/patches/@s/b::version=1\"\n  checksum: 10c0/ab"),
        yarn("\"exec@npm:^1\":\n  resolution: \"exec@npm:1.0.0\"\n  dependencies:\n    \"@a/b\": \"npm:^1\"\n  bin:\n    a: bin/a.js"),
        pnpm("{tarball: https://codeload.github.com/o/x/tar.gz/0123}"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(said, Ok(()), "case {index}");
    }
}

#[test]
fn a_fetch_that_runs_code_is_reported_as_an_exception_and_not_as_proved() {
    let reported = |manifest: &str| {
        let plan = planned(manifest, &[("package.json", PACKAGE), ("package-lock.json", LOCK)]).unwrap();
        let proof = Proof::new(&plan, &Report::default(), &[]);
        let is_named = |rules: Vec<String>| rules.iter().any(|rule| rule == "fetch-executes");
        (is_named(proof.rules), is_named(proof.excepted))
    };
    assert_eq!(reported("language: node\n"), (true, false));
    assert_eq!(reported("node: {fetch-scripts: [express]}\n"), (false, true));
    let warned = |manifest: &str| {
        warnings(manifest, &[("package.json", PACKAGE), ("package-lock.json", LOCK)])
            .lines()
            .find(|line| line.contains("fetch-executes"))
            .map(str::to_owned)
    };
    let told = |scripts: &str, whose: &str| {
        let expected = format!(
            "cofferdam.yaml:2:18: warning[fetch-executes]: install scripts of {whose} run with network"
        );
        assert_eq!(warned(&format!("node:\n  fetch-scripts: {scripts}\n")), Some(expected));
    };
    told("true", "all packages");
    assert_eq!(warned("language: node\n"), None);
    assert_eq!(warned("node: {fetch-scripts: false}\n"), None);
    let named = warned("node: {fetch-scripts: [express, sharp]}\n").unwrap();
    assert!(
        named.contains("1:24: warning[fetch-executes]: install scripts of express, sharp run"),
        "{named}"
    );
}

#[test]
fn a_package_from_a_repository_may_be_named_but_not_beside_secrets() {
    let entry = r#""node_modules/express": {"resolved": "git+ssh://git@github.com/o/express.git#1"}"#;
    let root = r#""": {"dependencies": {"express": "^5.0.0"}}"#;
    let lock = format!(r#"{{"lockfileVersion": 3, "packages": {{{root}, {entry}}}}}"#);
    let with = |manifest: &str| from(manifest, ("package-lock.json", &lock));
    assert_eq!(with("node: {fetch-scripts: [express]}\n"), Ok(()));
    assert_eq!(with("node: {fetch-scripts: true}\n"), Ok(()));
    assert!(with("node: {fetch-scripts: [other]}\n").is_err());
    let secret = with("node: {fetch-scripts: [express]}\nfetch: {secrets: [npmrc]}\n").unwrap_err();
    assert!(secret.contains("error[fetch-executes]"), "{secret}");
    let overrides = PACKAGE.replace(r#""main""#, r#""overrides": {"a": {"b": "github:o/b#1"}}, "main""#);
    let said = refused("language: node\n", &[("package.json", &overrides), ("package-lock.json", LOCK)]);
    assert!(said.contains("`b` comes from `github:o/b#1`"), "{said}");
    let asked = PACKAGE.replace(r#""main""#, r#""resolutions": {"a/b": "exec:./gen.js"}, "main""#);
    let lock =
        "__metadata:\n  version: 8\n\n\"web@workspace:.\":\n  dependencies:\n    express: \"npm:^5.0.0\"\n";
    let said = refused("node: {fetch-scripts: true}\n", &[("package.json", &asked), ("yarn.lock", lock)]);
    assert!(said.contains("`a/b` comes from `exec:./gen.js`"), "{said}");
}

#[test]
fn managers_are_those_that_wrote_the_lock_file_and_have_checksums() {
    let with = |declared: &str, lock: (&str, &str), more: (&str, &str)| {
        let package = format!(r#"{{"name": "web", "main": "index.js", "devDependencies": {{}}{declared}}}"#);
        let files: Files<'_> = &[("package.json", &package), lock, more];
        let fetch = planned("language: node\n", files).map(|plan| {
            let steps = steps(&plan);
            let fetch = steps.iter().find(|step| step.name.starts_with("fetch")).unwrap();
            (fetch.name.clone(), fetch.script.argv().iter().any(|word| word.len() == 128))
        });
        (fetch, planned("language: node\n", files).map(|_| warnings("language: node\n", files)))
    };
    let none = ("x", "");
    let pnpm = |version: &'static str| ("pnpm-lock.yaml", version);
    let nine = pnpm("lockfileVersion: '9.0'\n");
    let yarn = |version: u32| format!("__metadata:\n  version: {version}\n\n\"web@workspace:.\":\n  x: y\n");
    let fetched = |name: &str| Ok((format!("fetch packages with {name}"), true));
    assert_eq!(with("", nine, none), (fetched("pnpm 9.15.9"), Ok(String::new())));
    let packages = ("pnpm-workspace.yaml", "packages: []\ncatalog: {}\n");
    assert_eq!(with("", nine, packages).0, fetched("pnpm 9.15.9"));
    let settings = ("pnpm-workspace.yaml", "packages: []\noverrides: {a: '1'}\n");
    assert_eq!(with("", nine, settings).0, fetched("pnpm 10.34.9"));
    assert_eq!(with("", ("yarn.lock", &yarn(8)), none).0, fetched("yarn 4.9.4"));
    assert_eq!(with("", ("yarn.lock", &yarn(6)), none).0, fetched("yarn 3.8.7"));
    let ours = r#", "packageManager": "pnpm@9.15.9""#;
    assert_eq!(with(ours, nine, none), (fetched("pnpm 9.15.9"), Ok(String::new())));
    insta::assert_snapshot!(with(r#", "packageManager": "pnpm@9.1.0""#, nine, none).1.unwrap(), @r#"
    cofferdam.yaml:1:11: warning[unlocked]: pnpm 9.1.0 is declared without a checksum
      1 | language: node
        |           ^^^^
      why: it runs where the fetch has network and secrets, and nobody vouches for it but the registry
      help: run `corepack use pnpm@9.1.0`, which writes it down
    "#);
    insta::assert_snapshot!(with("", ("yarn.lock", &yarn(4)), none).0.unwrap_err(), @r#"
    cofferdam.yaml:1:11: error[package-manager]: `yarn.lock` was written by a version that is not known here
      1 | language: node
        |           ^^^^
      help: declare the version that wrote it: `packageManager` in package.json
    "#);
    insta::assert_snapshot!(with(r#", "packageManager": "yarn@1.22.22""#, ("yarn.lock", &yarn(8)), none).0.unwrap_err(), @r#"
    cofferdam.yaml:1:11: error[package-manager]: `yarn.lock` was not written by the declared version, Yarn 1.22.22
      1 | language: node
        |           ^^^^
      help: run `yarn install` with that version and commit the lock file
    "#);
    insta::assert_snapshot!(with(r#", "packageManager": "pnpm@6.35.1""#, nine, none).0.unwrap_err(), @r#"
    cofferdam.yaml:1:11: error[package-manager]: pnpm 6.35.1 runs scripts of packages from repositories as it fetches them
      1 | language: node
        |           ^^^^
      help: declare 7.33 or newer: `packageManager` in package.json
    "#);
    let (said, _) = with(r#", "packageManager": "pnpm@9.1.0+sha1.ab""#, nine, none);
    assert!(said.unwrap_err().contains("error[package-manager]"));
}

#[test]
fn the_new_yarn_does_not_read_the_secret_of_npm() {
    let lock =
        "__metadata:\n  version: 8\n\n\"web@workspace:.\":\n  dependencies:\n    express: \"npm:^5.0.0\"\n";
    let files: Files<'_> = &[("package.json", PACKAGE), ("yarn.lock", lock)];
    insta::assert_snapshot!(warnings("language: node\nfetch: {secrets: [npmrc]}\n", files), @r#"
    cofferdam.yaml:2:19: warning[npmrc]: Yarn does not read the secret `npmrc`, from its version 2
      2 | fetch: {secrets: [npmrc]}
        |                   ^^^^^
      help: give it the token as a variable, `fetch: {secrets: [{id: npm-token, env: NPM_TOKEN}]}`, and write `npmAuthToken: "${NPM_TOKEN}"` into .yarnrc.yml
    "#);
}

#[test]
fn scripts_that_do_not_exist() {
    let package = r#"{"main": "index.js", "scripts": {"bundle": "x"}}"#;
    insta::assert_snapshot!(refused("node: {script: bundel}\n", &[("package.json", package)]), @r#"
    cofferdam.yaml:1:16: error[no-script]: `package.json` has no script `bundel`
      1 | node: {script: bundel}
        |                ^^^^^^
      help: did you mean `bundle`?
    "#);
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

#[test]
fn a_secret_lies_in_nothing_that_the_fetch_hands_on() {
    let files: Files<'_> = &[("package.json", PACKAGE), ("package-lock.json", LOCK), ("index.js", "")];
    let manifest =
        |target: &str| format!("language: node\nfetch: {{secrets: [{{id: token, target: {target}}}]}}\n");
    assert!(planned(&manifest("/run/token"), files).is_ok());
    let told = refused(&manifest("/src/.token"), files);
    assert!(told.contains("cofferdam.yaml:2:") && told.contains("error[secret-outside-fetch]"), "{told}");
}

#[test]
fn the_manifest_has_the_last_word_on_what_builders_see() {
    let package = PACKAGE.replace("\"main\"", r#""scripts": {"build": "tsc"}, "main""#);
    let files: Files<'_> = &[("package.json", &package), ("package-lock.json", LOCK), ("index.js", "")];
    let plan = planned("source: {exclude: ['!**/.git']}\nlanguage: node\n", files).unwrap();
    let mut excluded = plan.nodes.iter().filter_map(|node| match node {
        Node::Context(selection) => Some(&selection.exclude),
        _ => None,
    });
    let is_last = |list: &Vec<String>| list.last().is_some_and(|pattern| pattern == "!**/.git");
    assert!(excluded.all(|list| is_last(list) && list.contains(&"**/node_modules".to_owned())));
}
