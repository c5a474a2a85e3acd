//! Programs that tell their version in their own bytes.

use std::io;

use memchr::memmem;

use super::Scene;
use crate::sbom::clean;
use crate::sbom::inventory::{Component, Id, Inventory, Kind};
use crate::sbom::purl::Purl;
use crate::tree::{Content, read_range};

/// A program that is known by its file's name and by what stands around its version.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) before: &'static [u8],
    pub(super) after: &'static [u8],
    pub(super) licence: &'static str,
}

impl Program {
    /// Lists every file that is this program, and returns the new components.
    pub(super) fn catalog(&self, scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<Vec<Id>> {
        let mut found = Vec::new();
        for (index, file) in scene.files.elf().filter(|(_, file)| file.path.name() == self.name.as_bytes()) {
            let content = scene.tree.open(&file.path)?;
            let Some(version) = version(content.as_ref(), self.before, self.after)? else { continue };
            let program = Component {
                name: self.name.to_owned(),
                purl: Some(Purl::new("generic", self.name, Some(&version)).text()),
                version: Some(version),
                program: Some(file.path.clone()),
                kind: Kind::Program,
                licence: Some(self.licence.to_owned()),
                ..Component::default()
            };
            let Some(id) = inventory.add(program) else { continue };
            inventory.own(id, index);
            found.push(id);
        }
        Ok(found)
    }
}

/// How much is looked at in one piece, and how much of it again in the next.
const PIECE: usize = 1 << 20;
const OVERLAP: usize = 64;

/// The version that stands between two texts: letters, digits and dots; `None` where nothing does.
fn version(content: &dyn Content, before: &[u8], after: &[u8]) -> io::Result<Option<String>> {
    let mut offset = 0;
    loop {
        let piece = read_range(content, offset, PIECE + OVERLAP)?;
        if let Some(version) = find(&piece, before, after) {
            return Ok(Some(version));
        }
        if piece.len() < PIECE + OVERLAP {
            return Ok(None);
        }
        offset += PIECE as u64;
    }
}

fn find(bytes: &[u8], before: &[u8], after: &[u8]) -> Option<String> {
    memmem::find_iter(bytes, before).map(|at| &bytes[at + before.len()..]).find_map(|rest| {
        let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'.'))?;
        rest[end..].starts_with(after).then(|| clean::some_line(&rest[..end]))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_across_pieces() {
        let address = b"https://nodejs.org/download/release/v22.1.0/node-v22.1.0-headers.tar.gz\0";
        let version = |content: &Vec<u8>| version(content, b"/node-v", b"-headers.tar.gz").unwrap();
        for before in [0, 5, PIECE - 60, PIECE - 1, 2 * PIECE - 50] {
            let content = [&vec![b'/'; before], &address[..]].concat();
            assert_eq!(version(&content).as_deref(), Some("22.1.0"), "{before}");
        }
        assert_eq!(version(&b"/node-v22.1.0.tar.gz".to_vec()), None);
    }
}
