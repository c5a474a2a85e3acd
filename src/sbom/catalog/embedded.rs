//! What programs say of themselves in their own bytes.

use std::io;

use crate::sbom::clean;
use crate::tree::{Content, read_range};

/// How much is looked at in one piece, and how much of it again in the next.
const PIECE: usize = 1 << 20;
const OVERLAP: usize = 64;

/// The version that stands between two texts: letters, digits and dots; `None` where nothing does.
pub(super) fn version(content: &dyn Content, before: &[u8], after: &[u8]) -> io::Result<Option<String>> {
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
    let starts = bytes.windows(before.len()).enumerate().filter(|(_, window)| *window == before);
    starts.map(|(at, _)| &bytes[at + before.len()..]).find_map(|rest| {
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
