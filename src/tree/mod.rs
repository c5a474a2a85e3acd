//! A file system to look at, read-only: a directory on disk, or one made up for a test.
//!
//! A tree is foreign matter: its links may lead anywhere, its names need not be text, its files may be made to
//! mislead. Nothing here follows a link by itself; [`resolve`] follows them, inside the tree.

mod directory;
pub mod elf;
mod files;
mod index;
#[cfg(test)]
pub(crate) mod memory;
mod path;
mod resolve;
mod side_by_side;
mod walk;

pub use directory::Directory;
pub use files::{File, Files, hexadecimal};
pub use index::Index;
pub use path::{FilePath, escaped};
pub use resolve::{Bounds, Resolved, resolve};
pub use side_by_side::both;
pub use walk::{Entry, walk};

use std::io;

/// A read-only file system. Paths are canonical: no part but the last may be a link.
pub trait Tree: Sync {
    /// What is at a path, without following a link; `None` where there is nothing.
    fn stat(&self, path: &FilePath) -> io::Result<Option<Stat>>;

    /// The names in a directory, sorted by their bytes.
    fn list(&self, path: &FilePath) -> io::Result<Vec<Vec<u8>>>;

    /// What a symbolic link says.
    fn link_target(&self, path: &FilePath) -> io::Result<Vec<u8>>;

    /// The content of a regular file.
    fn open(&self, path: &FilePath) -> io::Result<Box<dyn Content>>;
}

/// The content of a file, read piece by piece.
pub trait Content {
    /// Reads bytes from `offset` on and returns how many; fewer than asked for only at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Whether it is that of a file with file capabilities (the attribute `security.capability`).
    fn has_capabilities(&self) -> io::Result<bool> {
        Ok(false)
    }
}

impl Content for Vec<u8> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// The kind of thing.
    pub kind: Kind,
    /// The twelve permission bits.
    pub mode: u32,
    /// The owner's user id.
    pub uid: u32,
    /// The owner's group id.
    pub gid: u32,
    /// The size in bytes.
    pub size: u64,
}

/// The kinds of things in a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, socket or named pipe, in words.
    Special(&'static str),
}

impl Stat {
    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Whether it is a regular file that somebody may execute.
    pub fn is_executable(&self) -> bool {
        self.is_file() && self.mode & 0o111 != 0
    }

    /// Whether the mode lets a user execute (or, for a directory, search) it; root may where anybody may.
    pub fn permits_execution(&self, uid: u32, gid: u32) -> bool {
        match uid {
            0 => self.is_directory() || self.mode & 0o111 != 0,
            _ => self.bits(uid, gid) & 0o1 != 0,
        }
    }

    /// Whether the mode lets a user read it; root may read everything.
    pub fn permits_reading(&self, uid: u32, gid: u32) -> bool {
        uid == 0 || self.bits(uid, gid) & 0o4 != 0
    }

    /// Whether the mode lets a user write it; root may write everything.
    pub fn permits_writing(&self, uid: u32, gid: u32) -> bool {
        uid == 0 || self.bits(uid, gid) & 0o2 != 0
    }

    /// The three bits of the first class that a user is in.
    fn bits(&self, uid: u32, gid: u32) -> u32 {
        let shift = match (uid == self.uid, gid == self.gid) {
            (true, _) => 6,
            (_, true) => 3,
            _ => 0,
        };
        self.mode >> shift & 0o7
    }
}

/// The bytes of a content from `offset` on, at most `length` of them.
pub fn read_range(content: &dyn Content, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Grows as it reads, so that a lie about a length costs no memory.
    while bytes.len() < length {
        let before = bytes.len();
        bytes.resize(length.min(before + 64 * 1024), 0);
        let asked = bytes.len() - before;
        let read = content.read_at(&mut bytes[before..], offset.saturating_add(before as u64))?;
        if read < asked {
            bytes.truncate(before + read);
            break;
        }
    }
    Ok(bytes)
}

/// A whole file; an error where it is larger than `limit`.
pub fn read_file(tree: &dyn Tree, path: &FilePath, limit: usize) -> io::Result<Vec<u8>> {
    let bytes = read_range(tree.open(path)?.as_ref(), 0, limit + 1)?;
    if bytes.len() > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("{path} is larger than {limit} bytes"),
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_judged_by_the_first_class_that_fits() {
        let stat = |mode| Stat { kind: Kind::File, mode, uid: 7, gid: 8, size: 0 };
        assert!(stat(0o100).permits_execution(7, 8));
        assert!(!stat(0o011).permits_execution(7, 8), "the owner's bits count for the owner");
        assert!(!stat(0o101).permits_execution(9, 8), "the group's bits count for the group");
        assert!(stat(0o001).permits_execution(9, 9));
        assert!(stat(0o010).permits_execution(0, 0) && !stat(0o644).permits_execution(0, 0));
        assert!(stat(0o400).permits_reading(7, 8) && !stat(0o044).permits_reading(7, 8));
        assert!(stat(0o020).permits_writing(9, 8) && !stat(0o202).permits_writing(9, 8));
        assert!(stat(0).permits_reading(0, 0) && stat(0).permits_writing(0, 0));
    }
}
