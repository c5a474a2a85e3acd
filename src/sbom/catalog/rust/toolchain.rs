//! The compiler that a program names in its section `.comment`, and the standard library that came with it.

use std::io;

use crate::sbom::clean;
use crate::sbom::inventory::{Component, Kind};
use crate::sbom::purl::Purl;
use crate::tree::Content;
use crate::tree::elf::{ElfError, section};

/// More than the few lines that compilers and linkers leave.
const LONGEST: usize = 1 << 20;

/// The version of the compiler of a Rust program, such as `1.95.0`.
pub(super) fn version(content: &dyn Content) -> io::Result<Option<String>> {
    match section(content, b".comment", LONGEST) {
        Ok(comment) => Ok(find(&comment.unwrap_or_default())),
        Err(ElfError::Malformed(_)) => Ok(None),
        Err(ElfError::Io(error)) => Err(error),
    }
}

/// The standard library, which is linked into every program; the public registry does not have it.
pub(super) fn standard_library(version: String) -> Component {
    Component {
        name: "rust-std".to_owned(),
        purl: Some(Purl::new("generic", "rust-std", Some(&version)).text()),
        version: Some(version),
        kind: Kind::Library,
        licence: Some("MIT OR Apache-2.0".to_owned()),
        source: Some("the Rust toolchain's standard library".to_owned()),
        ..Component::default()
    }
}

/// The lines of a comment end with NUL.
fn find(comment: &[u8]) -> Option<String> {
    let mut lines = comment.split(|&b| b == 0);
    let version = lines.find_map(|line| line.strip_prefix(b"rustc version "))?;
    clean::some_line(version.split(|&b| b == b' ').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_is_found_among_others() {
        let comment = b"GCC: (Debian) 14.2.0\0rustc version 1.95.0 (59807616e 2026-04-14)\0Linker: LLD\0";
        assert_eq!(find(comment).as_deref(), Some("1.95.0"));
        for other in [&b""[..], b"GCC: 14\0", b"rustc version ", b"rustc version  1"] {
            assert_eq!(find(other), None);
        }
    }
}
