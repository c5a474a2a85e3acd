//! `.tool-versions`: a version for developers builds the image where nothing else names one, and is told of where it differs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use plan_support::{Files, builder, planned, refused, warnings};

const MAIN: (&str, &str) = ("main.go", "package main\n");
const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {"": {}}}"#;

/// The builder's image, and what is warned of.
#[track_caller]
fn built(language: &str, files: Files<'_>) -> (String, String) {
    let manifest = format!("language: {language}\n");
    let mut found = warnings(&manifest, files);
    // A package without digests is another matter.
    if !found.contains(".tool-versions") {
        found.clear();
    }
    (builder(&planned(&manifest, files).unwrap()), found)
}

#[test]
fn it_names_the_version_where_nothing_else_does() {
    let tools = "golang 1.25.3\nrust 1.89.0\npython 3.12.4\nnodejs 24.9.0\njava temurin-21.0.2+13.0.LTS\n";
    let tools = (".tool-versions", tools);
    let cargo = "[package]\nname = 'a'\nversion = '1.0.0'\nedition = '2024'\n";
    let rust: Files<'_> =
        &[("Cargo.toml", cargo), ("Cargo.lock", "version = 4\n"), ("src/main.rs", ""), tools];
    for (language, files, image) in [
        ("go", &[("go.mod", "module a.b/c\n"), MAIN, tools][..], "golang:1.25-trixie"),
        ("rust", rust, "rust:1.89.0-trixie"),
        ("python", &[("requirements.txt", ""), ("main.py", ""), tools], "python:3.12.4-trixie"),
        (
            "node",
            &[("package.json", r#"{"main": "a.js"}"#), ("package-lock.json", LOCK), tools],
            "node:24.9.0-trixie",
        ),
        (
            "java",
            &[("pom.xml", "<project><artifactId>a</artifactId></project>"), tools],
            "maven:3.9-eclipse-temurin-21",
        ),
    ] {
        assert_eq!(built(language, files), (image.to_owned(), String::new()));
    }
}

/// What is chosen by itself, as `cofferdam init` and `--call=cofferdam.plan` tell it.
#[track_caller]
fn choices(manifest: &str, files: Files<'_>) -> String {
    planned(manifest, files).unwrap().choices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_the_manifest_settles_is_no_choice() {
    let module = ("go.mod", "module a.b/c\n\ngo 1.26\n");
    let cargo = "[package]\nname = 'a'\nversion = '1.0.0'\nedition = '2024'\n";
    let rust: Files<'_> = &[
        ("Cargo.toml", cargo),
        ("Cargo.lock", "version = 4\n"),
        ("src/main.rs", ""),
        ("rust-toolchain", "1.89"),
    ];
    let node: Files<'_> = &[
        ("package.json", r#"{"main": "a.js", "dependencies": {"b": "1"}}"#),
        ("package-lock.json", r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"b": "1"}}}}"#),
        (".nvmrc", "24.9.0"),
    ];
    let python: Files<'_> = &[
        ("pyproject.toml", "[project]\nname = 'a'\nversion = '1'\n"),
        ("uv.lock", "version = 1\n"),
        ("main.py", ""),
        (".python-version", "3.12"),
    ];
    let pom = "<project><artifactId>a</artifactId><properties><java.version>17</java.version></properties></project>";
    for (language, files, version, rest) in [
        ("go", &[module, MAIN][..], "Go 1.26 (go.mod)", ""),
        ("rust", rust, "Rust 1.89 (rust-toolchain)", ""),
        ("node", node, "Node 24.9.0 (.nvmrc)", "packages by npm (package-lock.json)"),
        ("python", python, "Python 3.12 (.python-version)", "packages by uv (uv.lock)"),
        ("java", &[("pom.xml", pom)], "Java 17 (pom.xml)", ""),
    ] {
        let open = format!("language: {language}\n");
        let told = choices(&open, files);
        assert!(told.contains(version) && told.contains(rest), "{told}");
        let other = (".tool-versions", "golang 1.25\nrust 1.80\nnodejs 22\npython 3.11\njava 21\n");
        let based = format!("{open}build: {{base: example.com/builder:1}}\n");
        let files = [files, &[other]].concat();
        assert_eq!(choices(&based, &files), rest, "the builder has whichever {language} it has");
        assert!(!warnings(&based, &files).contains("which is what builds"), "{language}");
    }
    for (manifest, files) in
        [("node: {package-manager: npm}\n", node), ("python: {package-manager: uv}\n", python)]
    {
        assert!(!choices(manifest, files).contains("packages by"), "{manifest}");
    }
    let lines = |text| choices("go: {version: 1.26}\n", &[module, MAIN, ("Procfile", text)]);
    assert_eq!(
        (lines("# none\n"), lines("web: a\n")),
        (String::new(), "processes web (Procfile)".to_owned())
    );
}

