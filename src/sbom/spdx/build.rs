//! From a catalog to a document.

use std::collections::{BTreeMap, BTreeSet};

use super::time::timestamp;
use super::types::{
    Checksum, CreationInfo, Document, ExtractedLicence, File, NO_ASSERTION, Package, Relationship,
};
use crate::name::{Digest, Reference};
use crate::sbom::component::{Catalog, Component};
use crate::sbom::files;
use crate::sbom::purl::purl;
use crate::step::{BuilderImage, InspectRequest, SbomRequest};
use crate::tree::{FilePath, escaped};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const IMAGE: &str = "SPDXRef-Package-image";

/// The document as JSON. Its namespace is made from the hash of everything else that it says.
pub(in crate::sbom) fn document(
    image: &InspectRequest,
    request: &SbomRequest,
    files: &[files::File],
    catalog: &Catalog,
) -> Vec<u8> {
    let mut builder =
        Builder { files, ids: BTreeMap::new(), packages: Vec::new(), relationships: Vec::new() };
    builder.relate(DOCUMENT, "DESCRIBES", IMAGE);
    builder.image(request, catalog);
    builder.base(image);
    builder.components(catalog);
    builder.images_that_built(&request.builders);
    let mut document = Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT.to_owned(),
        name: request.name.clone(),
        document_namespace: String::new(),
        creation_info: CreationInfo {
            created: timestamp(request.created),
            creators: vec![format!("Tool: cofferdam-{}", env!("CARGO_PKG_VERSION"))],
        },
        has_extracted_licensing_infos: catalog.licences.iter().map(extracted_licence).collect(),
        packages: builder.packages,
        files: files.iter().map(file).collect(),
        relationships: builder.relationships,
    };
    let hash = Digest::of(&crate::step::encode(&document));
    document.document_namespace =
        format!("https://github.com/cofferdam/cofferdam/spdx/{}-{}", identifier(&request.name), hash.hex());
    crate::step::encode(&document)
}

/// A document in the making.
struct Builder<'a> {
    files: &'a [files::File],
    /// The identifiers of components by their keys.
    ids: BTreeMap<&'a str, String>,
    packages: Vec<Package>,
    relationships: Vec<Relationship>,
}

impl<'a> Builder<'a> {
    /// The image itself; it contains every component, and the files that belong to none.
    fn image(&mut self, request: &SbomRequest, catalog: &'a Catalog) {
        let owned: BTreeSet<&FilePath> =
            catalog.components.values().flat_map(|component| &component.contains).collect();
        let own: Vec<&files::File> = self.files.iter().filter(|file| !owned.contains(&file.path)).collect();
        let mut package = Package::new(IMAGE.to_owned(), request.name.clone());
        package.version_info.clone_from(&request.version);
        package.primary_package_purpose = Some("CONTAINER");
        self.packages.push(package.files(own.iter().map(|file| file.sha1.as_str()).collect()));
        for (key, component) in &catalog.components {
            let id = component_id(key, component);
            self.relate(IMAGE, "CONTAINS", &id);
            self.ids.insert(key, id);
        }
        for file in own {
            self.relate(IMAGE, "CONTAINS", &file_id(&file.path));
        }
    }

    fn base(&mut self, image: &InspectRequest) {
        let Some(digest) = &image.base.digest else { return };
        let id = image_id("base", &image.base.name, digest);
        self.packages.push(image_package(&id, &image.base.name, digest));
        self.relate(IMAGE, "DESCENDANT_OF", &id);
    }

    fn components(&mut self, catalog: &'a Catalog) {
        let sha1s: BTreeMap<&FilePath, &str> =
            self.files.iter().map(|file| (&file.path, file.sha1.as_str())).collect();
        for (key, component) in &catalog.components {
            let Some(id) = self.ids.get(key.as_str()).cloned() else { continue };
            let own = component.contains.iter().filter_map(|path| sha1s.get(path).copied()).collect();
            self.packages.push(component_package(id.clone(), component).files(own));
            for path in &component.contains {
                self.relate(&id, "CONTAINS", &file_id(path));
            }
            for path in &component.built {
                self.relate(&file_id(path), "GENERATED_FROM", &id);
            }
            for needed in &component.depends_on {
                if let Some(needed) = self.ids.get(needed.as_str()).cloned() {
                    self.relate(&id, "DEPENDS_ON", &needed);
                }
            }
            for needed in &component.build_depends_on {
                if let Some(needed) = self.ids.get(needed.as_str()).cloned() {
                    self.relate(&needed, "BUILD_DEPENDENCY_OF", &id);
                }
            }
        }
    }

