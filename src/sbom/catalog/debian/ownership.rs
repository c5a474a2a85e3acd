//! Which files are a package's, from the lists that dpkg keeps.

use std::collections::BTreeMap;
use std::io;

use super::Scene;
use crate::sbom::inventory::Inventory;
use crate::tree::{Bounds, FilePath, Resolved, resolve};

/// Finds listed paths in the tree.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// Where directories really are: dpkg lists `/lib/…` although `/lib` may be a link to `/usr/lib`.
    directories: BTreeMap<FilePath, Option<FilePath>>,
}

/// Directories that are remembered.
const REMEMBERED: usize = 100_000;

impl Ownership {
    /// Gives a component the files of a list: paths, or checksums with paths.
    pub(super) fn add(
        &mut self,
        scene: &Scene<'_>,
        inventory: &mut Inventory,
        component: usize,
        list: &[u8],
    ) -> io::Result<()> {
        for line in list.split(|&b| b == b'\n') {
            let Some(path) = listed(line) else { continue };
            if let Some(file) = self.find(scene, &path)? {
                inventory.own(component, file);
            }
        }
        Ok(())
    }

    /// The file at a path whose directories may be links.
    fn find(&mut self, scene: &Scene<'_>, path: &FilePath) -> io::Result<Option<usize>> {
        if let Some(file) = scene.files.find(path) {
            return Ok(Some(file));
        }
        let Some(parent) = path.parent() else { return Ok(None) };
        let directory = match self.directories.get(&parent) {
            Some(known) => known.clone(),
            None => self.look(scene, parent)?,
        };
        Ok(directory.and_then(|directory| scene.files.find(&directory.join(path.name()))))
    }

    fn look(&mut self, scene: &Scene<'_>, directory: FilePath) -> io::Result<Option<FilePath>> {
        let found = match resolve(scene.tree, &FilePath::root(), directory.as_bytes(), Bounds::World)? {
            Resolved::Found(path, stat) if stat.is_directory() => Some(path),
            _ => None,
        };
        if self.directories.len() < REMEMBERED {
            self.directories.insert(directory, found.clone());
        }
        Ok(found)
    }
}

/// The path in a line of a list: the whole line, or what follows an MD5 checksum and two blanks.
fn listed(line: &[u8]) -> Option<FilePath> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"/") {
        return Some(FilePath::new(line));
    }
    let (checksum, path) = line.split_at_checked(34)?;
    let (checksum, blanks) = checksum.split_at(32);
    let well_formed = checksum.iter().all(u8::is_ascii_hexdigit) && blanks == b"  ";
    (well_formed && !path.is_empty()).then(|| FilePath::new(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_lists_are_read() {
        let sum = "d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(listed(format!("{sum}  usr/lib/a b").as_bytes()), Some(FilePath::new("usr/lib/a b")));
        assert_eq!(listed(b"/usr/x"), Some(FilePath::new("usr/x")));
        for wrong in ["", "usr/x", sum, "d41d8cd98f00b204e9800998ecf8427z  x"] {
            assert_eq!(listed(wrong.as_bytes()), None);
        }
    }
}
