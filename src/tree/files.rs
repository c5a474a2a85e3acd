//! Every regular file of a tree, read once.

use std::io;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::elf::is_elf;
use super::side_by_side::{both, side_by_side};
use super::{Content, FilePath, Index, Tree};

/// Bytes that are read: more than any registry takes.
const MOST_BYTES: u64 = 256 << 30;
/// As much of a file as is held in memory at once.
const PIECE: u64 = 256 * 1024;
/// Two threads share the digests of a file as large as this: everything else would wait for it.
const LARGE: u64 = 8 << 20;

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: FilePath,
    /// The SHA-1 of its content as hexadecimal digits.
    pub sha1: String,
    /// The SHA-256 of its content as hexadecimal digits.
    pub sha256: String,
    /// Whether it begins like an ELF file.
    pub elf: bool,
    /// Whether it carries file capabilities.
    pub has_capabilities: bool,
    /// Whether the base has a file with this content at this path.
    pub is_of_base: bool,
}

/// The regular files of a tree, sorted by path.
#[derive(Debug)]
pub struct Files(Vec<File>);

impl Files {
    /// Reads all files of a tree that was made on the tree `base`; an error where they have more bytes than can be
    /// looked at.
    pub fn read(tree: &Index<'_>, base: &dyn Tree) -> io::Result<Files> {
        let found: Vec<_> = tree.entries().iter().filter(|(_, stat)| stat.is_file()).collect();
        let bytes = found.iter().fold(0_u64, |sum, (_, stat)| sum.saturating_add(stat.size));
        if bytes > MOST_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("its files have {bytes} bytes, more than the {MOST_BYTES} that are hashed"),
            ));
        }
        let read = side_by_side(&found, |(path, stat)| read(tree, base, path, stat.size));
        read.into_iter().collect::<io::Result<_>>().map(Files)
    }

    /// The files, in order.
    pub fn all(&self) -> &[File] {
        &self.0
    }

    /// The files that begin like ELF files, with their indexes.
    pub fn elf(&self) -> impl Iterator<Item = (usize, &File)> {
        self.0.iter().enumerate().filter(|(_, file)| file.elf)
    }

    /// The index of the file at a path.
    pub fn find(&self, path: &FilePath) -> Option<usize> {
        self.0.binary_search_by(|file| file.path.cmp(path)).ok()
    }
}

/// Hexadecimal digits in lower case.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn read(tree: &dyn Tree, base: &dyn Tree, path: &FilePath, size: u64) -> io::Result<File> {
    if size >= LARGE {
        let (sha1, file) = both(|| sha1_of(tree, path, size), || look(tree, base, path, size, |_| ()));
        return Ok(File { sha1: hexadecimal(&sha1?.finalize()), ..file? });
    }
    let mut sha1 = Sha1::new();
    let file = look(tree, base, path, size, |bytes| sha1.update(bytes))?;
    Ok(File { sha1: hexadecimal(&sha1.finalize()), ..file })
}

fn sha1_of(tree: &dyn Tree, path: &FilePath, size: u64) -> io::Result<Sha1> {
    let mut sha1 = Sha1::new();
    pieces(&*tree.open(path)?, size, |bytes, _| {
        sha1.update(bytes);
        Ok(())
    })?;
    Ok(sha1)
}

/// Reads a file and shows its content to somebody else, who adds its SHA-1.
fn look(
    tree: &dyn Tree,
    base: &dyn Tree,
    path: &FilePath,
    size: u64,
    mut show: impl FnMut(&[u8]),
) -> io::Result<File> {
    let content = tree.open(path)?;
    // The file of the base, as long as nothing tells it apart.
    let mut twin = match base.stat(path)? {
        Some(stat) if stat.is_file() && stat.size == size => Some(base.open(path)?),
        _ => None,
    };
    let (mut sha256, mut elf, mut other) = (Sha256::new(), false, Vec::new());
    pieces(&*content, size, |bytes, offset| {
        elf |= offset == 0 && is_elf(bytes);
        show(bytes);
        sha256.update(bytes);
        other.resize(bytes.len(), 0);
        if let Some(same) = &twin
            && (same.read_at(&mut other, offset)? != bytes.len() || other != bytes)
        {
            twin = None;
        }
        Ok(())
    })?;
    Ok(File {
        path: path.clone(),
        sha1: String::new(),
        sha256: hexadecimal(&sha256.finalize()),
        elf,
        has_capabilities: content.has_capabilities()?,
        is_of_base: twin.is_some(),
    })
}

/// Reads a content from its beginning to its end.
fn pieces(
    content: &dyn Content,
    size: u64,
    mut each: impl FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<()> {
    // One byte more, so that a file of the size that it told ends within the piece.
    let mut piece = vec![0; usize::try_from(size.min(PIECE)).unwrap_or_default() + 1];
    let mut offset = 0;
    loop {
        let read = content.read_at(&mut piece, offset)?;
        each(&piece[..read], offset)?;
        offset += read as u64;
        if read < piece.len() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;

    #[test]
    fn files_are_read_sorted_and_found() {
        let tree = Memory::new()
            .file("a/b", 0o644, b"abc")
            .file("a-b", 0o644, b"\x7fELF")
            .capability("a-b")
            .file("large", 0o644, &vec![b'a'; 1_000_000])
            .file("larger", 0o644, &vec![b'a'; 9 << 20])
            .link("link", "a-b");
        let base = Memory::new()
            .file("a-b", 0o644, b"\x7fELf")
            .file("large", 0o600, &vec![b'a'; 1_000_000])
            .file("a/b", 0o644, b"abcd");
        let files = Files::read(&Index::of(&tree).unwrap(), &base).unwrap();
        let paths: Vec<String> = files.all().iter().map(|file| file.path.to_string()).collect();
        assert_eq!(paths, ["/a-b", "/a/b", "/large", "/larger"]);
        assert_eq!(files.find(&FilePath::new("a/b")), Some(1));
        assert_eq!(files.find(&FilePath::new("link")), None);
        assert_eq!(files.all()[1].sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(files.all()[2].sha1, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        assert_eq!(files.all()[2].sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        // Two threads share it.
        assert_eq!(files.all()[3].sha1, "662fd8484da5e2993b83f42d18a45c621275414d");
        assert_eq!(files.all()[3].sha256, "23ff721b5953999b01acf7b12c7e80f3ee453299b2f0b34b13b116977daef908");
        assert_eq!(files.elf().map(|(index, _)| index).collect::<Vec<_>>(), [0]);
        assert_eq!(
            files.all().iter().map(|file| file.has_capabilities).collect::<Vec<_>>(),
            [true, false, false, false]
        );
        assert_eq!(
            files.all().iter().map(|file| file.is_of_base).collect::<Vec<_>>(),
            [false, false, true, false]
        );
    }
}
