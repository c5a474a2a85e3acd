//! Install scripts of Node packages: offline they are told what to do, named they may use the network.

use crate::support::{Build, Context, Process, run};

/// An application whose one package has a script that downloads what no optional package brings.
fn downloading(manifest: &str) -> Context {
    let package = r#"{
      "name": "minify", "version": "1.0.0", "private": true,
      "scripts": {"start": "node minify.js"}, "dependencies": {"esbuild": "0.25.9"}
    }"#;
    let program = "const { transformSync } = require('esbuild');\n\
        console.log(transformSync('let x: number = 1', { loader: 'ts' }).code.trim());\n";
    let files = [
        ("cofferdam.yaml", format!("# syntax=ghcr.io/cofferdam/cofferdam:1\n{manifest}")),
        ("package.json", package.to_owned()),
        (".npmrc", "omit=optional\n".to_owned()),
        ("minify.js", program.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let context = Context::of("node-scripts", &files);
    let lock = ["install", "--silent", "--package-lock-only", "--ignore-scripts"];
    Process::new("npm").args(lock).directory(context.path()).stdout();
    context
}

#[test]
fn a_script_that_wants_the_network_is_told_how_to_get_it() {
    let context = downloading("language: node\n");
    Build::of(&context).fail().clear().at_line(2).says(&[
        "the postinstall script of esbuild failed in the offline step that runs install scripts",
        r#"write `node: {fetch-scripts: ["esbuild"]}`"#,
    ]);
}

#[test]
fn a_script_that_the_manifest_names_has_it() {
    let context = downloading("node: {fetch-scripts: [esbuild]}\n");
    let image = Build::of(&context).push();
    let warning = "fetch-executes: install scripts of esbuild run with network (line 2)";
    assert!(image.log.contains(warning), "{}", image.log);
    let report = image.report("linux/amd64");
    assert_eq!(report["excepted"], serde_json::json!(["fetch-executes"]));
    let strict = || Build::of(&context).arg("COFFERDAM_CHECK", "error=true");
    strict().fail().clear().at_line(2).says(&["install scripts of esbuild run with network"]);
    let checked = strict().flag("--check").finish(&[]);
    assert!(!checked.success && checked.all().contains("fetch-executes"), "{}", checked.all());
    Build::of(&context)
        .arg("COFFERDAM_CHECK", "skip=fetch-executes;error=true")
        .succeed(&["--output=type=cacheonly".to_owned()]);
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "let x = 1;\n");
}

#[test]
fn a_build_that_wants_the_network_is_told_what_it_finds_instead() {
    let package = r#"{
      "name": "map", "version": "1.0.0", "main": "main.js",
      "scripts": {"build": "node -e \"fetch('http://example.com/map').then(() => 0, (e) => { throw e; })\""}
    }"#;
    let files = [
        ("cofferdam.yaml", "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n"),
        ("package.json", package),
        ("main.js", ""),
    ];
    Build::of(&Context::of("node-network", &files)).fail().clear().at_line(2).says(&[
        "fetch failed",
        "the script `build` of map failed in the offline step that builds the application",
        "what it wants of the network must be in the context or among the dependencies",
    ]);
}

#[test]
fn a_framework_whose_output_is_no_server_is_told_the_line_to_add() {
    let site = Context::example("node-nitro").replacing(
        "nitro.config.ts",
        "srcDir: '.'",
        "srcDir: '.', preset: 'static'",
    );
    Build::of(&site).fail().clear().says(&[
        "the build left no `.output/server/index.mjs`",
        "write `preset: \"node-server\"` in nitro.config",
    ]);
}

#[test]
fn a_file_whose_name_is_no_text_ships_as_it_is() {
    use std::os::unix::ffi::OsStrExt as _;
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n";
    let program = "const fs = require('node:fs');\n\
        console.log(fs.readdirSync('/app/data', 'latin1').map(escape).join());\n";
    let package = r#"{"name": "names", "version": "1.0.0", "main": "main.js"}"#;
    let files =
        [("cofferdam.yaml", manifest), ("package.json", package), ("main.js", program), ("data/plain", "")];
    let context = Context::of("node-names", &files);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    std::fs::write(context.path().join("data").join(name), "").unwrap();
    let built = Build::of(&context).finish(&["--output=type=cacheonly".to_owned()]);
    println!("{}", built.all());
    let image = Build::of(&context).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "caf%E9,plain\n");
}

#[test]
fn what_is_called_like_a_document_ships_and_what_is_optional_may_fail() {
    // No platform has a package for such a processor, so the script wants to download one.
    let package = "\u{feff}{\"name\": \"names\", \"version\": \"1.0.0\", \"main\": \"main.js\", \
        \"dependencies\": {\"ms\": \"2.1.3\"}, \"optionalDependencies\": {\"esbuild\": \"0.25.9\"}}";
    let program = "const { existsSync } = require('node:fs');\n\
        let esbuild = 'there';\n\
        try { require('esbuild'); } catch (error) { esbuild = error.code; }\n\
        console.log(require('./security'), require('./compose/readme'), require('ms')(1000), existsSync('README.md'), esbuild);\n";
    let files = [
        ("cofferdam.yaml", "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n"),
        ("package.json", package),
        (".npmrc", "cpu=none\n"),
        ("main.js", program),
        ("security.js", "module.exports = 1;\n"),
        ("compose/readme.js", "module.exports = 2;\n"),
        ("README.md", ""),
    ];
    let context = Context::of("node-optional", &files);
    let lock = ["install", "--silent", "--package-lock-only", "--ignore-scripts"];
    Process::new("npm").args(lock).directory(context.path()).stdout();
    let image = Build::of(&context).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "1 2 1s false MODULE_NOT_FOUND\n");
}

#[test]
fn add_ons_for_other_platforms_stay_behind() {
    let package = r#"{"name": "vault", "version": "1.0.0", "main": "main.js",
        "dependencies": {"argon2": "0.44.0", "all": "file:all-1.0.0.tgz"}}"#;
    let program = "const argon2 = require('argon2');\n\
        const { readdirSync } = require('node:fs');\n\
        const ships = (name) => readdirSync(`/app/node_modules/${name}/prebuilds`).sort().join();\n\
        const checked = argon2.hash('word').then((hash) => argon2.verify(hash, 'word'));\n\
        checked.then((same) => console.log(same, ships('argon2'), ships('all')));\n";
    let (own, other) = if cfg!(target_arch = "aarch64") { ("arm64", "x64") } else { ("x64", "arm64") };
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\n";
    let files = [("cofferdam.yaml", manifest), ("package.json", package), ("main.js", program)];
    let mut context = Context::of("node-addons", &files)
        .with("all/package.json", r#"{"name": "all", "version": "1.0.0", "main": "package.json"}"#);
    let platforms = [&format!("linuxglibc-{own}"), "node-v127", &format!("linux-{other}"), "win32-x64"];
    for platform in platforms {
        context = context.with(&format!("all/prebuilds/{platform}/all.node"), "");
    }
    for arguments in [&["pack", "./all"][..], &["install", "--package-lock-only", "--ignore-scripts"]] {
        Process::new("npm").args(arguments).directory(context.path()).stdout();
    }
    let image = Build::of(&context).push();
    let expected = format!("true linux-{own} linuxglibc-{own},node-v127\n");
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), expected);
}
