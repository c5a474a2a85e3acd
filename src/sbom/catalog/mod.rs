//! The catalogers, one file and one line in the table each.

mod debian;
mod embedded;
mod go;
mod java;
mod nginx;
mod node;
mod python;
mod rust;
mod stanza;

use std::io;

use super::inventory::Inventory;
use crate::step::SbomRequest;
use crate::tree::{Bounds, FilePath, Files, Resolved, Tree, read_file, resolve};

/// What a cataloger looks at.
pub(super) struct Scene<'a> {
    /// The image's file system.
    pub(super) tree: &'a dyn Tree,
    /// Its regular files.
    pub(super) files: &'a Files,
    /// What is known besides.
    pub(super) sbom: &'a SbomRequest,
}

/// Adds what it recognises to the inventory; an error only where the tree cannot be read.
pub(super) type Cataloger = fn(&Scene<'_>, &mut Inventory) -> io::Result<()>;

/// Every cataloger.
pub(super) const CATALOGERS: [Cataloger; 7] = [
    debian::catalog,
    go::catalog,
    java::catalog,
    nginx::catalog,
    node::catalog,
    python::catalog,
    rust::catalog,
];

impl Scene<'_> {
    /// The path of the regular file that `path` leads to as in the running image, if it does.
    pub(super) fn locate(&self, path: impl AsRef<[u8]>) -> io::Result<Option<FilePath>> {
        Ok(match resolve(self.tree, &FilePath::root(), path, Bounds::World)? {
            Resolved::Found(path, stat) if stat.is_file() => Some(path),
            _ => None,
        })
    }

    /// The content of the regular file that `path` leads to, if it does; a gap where it is too large.
    pub(super) fn read(
        &self,
        path: impl AsRef<[u8]>,
        limit: usize,
        inventory: &mut Inventory,
    ) -> io::Result<Option<Vec<u8>>> {
        let Some(path) = self.locate(path)? else { return Ok(None) };
        match read_file(self.tree, &path, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                inventory.gap(&path, format!("it is larger than {limit} bytes and was not read"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
