//! An inventory as an SPDX 2.3 document.
//!
//! The image is the described package. It contains the components and the files that belong to none; it
//! descends from its base, and builder images are build tools of what they produced. Which files a package
//! has in all is in its verification code (section 7.9), also where they are too many to be listed.

mod ids;
mod model;
mod packages;
mod relations;
mod time;

use std::collections::BTreeSet;
use std::io;

use sha2::{Digest as _, Sha256};

use self::ids::Ids;
use self::model::{Checksum, CreationInfo, Document, File};
use super::catalog::Scene;
use super::inventory::Finished;
use super::limits;
use crate::step::InspectRequest;
use crate::tree::hexadecimal;

/// Where documents of tools without a place of their own have their names (SPDX 2.3, section 6.5).
const NAMESPACE: &str = "https://spdx.org/spdxdocs/cofferdam-";

/// The document's bytes.
pub(super) fn write(
    scene: &Scene<'_>,
    request: &InspectRequest,
    inventory: &Finished,
) -> io::Result<Vec<u8>> {
    let owned: BTreeSet<usize> = inventory.owned.iter().map(|&(_, file)| file).collect();
    let listed = listed(scene, &owned);
    let mut ids = Ids::new();
    let packages = packages::Packages::new(scene, request, inventory, &owned, &mut ids);
    let files: Vec<(usize, String)> = listed
        .into_iter()
        .map(|file| (file, ids.give("File", "", scene.files.all()[file].path.as_bytes())))
        .collect();
    let relationships = relations::all(scene, inventory, &packages, &files)?;
    let mut document = Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        spdx_id: ids::DOCUMENT,
        name: packages.image_name().to_owned(),
        document_namespace: String::new(),
        creation_info: CreationInfo {
            created: time::text(scene.sbom.created),
            creators: vec![format!("Tool: cofferdam-{}", env!("CARGO_PKG_VERSION"))],
        },
        comment: comment(scene, inventory, files.len()),
        packages: packages.into_all(),
        files: files.iter().map(|(file, id)| file_entry(scene, *file, id)).collect(),
        relationships,
    };
    // The name of a document is unique when it depends on everything that the document says.
    document.document_namespace =
        format!("{NAMESPACE}{}", hexadecimal(&Sha256::digest(serde_json::to_vec(&document)?)));
    Ok(serde_json::to_vec(&document)?)
}

/// The files that are listed one by one: all of them; where they are too many, the first of those that belong
/// to no component.
fn listed(scene: &Scene<'_>, owned: &BTreeSet<usize>) -> Vec<usize> {
    let all = 0..scene.files.all().len();
    if all.len() <= limits::LISTED_FILES {
        return all.collect();
    }
    all.filter(|file| !owned.contains(file)).take(limits::LISTED_FILES).collect()
}

fn file_entry(scene: &Scene<'_>, file: usize, id: &str) -> File {
    let file = &scene.files.all()[file];
    File {
        // Section 8.1: relative to the package, so the image's root is `.`.
        file_name: format!(".{}", file.path),
        spdx_id: id.to_owned(),
        checksums: vec![Checksum::new("SHA1", &file.sha1), Checksum::new("SHA256", &file.sha256)],
        file_types: if file.elf { vec!["BINARY"] } else { Vec::new() },
    }
}

/// What the document cannot say elsewhere: which files it does not list, and what could not be found out.
fn comment(scene: &Scene<'_>, inventory: &Finished, listed: usize) -> Option<String> {
    let mut sentences = Vec::new();
    let all = scene.files.all().len();
    if listed < all {
        sentences.push(format!(
            "Of {all} files, {listed} are listed here: files of components are left out above {} files, and so \
             are further files of no component. Verification codes are over all files.",
            limits::LISTED_FILES
        ));
    }
    sentences
        .extend(inventory.gaps.iter().take(limits::GAPS).map(|gap| format!("{}: {}.", gap.path, gap.reason)));
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
