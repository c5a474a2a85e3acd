//! The components of an image's file system, written down as one SPDX 2.3 document.
//!
//! Catalogers (`catalog`, one file each) read what package managers and compilers left behind and fill an
//! [`inventory`]; `spdx` writes it. The file system is foreign: what contradicts itself or is larger than
//! anything honest becomes a [`Gap`] that the document names, and never a failure.

mod catalog;
mod clean;
mod inventory;
mod licence;
mod limits;
mod purl;
mod spdx;

use std::io;

use crate::step::{InspectRequest, SbomRequest};
use crate::tree::{Files, Tree};

/// A document and what it says in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    /// The SPDX 2.3 document as JSON.
    pub bytes: Vec<u8>,
    /// How many components it lists, without the image itself, its base and its builders.
    pub components: u64,
    /// What could not be listed.
    pub gaps: Vec<Gap>,
}

/// Something that the document cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The file that would have told it; `/` for the file system as a whole.
    pub path: String,
    /// Why it does not, in one sentence without a full stop.
    pub reason: String,
}

/// The SPDX document of an image's file system and its files: the same tree and requests give the same bytes.
///
/// An error only where the tree cannot be read.
pub fn document(
    tree: &dyn Tree,
    files: &Files,
    request: &InspectRequest,
    sbom: &SbomRequest,
) -> io::Result<Sbom> {
    let scene = catalog::Scene { tree, files, sbom };
    let mut inventory = inventory::Inventory::new();
    for cataloger in catalog::CATALOGERS {
        cataloger(&scene, &mut inventory)?;
    }
    let inventory = inventory.finish();
    Ok(Sbom {
        bytes: spdx::write(&scene, request, &inventory)?,
        components: inventory.components.len() as u64,
        gaps: inventory.gaps,
    })
}
