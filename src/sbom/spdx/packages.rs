//! The document's packages: the image, its base, its builders, its components.

use std::collections::BTreeSet;

use sha1::{Digest as _, Sha1};

use super::ids::Ids;
use super::model::{Checksum, ExternalRef, NO_ASSERTION, Package, VerificationCode};
use crate::name::{Digest, Reference};
use crate::sbom::catalog::Scene;
use crate::sbom::clean;
use crate::sbom::inventory::{Component, Finished, Kind};
use crate::sbom::purl::Purl;
use crate::step::InspectRequest;
use crate::tree::hexadecimal;

/// The packages, in their order: image, base, builders, components.
pub(super) struct Packages {
    all: Vec<Package>,
    has_base: bool,
    builders: usize,
}

impl Packages {
    pub(super) fn new(
        scene: &Scene<'_>,
        request: &InspectRequest,
        inventory: &Finished,
        owned: &BTreeSet<usize>,
        ids: &mut Ids,
    ) -> Packages {
        let loose = (0..scene.files.all().len()).filter(|file| !owned.contains(file));
        let mut all = vec![Package {
            package_verification_code: verification_code(scene, loose),
            ..image(scene, request, ids)
        }];
        let base = (request.base.name != "scratch").then_some(&request.base);
        all.extend(base.map(|base| other_image("Base", &base.name, base.digest.as_deref(), ids)));
        let builders = &scene.sbom.builders;
        all.extend(builders.iter().map(|b| other_image("Builder", &b.name, Some(&b.digest), ids)));
        all.extend(inventory.components.iter().enumerate().map(|(id, found)| {
            let files = inventory.owned.range((id, 0)..=(id, usize::MAX)).map(|&(_, file)| file);
            Package { package_verification_code: verification_code(scene, files), ..component(found, ids) }
        }));
        for package in &mut all {
            package.files_analyzed = package.package_verification_code.is_some();
        }
        Packages { all, has_base: base.is_some(), builders: builders.len() }
    }

    pub(super) fn image_name(&self) -> &str {
        self.all.first().map_or("", |image| &image.name)
    }

    /// The identifier of the image.
    pub(super) fn image(&self) -> &str {
        &self.all[0].spdx_id
    }

    /// The identifier of the base, where there is one.
    pub(super) fn base(&self) -> Option<&str> {
        self.has_base.then(|| self.all[1].spdx_id.as_str())
    }

    /// The identifier of a builder by its place in the request.
    pub(super) fn builder(&self, at: usize) -> &str {
        &self.all[1 + usize::from(self.has_base) + at].spdx_id
    }

    /// The identifier of a component of the inventory.
    pub(super) fn component(&self, id: usize) -> &str {
        self.builder(self.builders + id)
    }

    pub(super) fn into_all(self) -> Vec<Package> {
        self.all
    }
}

fn package(name: String, spdx_id: String) -> Package {
    Package {
        name,
        spdx_id,
        version_info: None,
        package_file_name: None,
        supplier: NO_ASSERTION.to_owned(),
        download_location: NO_ASSERTION.to_owned(),
        files_analyzed: false,
        package_verification_code: None,
        checksums: Vec::new(),
        source_info: None,
        license_concluded: NO_ASSERTION,
        license_declared: NO_ASSERTION.to_owned(),
        license_comments: None,
        copyright_text: NO_ASSERTION,
        comment: None,
        external_refs: Vec::new(),
        primary_package_purpose: None,
    }
}

fn image(scene: &Scene<'_>, request: &InspectRequest, ids: &mut Ids) -> Package {
    let name = clean::some_line(scene.sbom.name.as_bytes()).unwrap_or_else(|| "image".to_owned());
    let id = ids.give("Image", &name, name.as_bytes());
    Package {
        version_info: scene.sbom.version.as_ref().and_then(|version| clean::some_line(version.as_bytes())),
        comment: Some(format!("an image for {}", clean::line(request.platform.as_bytes()))),
        primary_package_purpose: Some("CONTAINER"),
        ..package(name, id)
    }
}

/// An image that is named by a reference and a digest.
fn other_image(kind: &str, reference: &str, digest: Option<&str>, ids: &mut Ids) -> Package {
    let reference = clean::some_line(reference.as_bytes()).unwrap_or_else(|| "image".to_owned());
    let parsed = Reference::parse(&reference).ok();
    let given = digest.and_then(|digest| Digest::parse(digest).ok());
    let digest = given.or_else(|| parsed.as_ref()?.digest().cloned());
    let id = ids.give(kind, &reference, digest.as_ref().map_or("", Digest::as_str).as_bytes());
    let purl = parsed.as_ref().zip(digest.as_ref()).map(|(reference, digest)| {
        let name = reference.name();
        let last = name.rsplit('/').next().unwrap_or_default();
        Purl::new("oci", last, Some(digest.as_str()))
            .with("repository_url", &name)
            .with("tag", reference.tag().unwrap_or_default())
    });
    Package {
        version_info: digest.as_ref().map(Digest::to_string),
        checksums: digest.iter().map(|digest| Checksum::new("SHA256", digest.hex())).collect(),
        external_refs: purl.into_iter().map(|purl| ExternalRef::purl(purl.text())).collect(),
        primary_package_purpose: Some("CONTAINER"),
        ..package(reference, id)
    }
}

fn component(found: &Component, ids: &mut Ids) -> Package {
    let version = found.version.as_deref().unwrap_or_default();
    let path = found.program.as_ref().map(ToString::to_string);
    let (purl, program) = (found.purl.as_deref().unwrap_or_default(), path.as_deref().unwrap_or_default());
    let identity = [&found.name, version, purl, program].join("\n");
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| NO_ASSERTION.to_owned());
    Package {
        version_info: found.version.clone(),
        package_file_name: path.as_ref().map(|path| format!(".{path}")),
        supplier: text(&found.supplier),
        download_location: text(&found.download),
        checksums: found.sha256.iter().map(|sum| Checksum::new("SHA256", sum)).collect(),
        source_info: found.source.clone(),
        license_declared: text(&found.licence),
        license_comments: found.licence_comment.clone(),
        comment: found.comment.clone(),
        external_refs: found.purl.iter().cloned().map(ExternalRef::purl).collect(),
        primary_package_purpose: match found.kind {
            Kind::Package => None,
            Kind::Program => Some("APPLICATION"),
            Kind::Library => Some("LIBRARY"),
        },
        ..package(found.name.clone(), ids.give("Package", &found.name, identity.as_bytes()))
    }
}

/// The verification code over some files (SPDX 2.3, section 7.9); `None` where there are none.
fn verification_code(scene: &Scene<'_>, files: impl Iterator<Item = usize>) -> Option<VerificationCode> {
    let mut sums: Vec<&str> = files.map(|file| scene.files.all()[file].sha1.as_str()).collect();
    sums.sort_unstable();
    let mut sha1 = Sha1::new();
    for sum in &sums {
        sha1.update(sum.as_bytes());
    }
    (!sums.is_empty()).then(|| VerificationCode { value: hexadecimal(&sha1.finalize()) })
}
