//! Every regular file of the image, with its hashes.

use std::fmt::Write as _;
use std::io;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::tree::elf::is_elf;
use crate::tree::{Content, FilePath, Tree, walk};

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: FilePath,
    /// Hexadecimal; SPDX demands it of every file.
    pub(super) sha1: String,
    /// Hexadecimal.
    pub(super) sha256: String,
    /// Whether it begins like an ELF file.
    pub(super) is_elf: bool,
}

/// The files of a tree in the order of a walk.
pub(super) fn read(tree: &dyn Tree) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut buffer = vec![0; 128 * 1024];
    for entry in walk(tree, &FilePath::root())? {
        if entry.stat.is_file() {
            files.push(hash(tree.open(&entry.path)?.as_ref(), entry.path, &mut buffer)?);
        }
    }
    Ok(files)
}

/// The SHA-1 of some bytes in hexadecimal.
pub(super) fn sha1(bytes: &[u8]) -> String {
    hexadecimal(&Sha1::digest(bytes))
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash(content: &dyn Content, path: FilePath, buffer: &mut [u8]) -> io::Result<File> {
    let (mut sha1, mut sha256) = (Sha1::new(), Sha256::new());
    let mut offset = 0;
    let mut elf = false;
    loop {
        let read = content.read_at(buffer, offset)?;
        if read == 0 {
            break;
        }
        elf |= offset == 0 && is_elf(&buffer[..read]);
        sha1.update(&buffer[..read]);
        sha256.update(&buffer[..read]);
        offset += read as u64;
    }
    Ok(File {
        path,
        sha1: hexadecimal(&sha1.finalize()),
        sha256: hexadecimal(&sha256.finalize()),
        is_elf: elf,
    })
}
