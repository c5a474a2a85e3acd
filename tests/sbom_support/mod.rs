//! File systems for the tests of SBOMs, and what holds of every document.
#![allow(dead_code, reason = "each test file needs a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;

use cofferdam::sbom::{self, Sbom};
use cofferdam::step::{BaseImage, BuilderImage, InspectRequest, SbomRequest};
use cofferdam::tree::{Directory, Files, Index};
use serde_json::Value;
use tempfile::TempDir;

/// A digest for tests.
pub(crate) const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// An image's file system on disk.
pub(crate) struct Root(pub(crate) TempDir);

impl Root {
    pub(crate) fn new() -> Root {
        Root(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Root {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn link(&self, path: &str, target: &str) -> &Root {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    /// The document, valid.
    pub(crate) fn document(&self, sbom: &SbomRequest) -> Document {
        Document::new(&document(self.0.path(), sbom))
    }
}

pub(crate) fn document(root: &Path, sbom: &SbomRequest) -> Sbom {
    let tree = Directory::open(root).unwrap();
    let files = Files::read(&Index::of(&tree).unwrap(), &tree).unwrap();
    sbom::document(&tree, &files, &request(), sbom).unwrap()
}

pub(crate) fn request() -> InspectRequest {
    InspectRequest {
        platform: "linux/amd64".to_owned(),
        uid: 65532,
        gid: 65532,
        workdir: "/".to_owned(),
        env: BTreeMap::new(),
        processes: Vec::new(),
        base: BaseImage {
            name: "gcr.io/distroless/static-debian13:nonroot".to_owned(),
            digest: Some(DIGEST.to_owned()),
        },
        extended: Vec::new(),
        sbom: None,
    }
}

pub(crate) fn sbom_request() -> SbomRequest {
    SbomRequest {
        name: "web".to_owned(),
        version: Some("1.2.3".to_owned()),
        created: 1_700_000_000,
        builders: vec![BuilderImage {
            name: "golang:1.26".to_owned(),
            digest: DIGEST.to_owned(),
            produced: vec!["/app".to_owned()],
        }],
        cargo_locks: Vec::new(),
    }
}

/// A 64 bit little-endian ELF file with one section.
pub(crate) fn elf_with_section(name: &str, data: &[u8]) -> Vec<u8> {
    let names = format!("\0{name}\0.shstrtab\0");
    let table = 64 + data.len() + names.len();
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    for half in [3_u16, 62] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes());
    for word in [0_u64, 0, table as u64] {
        file.extend(word.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 0, 64, 3, 2] {
        file.extend(half.to_le_bytes());
    }
    file.extend(data);
    file.extend(names.as_bytes());
    for (name, offset, length) in
        [(0, 0, 0), (1, 64, data.len()), (2 + name.len(), 64 + data.len(), names.len())]
    {
        let mut header = [0; 64];
        header[..4].copy_from_slice(&u32::try_from(name).unwrap().to_le_bytes());
        header[24..32].copy_from_slice(&(offset as u64).to_le_bytes());
        header[32..40].copy_from_slice(&(length as u64).to_le_bytes());
        file.extend(header);
    }
    file
}

/// Compressed as `.dep-v0` is.
pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A document whose structure was checked.
pub(crate) struct Document {
    pub(crate) json: Value,
    pub(crate) gaps: Vec<String>,
    names: BTreeMap<String, String>,
}

impl Document {
    pub(crate) fn new(sbom: &Sbom) -> Document {
        let json: Value = serde_json::from_slice(&sbom.bytes).unwrap();
        let mut names = BTreeMap::new();
        for (kind, name) in [("packages", "name"), ("files", "fileName")] {
            for element in json[kind].as_array().into_iter().flatten() {
                let id = element["SPDXID"].as_str().unwrap().to_owned();
                assert!(is_id(&id), "{id}");
                assert!(!element[name].as_str().unwrap().is_empty());
                assert_eq!(names.insert(id, element[name].as_str().unwrap().to_owned()), None, "given twice");
            }
        }
        let gaps = sbom.gaps.iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect();
        let document = Document { json, gaps, names };
        document.check_head();
        document.check_packages(sbom.components);
        document.check_files();
        document.check_relationships();
        document
    }

    /// A package by name.
    pub(crate) fn package(&self, name: &str) -> &Value {
        let mut found = self.json["packages"].as_array().unwrap().iter().filter(|p| p["name"] == name);
        let package = found.next().unwrap_or_else(|| panic!("no package {name}"));
        assert!(found.next().is_none(), "several packages {name}");
        package
    }

    /// The names of all packages.
    pub(crate) fn packages(&self) -> Vec<&str> {
        self.json["packages"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect()
    }

    pub(crate) fn purl(&self, name: &str) -> &str {
        self.package(name)["externalRefs"][0]["referenceLocator"].as_str().unwrap()
    }

    /// The names of what an element of that name is related to.
    pub(crate) fn related(&self, name: &str, relation: &str) -> BTreeSet<&str> {
        let relationships = self.json["relationships"].as_array().unwrap().iter();
        let fits = |r: &&Value| {
            r["relationshipType"] == relation
                && self.names.get(r["spdxElementId"].as_str().unwrap()).is_some_and(|n| n == name)
        };
        relationships
            .filter(fits)
            .map(|r| self.names[r["relatedSpdxElement"].as_str().unwrap()].as_str())
            .collect()
    }

    fn check_head(&self) {
        let json = &self.json;
        assert_eq!(json["spdxVersion"], "SPDX-2.3");
        assert_eq!(json["dataLicense"], "CC0-1.0");
        assert_eq!(json["SPDXID"], "SPDXRef-DOCUMENT");
        assert!(!json["name"].as_str().unwrap().is_empty());
        let namespace = json["documentNamespace"].as_str().unwrap();
        assert!(namespace.starts_with("https://") && !namespace.contains('#'), "{namespace}");
        let created = json["creationInfo"]["created"].as_str().unwrap();
        assert!(created.len() == 20 && created.ends_with('Z'), "{created}");
        let creator = json["creationInfo"]["creators"][0].as_str().unwrap();
        assert!(creator.starts_with("Tool: cofferdam-"), "{creator}");
    }

    fn check_packages(&self, components: u64) {
        let packages = self.json["packages"].as_array().unwrap();
        let images = packages.iter().filter(|p| p["primaryPackagePurpose"] == "CONTAINER").count();
        assert_eq!(packages.len() - images, usize::try_from(components).unwrap());
        for package in packages {
            for field in
                ["downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText", "supplier"]
            {
                assert!(!package[field].as_str().unwrap().is_empty(), "{field} of {package}");
            }
            let code = &package["packageVerificationCode"]["packageVerificationCodeValue"];
            assert_eq!(package["filesAnalyzed"].as_bool().unwrap(), code.is_string(), "{package}");
            if let Some(code) = code.as_str() {
                assert!(is_hex(code, 40));
            }
            for reference in package["externalRefs"].as_array().into_iter().flatten() {
                assert_eq!(reference["referenceCategory"], "PACKAGE-MANAGER");
                assert_eq!(reference["referenceType"], "purl");
                let purl = reference["referenceLocator"].as_str().unwrap();
                assert!(purl.starts_with("pkg:") && purl.is_ascii() && !purl.contains(' '), "{purl}");
            }
            check_sums(package);
        }
    }

    fn check_files(&self) {
        for file in self.json["files"].as_array().into_iter().flatten() {
            assert!(file["fileName"].as_str().unwrap().starts_with("./"), "{file}");
            let algorithms: Vec<&str> = check_sums(file);
            assert_eq!(algorithms, ["SHA1", "SHA256"]);
        }
    }

    /// Every reference resolves, nothing is said twice, and everything hangs on what the document describes.
    fn check_relationships(&self) {
        let relationships = self.json["relationships"].as_array().unwrap();
        let mut seen = BTreeSet::new();
        let mut neighbours: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for relationship in relationships {
            let [one, kind, other] = ["spdxElementId", "relationshipType", "relatedSpdxElement"]
                .map(|field| relationship[field].as_str().unwrap());
            assert!(seen.insert((one, kind, other)), "twice: {relationship}");
            for end in [one, other] {
                assert!(end == "SPDXRef-DOCUMENT" || self.names.contains_key(end), "{relationship}");
            }
            neighbours.entry(one).or_default().push(other);
            neighbours.entry(other).or_default().push(one);
            let package = self.json["packages"].as_array().unwrap().iter().find(|p| p["SPDXID"] == one);
            if kind == "CONTAINS" && other.starts_with("SPDXRef-File-") {
                assert_eq!(package.unwrap()["filesAnalyzed"], true, "{relationship}");
            }
        }
        let mut reached = BTreeSet::new();
        let mut ahead = vec!["SPDXRef-DOCUMENT"];
        while let Some(id) = ahead.pop() {
            if reached.insert(id) {
                ahead.extend(neighbours.get(id).into_iter().flatten());
            }
        }
        let loose: Vec<_> = self.names.iter().filter(|(id, _)| !reached.contains(id.as_str())).collect();
        assert!(loose.is_empty(), "{loose:?}");
    }
}

fn check_sums(element: &Value) -> Vec<&str> {
    let sums = element["checksums"].as_array().into_iter().flatten();
    sums.map(|sum| {
        let algorithm = sum["algorithm"].as_str().unwrap();
        let length = if algorithm == "SHA1" { 40 } else { 64 };
        assert!(is_hex(sum["checksumValue"].as_str().unwrap(), length), "{sum}");
        algorithm
    })
    .collect()
}

fn is_id(id: &str) -> bool {
    id.strip_prefix("SPDXRef-").is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
    })
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