    /// The builder images, each with the files that came out of it.
    fn images_that_built(&mut self, builders: &[BuilderImage]) {
        let mut known = BTreeSet::new();
        for BuilderImage { name, digest, produced } in builders {
            let id = image_id("builder", name, digest);
            if known.insert(id.clone()) {
                self.packages.push(image_package(&id, name, digest));
            }
            let produced: Vec<FilePath> = produced.iter().map(FilePath::new).collect();
            if produced.is_empty() {
                self.relate(&id, "BUILD_TOOL_OF", IMAGE);
            }
            let is_produced =
                |file: &&files::File| produced.iter().any(|path| file.path.below(path).is_some());
            let files: Vec<String> =
                self.files.iter().filter(is_produced).map(|file| file_id(&file.path)).collect();
            for file in files {
                self.relate(&id, "BUILD_TOOL_OF", &file);
            }
        }
    }

    fn relate(&mut self, from: &str, relationship_type: &'static str, to: &str) {
        self.relationships.push(Relationship {
            spdx_element_id: from.to_owned(),
            relationship_type,
            related_spdx_element: to.to_owned(),
        });
    }
}

fn component_package(id: String, component: &Component) -> Package {
    let mut package = Package::new(id, component.name.clone()).purl(component.purl.clone());
    package.version_info.clone_from(&component.version);
    package.supplier.clone_from(&component.supplier);
    package.source_info.clone_from(&component.source);
    package.license_declared = component.licence.clone().unwrap_or_else(|| NO_ASSERTION.to_owned());
    package.checksums = component.sha256.iter().map(|value| checksum("SHA256", value)).collect();
    package
}

fn image_package(id: &str, name: &str, digest: &str) -> Package {
    let mut package = Package::new(id.to_owned(), name.to_owned()).purl(image_purl(name, digest));
    package.version_info = Some(digest.to_owned());
    package.primary_package_purpose = Some("CONTAINER");
    if let Some(value) = digest.strip_prefix("sha256:") {
        package.checksums = vec![checksum("SHA256", value)];
    }
    package
}

/// The purl of an image: its digest is its version, and where it comes from stands in a qualifier.
fn image_purl(name: &str, digest: &str) -> Option<String> {
    let reference = Reference::parse(name).ok()?;
    let repository = reference.name();
    let last = repository.rsplit('/').next().unwrap_or_default();
    let qualifiers = [("repository_url", repository.as_str()), ("tag", reference.tag().unwrap_or_default())];
    Some(purl("oci", last, Some(digest), &qualifiers))
}

fn file(file: &files::File) -> File {
    File {
        id: file_id(&file.path),
        file_name: format!("./{}", escaped(file.path.as_bytes())),
        checksums: vec![checksum("SHA1", &file.sha1), checksum("SHA256", &file.sha256)],
    }
}

fn checksum(algorithm: &'static str, value: &str) -> Checksum {
    Checksum { algorithm, checksum_value: value.to_owned() }
}

fn extracted_licence((id, name): (&String, &String)) -> ExtractedLicence {
    ExtractedLicence {
        license_id: id.clone(),
        name: name.clone(),
        extracted_text: format!(
            "The licence that the package's metadata calls {name}; its text is in the image, in the package's \
             copyright file."
        ),
    }
}

/// Identifiers hold a hash, because names may have characters that identifiers cannot, and may be long.
fn component_id(key: &str, component: &Component) -> String {
    let name = identifier(&component.name);
    format!("SPDXRef-Package-{name}-{}", &Digest::of(key.as_bytes()).hex()[..16])
}

fn image_id(role: &str, name: &str, digest: &str) -> String {
    let hash = Digest::of(format!("{name}@{digest}").as_bytes());
    format!("SPDXRef-Package-{role}-{}", &hash.hex()[..16])
}

fn file_id(path: &FilePath) -> String {
    format!("SPDXRef-File-{}", &Digest::of(path.as_bytes()).hex()[..24])
}

/// A name in the letters, digits, dots and hyphens that identifiers may have.
fn identifier(name: &str) -> String {
    let valid = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    name.chars().take(100).map(valid).collect()
}
