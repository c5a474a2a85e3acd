//! Every regular file of a tree with its checksums.

use std::fmt::Write as _;
use std::io;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::limits;
use crate::tree::elf::is_elf;
use crate::tree::{Content, FilePath, Tree, walk};

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: FilePath,
    /// SHA-1, which SPDX 2.3 demands of every file (section 8.4), as hexadecimal digits.
    pub(super) sha1: String,
    /// SHA-256 as hexadecimal digits.
    pub(super) sha256: String,
    /// Whether it begins like an ELF file.
    pub(super) elf: bool,
}

/// The regular files of a tree, sorted by path.
#[derive(Debug)]
pub(super) struct Files(Vec<File>);

impl Files {
    /// All files of a tree.
    pub(super) fn read(tree: &dyn Tree) -> io::Result<Files> {
        let mut found: Vec<_> =
            walk(tree, &FilePath::root())?.into_iter().filter(|entry| entry.stat.is_file()).collect();
        found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let bytes = found.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.stat.size));
        if bytes > limits::HASHED_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!(
                    "its files have {bytes} bytes, more than the {} that are hashed",
                    limits::HASHED_BYTES
                ),
            ));
        }
        let mut buffer = vec![0; 256 * 1024];
        let read =
            |entry: crate::tree::Entry| hash(tree.open(&entry.path)?.as_ref(), entry.path, &mut buffer);
        found.into_iter().map(read).collect::<io::Result<_>>().map(Files)
    }

    /// The files, in order.
    pub(super) fn all(&self) -> &[File] {
        &self.0
    }

    /// The files that begin like ELF files, with their indexes.
    pub(super) fn elf(&self) -> impl Iterator<Item = (usize, &File)> {
        self.0.iter().enumerate().filter(|(_, file)| file.elf)
    }

    /// The index of the file at a path.
    pub(super) fn find(&self, path: &FilePath) -> Option<usize> {
        self.0.binary_search_by(|file| file.path.cmp(path)).ok()
    }
}

/// Hexadecimal digits in lower case.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash(content: &dyn Content, path: FilePath, buffer: &mut [u8]) -> io::Result<File> {
    let (mut sha1, mut sha256, mut elf, mut offset) = (Sha1::new(), Sha256::new(), false, 0);
    loop {
        let read = content.read_at(buffer, offset)?;
        let bytes = &buffer[..read];
        elf |= offset == 0 && is_elf(bytes);
        sha1.update(bytes);
        sha256.update(bytes);
        offset += read as u64;
        if read < buffer.len() {
            break;
        }
    }
    Ok(File { path, sha1: hexadecimal(&sha1.finalize()), sha256: hexadecimal(&sha256.finalize()), elf })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;

    #[test]
    fn files_are_hashed_sorted_and_found() {
        let tree = Memory::new()
            .file("a/b", 0o644, b"abc")
            .file("a-b", 0o644, b"\x7fELF")
            .file("large", 0o644, &vec![b'a'; 1_000_000])
            .link("link", "a-b");
        let files = Files::read(&tree).unwrap();
        let paths: Vec<String> = files.all().iter().map(|file| file.path.to_string()).collect();
        assert_eq!(paths, ["/a-b", "/a/b", "/large"]);
        assert_eq!(files.find(&FilePath::new("a/b")), Some(1));
        assert_eq!(files.find(&FilePath::new("link")), None);
        assert_eq!(files.all()[1].sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(files.all()[2].sha1, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        assert_eq!(files.all()[2].sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        assert_eq!(files.elf().map(|(index, _)| index).collect::<Vec<_>>(), [0]);
    }
}
