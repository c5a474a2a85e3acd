//! The components of a file system, and the SPDX document that lists them.
//!
//! Catalogers say what is there, each from what a tool left behind: package databases, what Go's linker and
//! cargo-auditable wrote into programs. The request says what no file tells: builder images and lock files.

mod apk;
mod component;
mod copyright;
mod debian;
mod files;
mod go;
mod licence;
mod purl;
mod release;
mod rust;
mod spdx;
#[cfg(test)]
mod validity;

use std::io;

use self::component::Catalog;
use self::files::File;
use crate::step::{InspectRequest, SbomRequest};
use crate::tree::Tree;

/// A finished bill of materials.
#[derive(Debug)]
pub struct Sbom {
    /// The SPDX 2.3 document as JSON; same tree and request, same bytes.
    pub document: Vec<u8>,
    /// How many components it lists, the image itself not counted.
    pub components: u64,
}

/// The bill of materials of an image's file system.
///
/// An error only where the tree cannot be read: a damaged database or program is a component less, not a failure.
pub fn sbom(tree: &dyn Tree, image: &InspectRequest, request: &SbomRequest) -> io::Result<Sbom> {
    let files = files::read(tree)?;
    let mut catalog = Catalog::default();
    debian::catalog(tree, &files, &mut catalog)?;
    apk::catalog(tree, &files, &mut catalog)?;
    for file in files.iter().filter(|file| file.is_elf) {
        let content = tree.open(&file.path)?;
        go::catalog(content.as_ref(), file, &mut catalog);
        rust::catalog(content.as_ref(), file, &mut catalog);
    }
    for lock in &request.cargo_locks {
        rust::catalog_lock(lock, &files, &mut catalog);
    }
    let components = catalog.components.len() as u64;
    Ok(Sbom { document: spdx::document(image, request, &files, &catalog), components })
}

/// The file of that path.
fn file_at<'a>(files: &'a [File], path: &crate::tree::FilePath) -> Option<&'a File> {
    files.iter().find(|file| file.path == *path)
}

#[cfg(test)]
mod tests;
