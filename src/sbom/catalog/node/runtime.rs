//! Node itself, which tells the address of its own source.

use std::io;

use super::Scene;
use crate::sbom::clean;
use crate::sbom::inventory::{Component, Inventory, Kind};
use crate::sbom::purl::Purl;
use crate::tree::{Content, read_range};

/// What stands before the version in that address (Node's `process.release.headersUrl`).
const BEFORE: &[u8] = b"/node-v";
/// What follows it.
const AFTER: &[u8] = b"-headers.tar.gz";
/// How much is looked at in one piece, and how much of it again in the next.
const PIECE: usize = 1 << 20;
const OVERLAP: usize = 64;

/// Lists the programs of the name `node` that are Node.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for (index, file) in scene.files.elf().filter(|(_, file)| file.path.name() == b"node") {
        let Some(version) = version(scene.tree.open(&file.path)?.as_ref())? else { continue };
        let node = Component {
            name: "node".to_owned(),
            purl: Some(Purl::new("generic", "node", Some(&version)).text()),
            version: Some(version),
            program: Some(file.path.clone()),
            kind: Kind::Program,
            licence: Some("MIT".to_owned()),
            ..Component::default()
        };
        if let Some(id) = inventory.add(node) {
            inventory.own(id, index);
        }
    }
    Ok(())
}

/// The version that a program names as Node's.
fn version(content: &dyn Content) -> io::Result<Option<String>> {
    let mut offset = 0;
    loop {
        let piece = read_range(content, offset, PIECE + OVERLAP)?;
        if let Some(version) = find(&piece) {
            return Ok(Some(version));
        }
        if piece.len() < PIECE + OVERLAP {
            return Ok(None);
        }
        offset += PIECE as u64;
    }
}

fn find(bytes: &[u8]) -> Option<String> {
    let starts = bytes.windows(BEFORE.len()).enumerate().filter(|(_, window)| *window == BEFORE);
    starts.map(|(at, _)| &bytes[at + BEFORE.len()..]).find_map(|rest| {
        let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'.'))?;
        rest[end..].starts_with(AFTER).then(|| clean::some_line(&rest[..end]))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_across_pieces() {
        let address = b"https://nodejs.org/download/release/v22.1.0/node-v22.1.0-headers.tar.gz\0";
        for before in [0, 5, PIECE - 60, PIECE - 1, 2 * PIECE - 50] {
            let content = [&vec![b'/'; before], &address[..]].concat();
            assert_eq!(version(&content).unwrap().as_deref(), Some("22.1.0"), "{before}");
        }
        assert_eq!(version(&b"/node-v22.1.0.tar.gz".to_vec()).unwrap(), None);
    }
}
