//! What a hostile or strange file system does to a document: nothing but gaps.
#![allow(clippy::disallowed_methods, reason = "a bound on time is what is tested")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod sbom_support;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

use cofferdam::step::{CargoLock, InspectRequest, SbomRequest};
use cofferdam::tree::{Directory, Files, Index};
use sbom_support::{Document, Root, document, elf_with_section, request, sbom_request, zlib};

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let make = || {
        let root = Root::new();
        root.file("a/b", "x").file("a-b", "y").file("var/lib/dpkg/status.d/p", "Package: p\nVersion: 1\n");
        root
    };
    let first = document(make().0.path(), &sbom_request()).bytes;
    assert!((0..25).all(|_| document(make().0.path(), &sbom_request()).bytes == first));
    let other = make();
    other.file("a/b", "z");
    let second = document(other.0.path(), &sbom_request()).bytes;
    let namespace = |bytes: &[u8]| {
        serde_json::from_slice::<serde_json::Value>(bytes).unwrap()["documentNamespace"].to_string()
    };
    assert_ne!(namespace(&first), namespace(&second));
}

#[test]
fn an_empty_image_has_a_document() {
    let root = Root::new();
    let tree = Directory::open(root.0.path()).unwrap();
    let request = InspectRequest { base: cofferdam::step::BaseImage::default(), ..request() };
    let files = Files::read(&Index::of(&tree).unwrap(), &tree).unwrap();
    let sbom = cofferdam::sbom::document(&tree, &files, &request, &SbomRequest::default()).unwrap();
    Document::new(&sbom);
    let text = String::from_utf8(sbom.bytes).unwrap();
    assert!(text.contains("1970-01-01T00:00:00Z"), "{text}");
}

#[test]
fn names_that_are_not_text_keep_documents_valid() {
    let root = Root::new();
    for name in [&b"a\xff"[..], b"a\\xff", b"new\nline", b"\"quoted\"", "ç".as_bytes()] {
        fs::write(root.0.path().join(OsStr::from_bytes(name)), "").unwrap();
    }
    let document = root.document(&SbomRequest { name: "\u{1}\n".to_owned(), ..sbom_request() });
    assert_eq!(document.json["files"].as_array().unwrap().len(), 5);
}

#[test]
fn a_huge_package_database_is_cut() {
    let root = Root::new();
    let mut status = String::new();
    for i in 0..60_000 {
        let _ = write!(status, "Package: p{i}\nStatus: install ok installed\nVersion: 1\n\n");
    }
    root.file("var/lib/dpkg/status", status);
    let started = Instant::now();
    let sbom = document(root.0.path(), &sbom_request());
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    assert_eq!(sbom.components, 50_000);
    assert!(sbom.gaps[0].reason.starts_with("10000 more components"), "{:?}", sbom.gaps);
    assert!(sbom.bytes.len() < 64 << 20, "{}", sbom.bytes.len());
}

#[test]
fn many_files_are_listed_only_where_they_belong_to_nothing() {
    let root = Root::new();
    let mut list = String::new();
    for i in 0..20_050 {
        root.file(&format!("usr/{}/{i}", i % 50), "");
        if i >= 10 {
            let _ = writeln!(list, "/usr/{}/{i}", i % 50);
        }
    }
    root.file("var/lib/dpkg/status.d/p", "Package: p\nVersion: 1\n");
    root.file("var/lib/dpkg/status.d/p.md5sums", list);
    let document = Document::new(&document(root.0.path(), &sbom_request()));
    assert_eq!(document.json["files"].as_array().unwrap().len(), 10);
    assert_eq!(document.package("p")["filesAnalyzed"], true);
    let comment = document.json["comment"].as_str().unwrap();
    assert!(comment.starts_with("Of 20052 files, 10 are listed"), "{comment}");
}

#[test]
fn what_lies_is_a_gap() {
    let bomb = zlib(&vec![b' '; 32 << 20]);
    let root = Root::new();
    root.file("app/bomb", elf_with_section(".dep-v0", &bomb))
        .file("app/broken", elf_with_section(".dep-v0", b"no zlib"))
        .file("app/short", &elf_with_section(".dep-v0", &bomb)[..200])
        .file("app/go", elf_with_section(".go.buildinfo", b"\xff Go buildinf:\x08\x02"))
        .file("app/old", elf_with_section(".go.buildinfo", b"\xff Go buildinf:\x08\x00"))
        .link("var/lib/dpkg/status", "status")
        .link("var/lib/dpkg/status.d", "/")
        .link("etc/os-release", "../../../../etc/passwd");
    let lock = CargoLock { programs: vec!["../../app/go".to_owned()], text: "[[".to_owned() };
    let document = root.document(&SbomRequest { cargo_locks: vec![lock], ..sbom_request() });
    let gaps = document.gaps.join("\n");
    assert_eq!(document.gaps.len(), 4, "{gaps}");
    for part in
        ["/app/bomb: its list of crates is larger", "/app/broken", "/app/old", "/app/go: the Cargo.lock"]
    {
        assert!(gaps.contains(part), "{gaps}");
        assert!(document.json["comment"].as_str().unwrap().contains(part));
    }
}

#[test]
fn a_package_name_cannot_lead_to_another_file() {
    let root = Root::new();
    root.file(
        "var/lib/dpkg/status.d/p",
        b"Package: ../../../../etc\nVersion: 1\n\nPackage: \xff\nVersion: 1\n",
    )
    .file("etc/copyright", "Format: x\nLicense: MIT\n");
    let document = root.document(&sbom_request());
    assert_eq!(document.packages().len(), 3, "{:?}", document.packages());
}

#[test]
fn builders_without_files_are_tools_of_the_image() {
    let root = Root::new();
    root.file("other", "");
    let document = root.document(&sbom_request());
    assert_eq!(document.related("golang:1.26", "BUILD_TOOL_OF"), ["web"].into());
}
