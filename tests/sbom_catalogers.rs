//! Each cataloger against what real tools write.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod sbom_support;

use std::process::Command;

use cofferdam::step::{CargoLock, SbomRequest};
use sbom_support::{Root, elf_with_section, sbom_request, zlib};

/// Builds a program with one module from a vendor directory and one that a directory replaces.
fn go_program(work: &Root) -> Vec<u8> {
    work.file("go.mod", "module example.org/web\ngo 1.21\nrequire (\n\texample.org/Dep v1.2.3\n\texample.org/local v0.1.0\n)\nreplace example.org/local v0.1.0 => ./local\n")
        .file("main.go", "package main\nimport (\n\t\"example.org/Dep\"\n\t\"example.org/local\"\n)\nfunc main() { println(dep.Word, local.Word) }\n")
        .file("vendor/modules.txt", "# example.org/Dep v1.2.3\n## explicit; go 1.20\nexample.org/Dep\n# example.org/local v0.1.0 => ./local\n## explicit; go 1.20\nexample.org/local\n")
        .file("vendor/example.org/Dep/dep.go", "package dep\nvar Word = \"a\"\n")
        .file("vendor/example.org/local/local.go", "package local\nvar Word = \"b\"\n")
        .file("local/go.mod", "module example.org/local\ngo 1.20\n");
    let built = Command::new("go")
        .args(["build", "-mod=vendor", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "web", "."])
        .current_dir(work.0.path())
        .envs([("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("GOFLAGS", ""), ("CGO_ENABLED", "0")])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    std::fs::read(work.0.path().join("web")).unwrap()
}

#[test]
fn a_go_program_tells_its_modules_with_and_without_sections() {
    let program = go_program(&Root::new());
    let mut bare = program.clone();
    // e_shoff, then e_shnum and e_shstrndx: the file has no section headers any more.
    bare[40..48].fill(0);
    bare[60..64].fill(0);
    let toolchain = Command::new("go").args(["env", "GOVERSION"]).output().unwrap().stdout;
    let toolchain = String::from_utf8(toolchain).unwrap().trim().trim_start_matches("go").to_owned();
    for program in [program, bare] {
        let root = Root::new();
        root.file("app/web", &program).file("etc/hosts", "");
        let document = root.document(&sbom_request());
        assert_eq!(document.purl("example.org/web"), "pkg:golang/example.org/web");
        assert_eq!(document.package("example.org/web")["packageFileName"], "./app/web");
        assert_eq!(document.purl("example.org/Dep"), "pkg:golang/example.org/dep@v1.2.3");
        assert_eq!(document.purl("example.org/local"), "pkg:golang/example.org/local");
        assert_eq!(document.package("example.org/local")["comment"], "replaced by the directory ./local");
        assert_eq!(document.purl("stdlib"), format!("pkg:golang/stdlib@{toolchain}"));
        assert!(document.package("example.org/web")["comment"].as_str().unwrap().contains("-trimpath=true"));
        let parts = document.related("example.org/web", "CONTAINS");
        assert_eq!(parts, ["./app/web", "example.org/Dep", "example.org/local", "stdlib"].into());
        assert_eq!(document.related("web", "CONTAINS"), ["./etc/hosts", "example.org/web"].into());
        assert_eq!(document.related("golang:1.26", "BUILD_TOOL_OF"), ["./app/web", "example.org/web"].into());
        assert_eq!(
            document.related("web", "DESCENDANT_OF"),
            ["gcr.io/distroless/static-debian13:nonroot"].into()
        );
    }
}

const RELEASE: &str =
    "PRETTY_NAME=\"Distroless\"\nNAME=\"Debian GNU/Linux\"\nID=\"debian\"\nVERSION_ID=\"13\"\n";
const COPYRIGHT: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                         Files: *\nCopyright: x\nLicense: GPL-2+\n\nFiles: y\nCopyright: y\nLicense: Expat\n";

#[test]
fn a_distroless_database_gives_packages_licences_and_files() {
    let root = Root::new();
    root.file("usr/lib/os-release", RELEASE)
        .link("etc/os-release", "../usr/lib/os-release")
        .file("var/lib/dpkg/status.d/libssl3", "Package: libssl3\nVersion: 1:3.5~rc1+b2\nArchitecture: amd64\nSource: openssl (3.5)\nMaintainer: x\nDescription: y\n more\n")
        .file("var/lib/dpkg/status.d/libssl3.md5sums", "d41d8cd98f00b204e9800998ecf8427e  lib/libssl.so.3\nd41d8cd98f00b204e9800998ecf8427e  usr/gone\nnonsense\n")
        .file("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2026a\nArchitecture: all\n")
        .file("usr/share/doc/libssl3/copyright", COPYRIGHT)
        .file("usr/lib/libssl.so.3", "x")
        .link("lib", "usr/lib");
    let document = root.document(&sbom_request());
    assert_eq!(
        document.purl("libssl3"),
        "pkg:deb/debian/libssl3@1:3.5~rc1%2Bb2?arch=amd64&distro=debian-13&upstream=openssl%403.5"
    );
    let package = document.package("libssl3");
    assert_eq!(package["licenseDeclared"], "GPL-2.0-or-later AND MIT");
    assert_eq!(package["supplier"], "Organization: Debian GNU/Linux");
    assert_eq!(package["versionInfo"], "1:3.5~rc1+b2");
    assert_eq!(package["sourceInfo"], "built from source package openssl 3.5");
    let files = [
        "./usr/lib/libssl.so.3",
        "./var/lib/dpkg/status.d/libssl3",
        "./var/lib/dpkg/status.d/libssl3.md5sums",
    ];
    // dpkg's list says /lib, which is a link to /usr/lib.
    assert_eq!(document.related("libssl3", "CONTAINS"), files.into());
    assert_eq!(document.purl("tzdata"), "pkg:deb/debian/tzdata@2026a?arch=all&distro=debian-13");
    assert_eq!(document.package("tzdata")["licenseDeclared"], "NOASSERTION");
    assert!(document.related("web", "CONTAINS").contains("./usr/lib/os-release"));
}

#[test]
fn the_database_of_dpkg_itself_lists_what_is_installed() {
    let root = Root::new();
    root.file("etc/os-release", "ID=ubuntu\nVERSION_ID=24.04\n")
        .file("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMulti-Arch: same\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: half\nStatus: install ok half-installed\nVersion: 1\n")
        .file("var/lib/dpkg/info/a:amd64.list", "/.\n/usr\n/usr/bin/a\n/etc/a.conf\n")
        .file("usr/bin/a", "")
        .file("etc/a.conf", "");
    let document = root.document(&sbom_request());
    let files = ["./etc/a.conf", "./usr/bin/a", "./var/lib/dpkg/info/a:amd64.list"];
    assert_eq!(document.purl("a"), "pkg:deb/ubuntu/a@1?arch=amd64&distro=ubuntu-24.04");
    assert_eq!(document.related("a", "CONTAINS"), files.into());
    assert!(!document.packages().contains(&"gone") && !document.packages().contains(&"half"));
}

const LOCK: &str = r#"
version = 4
[[package]]
name = "tool"
version = "0.3.0"
dependencies = ["serde"]
[[package]]
name = "serde"
version = "1.0.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "6e634e2e0ebac1ee034020da1ca582e17ffe4e0f5e985823721e168928136dcb"
[[package]]
name = "unused"
version = "9.9.9"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

const AUDIT: &str = r#"{"packages":[
    {"name":"serde","version":"1.0.1","source":"crates.io","dependencies":[]},
    {"name":"cc","version":"1.2.0","source":"crates.io","kind":"build"},
    {"name":"near","version":"0.1.0","source":"local"},
    {"name":"tool","version":"0.3.0","source":"local","root":true,"dependencies":[0,1,2]}]}"#;

#[test]
fn a_rust_program_tells_its_crates_and_the_lock_where_they_are_from() {
    let root = Root::new();
    root.file("app/tool", elf_with_section(".dep-v0", &zlib(AUDIT.as_bytes()))).link("bin/tool", "/app/tool");
    let lock = CargoLock { programs: vec!["/bin/tool".to_owned()], text: LOCK.to_owned() };
    let document = root.document(&SbomRequest { cargo_locks: vec![lock], ..sbom_request() });
    assert_eq!(document.related("tool", "CONTAINS"), ["./app/tool", "near", "serde"].into());
    assert_eq!(document.related("cc", "BUILD_DEPENDENCY_OF"), ["tool"].into());
    assert_eq!(document.purl("serde"), "pkg:cargo/serde@1.0.1");
    let sum = &document.package("serde")["checksums"][0];
    assert_eq!(sum["checksumValue"], "6e634e2e0ebac1ee034020da1ca582e17ffe4e0f5e985823721e168928136dcb");
    assert!(document.package("near")["externalRefs"].is_null(), "a local crate is no crate of the registry");
    assert!(!document.packages().contains(&"unused"));
    assert_eq!(document.gaps, [""; 0]);
}

#[test]
fn a_lock_file_speaks_for_programs_that_say_nothing() {
    let root = Root::new();
    root.file("app/run", elf_with_section(".other", b""));
    let lock = |program: &str| CargoLock { programs: vec![program.to_owned()], text: LOCK.to_owned() };
    let sbom = |program| SbomRequest { cargo_locks: vec![lock(program)], ..sbom_request() };
    let document = root.document(&sbom("/app/run"));
    assert_eq!(document.related("tool", "CONTAINS"), ["./app/run", "serde"].into());
    assert!(!document.packages().contains(&"unused"));
    let elsewhere = root.document(&sbom("/app/gone"));
    assert!(elsewhere.related("web", "CONTAINS").contains("serde"));
}

/// The program that runs this test was written by the Rust compiler of today, without a list of crates.
#[test]
fn a_rust_program_always_tells_its_compiler() {
    let root = Root::new();
    root.file("app/test", std::fs::read(std::env::current_exe().unwrap()).unwrap());
    let document = root.document(&sbom_request());
    assert_eq!(document.related("web", "CONTAINS"), ["test"].into());
    assert_eq!(document.related("test", "CONTAINS"), ["./app/test", "rust-std"].into());
    let compiler = Command::new("rustc").arg("--version").output().unwrap().stdout;
    let compiler = String::from_utf8(compiler).unwrap();
    let version = compiler.split(' ').nth(1).unwrap();
    assert_eq!(document.purl("rust-std"), format!("pkg:generic/rust-std@{version}"));
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    let lock = CargoLock { programs: vec!["/app/test".to_owned()], text };
    let document = root.document(&SbomRequest { cargo_locks: vec![lock], ..sbom_request() });
    let parts = document.related("cofferdam", "CONTAINS");
    assert!(parts.contains("serde_json") && parts.contains("rust-std") && parts.contains("./app/test"));
    assert_eq!(document.purl("prost").split('@').next(), Some("pkg:cargo/prost"));
}

#[test]
fn python_distributions_are_listed_as_installed_and_the_interpreter_with_them() {
    let site = "app/.venv/lib/python3.13/site-packages";
    let root = Root::new();
    root.file("app/.venv/pyvenv.cfg", "home = /usr/local/bin\nversion = 3.13.5\n")
        .file("usr/local/bin/python3.13", "")
        .file("usr/local/lib/python3.13/os.py", "")
        .file("usr/local/lib/python3.13/site-packages/foreign.py", "")
        .file(&format!("{site}/markupsafe/__init__.py"), "")
        .file("app/.venv/bin/flask", "")
        .file(
            &format!("{site}/MarkupSafe-3.0.2.dist-info/METADATA"),
            "Metadata-Version: 2.4\nName: MarkupSafe\nVersion: 3.0.2\nLicense-Expression: BSD-3-Clause\n\nText\n",
        )
        .file(
            &format!("{site}/MarkupSafe-3.0.2.dist-info/RECORD"),
            "../../../bin/flask,,\nmarkupsafe/__init__.py,sha256=x,0\nMarkupSafe-3.0.2.dist-info/RECORD,,\n",
        )
        .file(&format!("{site}/broken.dist-info/METADATA"), "Name: broken\n");
    let document = root.document(&sbom_request());
    assert_eq!(document.purl("MarkupSafe"), "pkg:pypi/markupsafe@3.0.2");
    assert_eq!(document.package("MarkupSafe")["licenseDeclared"], "BSD-3-Clause");
    let record = format!("./{site}/MarkupSafe-3.0.2.dist-info/RECORD");
    let module = format!("./{site}/markupsafe/__init__.py");
    let owned = document.related("MarkupSafe", "CONTAINS");
    assert_eq!(owned, ["./app/.venv/bin/flask", module.as_str(), record.as_str()].into());
    assert_eq!(document.purl("python"), "pkg:generic/python@3.13.5");
    let owned = document.related("python", "CONTAINS");
    assert_eq!(owned, ["./usr/local/bin/python3.13", "./usr/local/lib/python3.13/os.py"].into());
    assert!(!document.packages().contains(&"broken"), "what names no version is a gap, not a component");
}

#[test]
fn npm_packages_are_listed_as_they_are_installed() {
    let root = Root::new();
    let store = "app/node_modules/.pnpm/b@2.0.0/node_modules/b";
    root.file("app/package.json", r#"{"name": "shop", "version": "1.0.0", "license": "UNLICENSED"}"#)
        .file("app/index.js", "")
        .file(
            "app/node_modules/@a/b/package.json",
            r#"{"name": "@a/b", "version": "1.2.3", "license": "MIT"}"#,
        )
        .file("app/node_modules/@a/b/esm/package.json", r#"{"name": "x", "version": "9", "type": "module"}"#)
        .file(
            &format!("{store}/package.json"),
            r#"{"name": "b", "version": "2.0.0", "license": {"type": "ISC"}}"#,
        )
        .link("app/node_modules/b", ".pnpm/b@2.0.0/node_modules/b")
        .file("app/node_modules/broken/package.json", "{")
        .file("usr/local/bin/node", elf_with_section("x", b"/node-v22.1.0-headers.tar.gz\0"));
    let document = root.document(&sbom_request());
    assert_eq!(document.purl("@a/b"), "pkg:npm/%40a/b@1.2.3");
    assert_eq!(document.package("@a/b")["licenseDeclared"], "MIT");
    assert_eq!(document.purl("b"), "pkg:npm/b@2.0.0");
    assert_eq!(document.package("b")["licenseDeclared"], "ISC");
    assert_eq!(document.purl("node"), "pkg:generic/node@22.1.0");
    let own = document.package("shop");
    assert!(
        own["externalRefs"].as_array().is_none_or(Vec::is_empty),
        "the application is not npm's: {own:#}"
    );
    assert!(!document.json["packages"].to_string().contains("\"name\":\"x\""), "a part of a package is none");
    assert!(document.related("@a/b", "CONTAINS").contains("./app/node_modules/@a/b/esm/package.json"));
}
