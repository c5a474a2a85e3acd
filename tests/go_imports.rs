//! The list of what a Go program imports, as the builder's shell makes it of source that is laid out in every odd way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// What the packages of the program in `main` import from elsewhere, among these files below `src`.
fn imports(main: &str, files: &[(&str, &str)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("src");
    for (name, text) in files {
        let path = source.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/language/go/builder/list.sh");
    let (list, main) = (directory.path().join("list"), directory.path().join(main));
    let status = Command::new("sh").args([&script, &list, &main, &source]).status().unwrap();
    assert!(status.success());
    let mut found: Vec<String> = fs::read_to_string(list).unwrap().lines().map(str::to_owned).collect();
    // Every program needs it.
    let runtime = found.iter().position(|path| path == "runtime").unwrap();
    found.remove(runtime);
    found
}

#[test]
fn imports_are_followed_through_the_packages_of_this_context() {
    let files = [
        ("app/go.mod", "module example.com/mono/app // here\n\nrequire example.com/mono/kit v0.0.0\n"),
        ("app/cmd/a/main.go", "package main\n\nimport \"example.com/mono/app/in\"\nimport \"fmt\"\n"),
        ("app/cmd/b/main.go", "package main\n\nimport \"net/http\"\n"),
        (
            "app/in/in.go",
            "package in\n\nimport (\n\tk \"example.com/mono/kit\"\n\t. \"io\"; _ \"embed\"\n)\n",
        ),
        ("app/in/in_test.go", "package in\n\nimport \"testing\"\n"),
        ("app/in/in_windows.go", "package in\n\nimport \"golang.org/x/sys/windows\"\n"),
        ("app/vendor/example.com/v/v.go", "package v\n\nimport \"example.com/of/vendored\"\n"),
        ("libs/kit/go.mod", "module \"example.com/mono/kit\"\n"),
        (
            "libs/kit/kit.go",
            "package kit\n\nimport \"example.com/mono/elsewhere\"\nimport \"example.com/v\"\n",
        ),
        ("libs/kit/unused/unused.go", "package unused\n\nimport \"go/ast\"\n"),
    ];
    let found =
        ["embed", "example.com/mono/elsewhere", "example.com/v", "fmt", "golang.org/x/sys/windows", "io"];
    assert_eq!(imports("src/app/cmd/a", &files), found);
    assert_eq!(imports("src/app/cmd/b", &files), ["net/http"]);
}

#[test]
fn an_edit_that_imports_nothing_else_leaves_the_list_as_it_is() {
    let module = ("go.mod", "module example.com/a\n");
    let first =
        "// Package main \"is\" it.\npackage main\n\nimport (\n\t\"os\"\n\t\"C\" // what C needs\n)\n";
    let list = imports("src", &[module, ("main.go", first)]);
    assert_eq!(list, ["os", "runtime/cgo"]);
    let body =
        "\nvar list = []string{\n\t\"net/http\",\n}\n\nfunc main() {\n\tprint(`\nimport \"fmt\"\n`)\n}\n";
    let tools = "//go:build tools\n\npackage main\n\nimport _ \"example.com/tool\"\n";
    let files = [module, ("main.go", &format!("{first}{body}")), ("b.go", first), ("tools.go", tools)];
    assert_eq!(imports("src", &files), list);
}

#[test]
fn source_that_is_none_has_no_imports() {
    assert_eq!(imports("src/cmd", &[("a.txt", "import \"fmt\"\n")]), [""; 0]);
    let circle = [
        ("go.mod", "module a\n"),
        ("main.go", "package main\nimport \"a/b\"\n"),
        ("b/b.go", "package b\nimport \"a/c\"\nimport \"a\"\n"),
        ("c/c.go", "package c\nimport \"a/b\"\nimport \"../c\"\nimport \"-toolexec=/x\"\nimport \"a*\"\n"),
    ];
    assert_eq!(imports("src", &circle), [""; 0]);
    let patterns = [
        ("go.mod", "module a\n"),
        ("main.go", "package main\nimport \"all\"\nimport \"x/...\"\nimport \"a/b\"\n"),
    ];
    assert_eq!(imports("src", &patterns), ["a/b"], "a module of its own may begin like this one");
}

#[test]
fn a_long_chain_of_packages_is_followed_to_its_end() {
    let packages: Vec<(String, String)> = (0..500)
        .map(|n| (format!("p{n}/p.go"), format!("package p{n}\n\nimport \"a/p{}\"\n", n + 1)))
        .collect();
    let mut files = vec![("go.mod", "module a\n"), ("p500/p.go", "package p500\nimport \"fmt\"\n")];
    files.extend(packages.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    assert_eq!(imports("src/p0", &files), ["fmt"]);
}
