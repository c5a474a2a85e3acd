//! Components of made-up images, and the structure of the document.

use std::io::Write as _;

use serde_json::Value;

use super::validity::breaches;
use super::*;
use crate::step::{BaseImage, BuilderImage, CargoLock};
use crate::tree::memory::Memory;

const OS_RELEASE: &[u8] = b"ID=debian\nVERSION_ID=\"12\"\nNAME=\"Debian GNU/Linux\"\n";
const COPYRIGHT: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
    Files: *\nCopyright: somebody\nLicense: LGPL-2.1+\n the text\n .\n more of it\n\n\
    Files: debian/*\nLicense: Expat or public-domain\n\nLicense: unused\n text\n";

fn image() -> InspectRequest {
    InspectRequest {
        platform: "linux/amd64".to_owned(),
        uid: 65532,
        gid: 65532,
        workdir: "/".to_owned(),
        env: std::collections::BTreeMap::new(),
        processes: Vec::new(),
        base: BaseImage {
            name: "gcr.io/distroless/cc:latest".to_owned(),
            digest: Some(format!("sha256:{}", "a".repeat(64))),
        },
        sbom: None,
    }
}

fn request() -> SbomRequest {
    SbomRequest { name: "my app".to_owned(), version: Some("1.0".to_owned()), ..SbomRequest::default() }
}

/// The document of a tree, which must be valid and always the same.
fn document(tree: &Memory, request: &SbomRequest) -> Value {
    let made = sbom(tree, &image(), request).unwrap();
    assert_eq!(made.document, sbom(tree, &image(), request).unwrap().document);
    let document: Value = serde_json::from_slice(&made.document).unwrap();
    assert_eq!(breaches(&document), Vec::<String>::new());
    document
}

fn purls(document: &Value) -> Vec<&str> {
    let packages = document["packages"].as_array().unwrap();
    packages.iter().filter_map(|p| p["externalRefs"][0]["referenceLocator"].as_str()).collect()
}

/// The relationships as `from type to`, with names instead of identifiers.
fn relationships(document: &Value) -> Vec<String> {
    let elements = ["packages", "files"].iter().flat_map(|kind| document[kind].as_array().unwrap());
    let names: std::collections::BTreeMap<&str, &str> = elements
        .map(|e| {
            let name = e["name"].as_str().or(e["fileName"].as_str()).unwrap();
            (e["SPDXID"].as_str().unwrap(), name)
        })
        .collect();
    let name = |value: &Value| names.get(value.as_str().unwrap()).copied().unwrap_or("document").to_owned();
    let all = document["relationships"].as_array().unwrap();
    all.iter()
        .map(|r| {
            let kind = r["relationshipType"].as_str().unwrap();
            format!("{} {kind} {}", name(&r["spdxElementId"]), name(&r["relatedSpdxElement"]))
        })
        .collect()
}

fn distroless() -> Memory {
    Memory::new()
        .file("usr/lib/os-release", 0o644, OS_RELEASE)
        .link("lib", "usr/lib")
        .file("usr/lib/libc.so.6", 0o644, b"libc")
        .file("usr/share/doc/libc6/copyright", 0o644, COPYRIGHT.as_bytes())
        .file("usr/share/doc/libgcc-s1/copyright", 0o644, b"This is prose.")
        .file(
            "var/lib/dpkg/status.d/libc6",
            0o644,
            b"Package: libc6\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9+deb12u9\nDepends: libgcc-s1 (>= 3), libcrypt1\nDescription: x\n y\n",
        )
        .file("var/lib/dpkg/status.d/libc6.md5sums", 0o644, b"00  lib/libc.so.6\n11  lib/gone\n")
        .file(
            "var/lib/dpkg/status.d/libgcc-s1",
            0o644,
            b"Package: libgcc-s1\nArchitecture: amd64\nSource: gcc-12 (12.2.0-14)\nVersion: 12.2.0-14\n",
        )
}

#[test]
fn an_empty_image_has_a_valid_document() {
    let document = document(&Memory::new(), &request());
    assert_eq!(purls(&document).len(), 1, "the base");
    assert_eq!(document["creationInfo"]["created"], "1970-01-01T00:00:00Z");
}

#[test]
fn debian_packages_have_purls_licences_files_and_needs() {
    let document = document(&distroless(), &request());
    assert_eq!(
        purls(&document),
        [
            format!(
                "pkg:oci/cc@sha256%3A{}?repository_url=gcr.io%2Fdistroless%2Fcc&tag=latest",
                "a".repeat(64)
            )
            .as_str(),
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12&upstream=glibc",
            "pkg:deb/debian/libgcc-s1@12.2.0-14?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14",
        ]
    );
    let licence = |name: &str| {
        let packages = document["packages"].as_array().unwrap();
        packages.iter().find(|p| p["name"] == name).unwrap()["licenseDeclared"].as_str().unwrap().to_owned()
    };
    assert_eq!(licence("libc6"), "LGPL-2.1-or-later AND (MIT OR LicenseRef-public-domain)");
    assert_eq!(licence("libgcc-s1"), "NOASSERTION");
    let relationships = relationships(&document);
    for expected in [
        "document DESCRIBES my app",
        "my app DESCENDANT_OF gcr.io/distroless/cc:latest",
        "my app CONTAINS libc6",
        "libc6 CONTAINS ./usr/lib/libc.so.6",
        "libc6 DEPENDS_ON libgcc-s1",
        "my app CONTAINS ./usr/lib/os-release",
    ] {
        assert!(relationships.iter().any(|r| r == expected), "{expected} is not in {relationships:#?}");
    }
    assert!(!relationships.iter().any(|r| r == "my app CONTAINS ./usr/lib/libc.so.6"), "it has an owner");
}

#[test]
fn packages_that_are_no_longer_installed_are_not_listed() {
    let status = b"Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n\
        Package: b\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n";
    let document = document(&Memory::new().file("var/lib/dpkg/status", 0o644, status), &request());
    assert_eq!(purls(&document)[1..], ["pkg:deb/debian/a@1?arch=all"]);
}

#[test]
fn alpine_packages_are_listed() {
    let tree = Memory::new()
        .file("etc/os-release", 0o644, b"ID=alpine\nVERSION_ID=3.20.1\nNAME=\"Alpine Linux\"\n")
        .file("lib/ld-musl-x86_64.so.1", 0o755, b"musl")
        .file(
            "lib/apk/db/installed",
            0o644,
            b"C:Q1=\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\nP:zlib\nV:1\nA:x86_64\nL:Zlib AND (Odd OR MIT)\n",
        );
    let document = document(&tree, &request());
    assert_eq!(
        purls(&document)[1..],
        [
            "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1",
            "pkg:apk/alpine/zlib@1?arch=x86_64&distro=alpine-3.20.1",
        ]
    );
    assert!(relationships(&document).contains(&"musl CONTAINS ./lib/ld-musl-x86_64.so.1".to_owned()));
}

/// A program with one section, as small as it can be.
fn with_section(name: &str, data: &[u8]) -> Vec<u8> {
    let names = [b"\0", name.as_bytes(), b"\0"].concat();
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(64, 0);
    file[16..20].copy_from_slice(&[2, 0, 62, 0]);
    let table = 64 + data.len() + names.len();
    file[40..48].copy_from_slice(&(table as u64).to_le_bytes());
    file[60..64].copy_from_slice(&[2, 0, 1, 0]);
    file.extend(data);
    file.extend(&names);
    for (at, length, name) in [(64, data.len(), 1_u64), (64 + data.len(), names.len(), 0)] {
        file.extend(name.to_le_bytes());
        file.extend([0; 16]);
        file.extend([at as u64, length as u64].map(u64::to_le_bytes).concat());
        file.extend([0; 24]);
    }
    file
}

fn auditable(json: &str) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(json.as_bytes()).unwrap();
    with_section(".dep-v0", &encoder.finish().unwrap())
}

const LOCK: &str = "version = 4\n\
    [[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"serde\", \"cc 1.0.0\"]\n\
    [[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\
    checksum = \"1111111111111111111111111111111111111111111111111111111111111111\"\n\
    [[package]]\nname = \"cc\"\nversion = \"1.0.0\"\nsource = \"git+https://example.com/cc\"\n\
    [[package]]\nname = \"cc\"\nversion = \"2.0.0\"\nsource = \"registry+x\"\n";

fn lock() -> SbomRequest {
    SbomRequest {
        cargo_locks: vec![CargoLock { programs: vec!["/app/run".to_owned()], text: LOCK.to_owned() }],
        ..request()
    }
}

#[test]
fn auditable_programs_tell_their_crates_and_the_lock_adds_checksums() {
    let json = r#"{"packages":[
        {"name":"app","version":"0.1.0","source":"local","dependencies":[1,2],"root":true},
        {"name":"serde","version":"1.0.0","source":"crates.io"},
        {"name":"cc","version":"2.0.0","source":"crates.io","kind":"build"}]}"#;
    let document = document(&Memory::new().file("app/run", 0o755, &auditable(json)), &lock());
    assert_eq!(purls(&document)[1..], ["pkg:cargo/app@0.1.0", "pkg:cargo/cc@2.0.0", "pkg:cargo/serde@1.0.0"]);
    let packages = document["packages"].as_array().unwrap();
    let serde = packages.iter().find(|p| p["name"] == "serde").unwrap();
    assert_eq!(serde["checksums"][0]["checksumValue"], "1".repeat(64));
    let relationships = relationships(&document);
    for expected in ["./app/run GENERATED_FROM app", "app DEPENDS_ON serde", "cc BUILD_DEPENDENCY_OF app"] {
        assert!(relationships.iter().any(|r| r == expected), "{expected} is not in {relationships:#?}");
    }
}

#[test]
fn silent_programs_have_what_their_lock_has() {
    let tree = Memory::new().file("app/run", 0o755, &with_section(".text", b""));
    let document = document(&tree, &lock());
    assert_eq!(
        purls(&document)[1..],
        ["pkg:cargo/app@0.1.0", "pkg:cargo/cc@1.0.0", "pkg:cargo/cc@2.0.0", "pkg:cargo/serde@1.0.0"]
    );
    assert!(relationships(&document).contains(&"./app/run GENERATED_FROM app".to_owned()));
    assert!(relationships(&document).contains(&"app DEPENDS_ON cc".to_owned()));
}

#[test]
fn builders_are_tools_of_what_they_produced() {
    let builder = |produced: &[&str]| BuilderImage {
        name: "golang:1.26".to_owned(),
        digest: format!("sha256:{}", "b".repeat(64)),
        produced: produced.iter().map(|&path| path.to_owned()).collect(),
    };
    let tree = Memory::new().file("app/run", 0o755, b"x").file("etc/passwd", 0o644, b"y");
    let some = document(&tree, &SbomRequest { builders: vec![builder(&["/app"])], ..request() });
    let tools = |document: &Value| {
        relationships(document).into_iter().filter(|r| r.contains("BUILD_TOOL_OF")).collect::<Vec<_>>()
    };
    assert_eq!(tools(&some), ["golang:1.26 BUILD_TOOL_OF ./app/run"]);
    let whole = document(&tree, &SbomRequest { builders: vec![builder(&[])], ..request() });
    assert_eq!(tools(&whole), ["golang:1.26 BUILD_TOOL_OF my app"]);
}

#[test]
fn damaged_data_is_a_component_less_and_no_failure() {
    let bomb = {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; 32 << 20]).unwrap();
        with_section(".dep-v0", &encoder.finish().unwrap())
    };
    let tree = Memory::new()
        .file(b"a\xff\"\n", 0o755, b"\x7fELF")
        .file("bomb", 0o755, &bomb)
        .file("junk", 0o755, &with_section(".dep-v0", b"junk"))
        .file("loop", 0o755, &auditable(r#"{"packages":[{"name":"a","version":"1","dependencies":[0,9]}]}"#))
        .file("go", 0o755, &with_section(".go.buildinfo", b"\xff Go buildinf:\x08\x02"))
        .file("var/lib/dpkg/status", 0o644, b"\xff\xfe\n\n\n:\nPackage:\n")
        .link("var/lib/dpkg/status.d", "status.d")
        .file("lib/apk/db/installed", 0o644, b"F:../../..\nR:a\nP:\n");
    let document = document(
        &tree,
        &SbomRequest {
            cargo_locks: vec![CargoLock { programs: vec!["/junk".to_owned()], text: "[[".to_owned() }],
            created: -5,
            ..request()
        },
    );
    assert_eq!(purls(&document)[1..], ["pkg:cargo/a@1"]);
    let files = document["files"].as_array().unwrap();
    assert!(files.iter().any(|file| file["fileName"] == "./a\\xff\"\\x0a"));
}

#[test]
fn the_namespace_changes_with_the_content() {
    let namespace =
        |tree: &Memory| document(tree, &request())["documentNamespace"].as_str().unwrap().to_owned();
    let one = namespace(&Memory::new().file("a", 0o644, b"1"));
    assert_ne!(one, namespace(&Memory::new().file("a", 0o644, b"2")));
    assert!(one.contains("/my-app-"));
}