#[test]
fn what_tells_no_version_is_not_said_to_tell_it() {
    let module = |text| ("go.mod", text);
    let old = &[module("module a.b/c\n\ngo 1.20\n"), MAIN];
    let because = "Go 1.24 (go.mod asks for 1.20, and this is the oldest that builds)";
    assert_eq!(choices("language: go\n", old), because);
    assert_eq!(choices("language: go\nbuild: {base: example.com/builder:1}\n", old), "");
    let none = &[module("module a.b/c\n"), MAIN, (".tool-versions", "golang latest\n")];
    assert_eq!(choices("language: go\n", none), "");
}

#[test]
fn the_nearest_file_that_names_the_tool_counts() {
    let files: Files<'_> = &[
        ("services/api/go.mod", "module a.b/c\n"),
        ("services/api/main.go", "package main\n"),
        ("services/api/.tool-versions", "nodejs 22\n"),
        ("services/.tool-versions", "golang 1.25.1\n"),
        (".tool-versions", "golang 1.24.1\n"),
    ];
    let plan = planned("language: go\nsource: services/api\n", files).unwrap();
    assert_eq!(builder(&plan), "golang:1.25-trixie");
}

#[test]
fn the_languages_own_file_wins_and_the_difference_is_told() {
    let module = ("go.mod", "module a.b/c\n\ngo 1.26\n");
    let agreeing = &[module, MAIN, (".tool-versions", "golang 1.26.3\n")];
    assert_eq!(built("go", agreeing), ("golang:1.26-trixie".to_owned(), String::new()));
    let differing = &[module, MAIN, (".tool-versions", "golang 1.25.3\n")];
    insta::assert_snapshot!(warnings("language: go\n", differing), @r"
    cofferdam.yaml:1:11: warning[version]: `.tool-versions` names golang 1.25.3, and go.mod 1.26, which is what builds the image
      1 | language: go
        |           ^^
      help: write the same version in both, or the one that builds in the manifest
    ");
    assert_eq!(warnings("go: {version: 1.25}\n", differing), "", "the manifest has the last word");
    let cargo = "[package]\nname = 'a'\nversion = '1.0.0'\nedition = '2024'\n";
    let rust: Files<'_> = &[
        ("Cargo.toml", cargo),
        ("Cargo.lock", "version = 4\n"),
        ("src/main.rs", ""),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.90\"\n"),
        (".tool-versions", "rust 1.89.0\n"),
    ];
    let pom = "<project><artifactId>a</artifactId><properties><java.version>17</java.version></properties></project>";
    let engines = r#"{"main": "a.js", "engines": {"node": ">=22"}}"#;
    for (language, files, image, told) in [
        (
            "rust",
            rust,
            "rust:1.90-trixie",
            "`.tool-versions` names rust 1.89.0, and rust-toolchain.toml 1.90",
        ),
        (
            "python",
            &[
                ("requirements.txt", ""),
                ("main.py", ""),
                (".python-version", "3.13\n"),
                (".tool-versions", "python 3.12.4\n"),
            ],
            "python:3.13-trixie",
            "`.tool-versions` names Python 3.12.4, and .python-version 3.13",
        ),
        (
            "python",
            &[
                ("pyproject.toml", "[project]\nname = 'a'\nversion = '1'\nrequires-python = '>=3.13'\n"),
                ("main.py", ""),
                (".tool-versions", "python 3.12.4\n"),
            ],
            "python:3.12.4-trixie",
            "pyproject.toml wants Python >=3.13, and .tool-versions names 3.12.4",
        ),
        (
            "node",
            &[("package.json", engines), ("package-lock.json", LOCK), (".tool-versions", "nodejs 20.20.1\n")],
            "node:20.20.1-trixie",
            "`package.json` asks for Node >=22, and `.tool-versions` for 20.20.1",
        ),
        (
            "java",
            &[("pom.xml", pom), (".tool-versions", "java corretto-21.0.1\n")],
            "maven:3.9-eclipse-temurin-17",
            "`.tool-versions` names java corretto-21.0.1, and pom.xml 17",
        ),
        (
            "java",
            &[
                ("pom.xml", "<project><artifactId>a</artifactId></project>"),
                (".tool-versions", "java 22.0.1\n"),
            ],
            "maven:3.9-eclipse-temurin-25",
            "`.tool-versions` names java 22.0.1, and the nearest release with long-term support is 25",
        ),
    ] {
        let (builder, found) = built(language, files);
        assert_eq!(builder, image, "{language}");
        assert!(found.contains(told) && found.contains("which is what builds the image"), "{told}:\n{found}");
    }
}

#[test]
fn a_toolchain_that_no_image_has_is_told_with_the_file_that_names_it() {
    let cargo = "[package]\nname = 'a'\nversion = '1.0.0'\nedition = '2024'\n";
    let files: Files<'_> = &[
        ("Cargo.toml", cargo),
        ("Cargo.lock", "version = 4\n"),
        ("src/main.rs", ""),
        (".tool-versions", "rust nightly\n"),
    ];
    let told = refused("language: rust\n", files);
    assert!(told.contains("`.tool-versions` asks for the toolchain `nightly`"), "{told}");
}
