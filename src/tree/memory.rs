//! A tree made up for a test.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::{Content, FilePath, Kind, Stat, Tree};

/// A tree in memory; parents of what is put in appear by themselves, owned by root with mode 0755.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    nodes: BTreeMap<FilePath, (Stat, Vec<u8>)>,
    capabilities: BTreeSet<FilePath>,
}

impl Memory {
    pub(crate) fn new() -> Memory {
        Memory::default().put("", Kind::Directory, 0o755, b"")
    }

    pub(crate) fn file(self, path: impl AsRef<[u8]>, mode: u32, bytes: &[u8]) -> Memory {
        self.put(path, Kind::File, mode, bytes)
    }

    pub(crate) fn link(self, path: impl AsRef<[u8]>, target: &str) -> Memory {
        self.put(path, Kind::Link, 0o777, target.as_bytes())
    }

    pub(crate) fn directory(self, path: &str, mode: u32) -> Memory {
        self.put(path, Kind::Directory, mode, b"")
    }

    pub(crate) fn special(self, path: &str, kind: &'static str) -> Memory {
        self.put(path, Kind::Special(kind), 0o644, b"")
    }

    pub(crate) fn capability(mut self, path: &str) -> Memory {
        self.capabilities.insert(FilePath::new(path));
        self
    }

    fn put(mut self, path: impl AsRef<[u8]>, kind: Kind, mode: u32, bytes: &[u8]) -> Memory {
        let path = FilePath::new(path);
        let mut parent = path.parent();
        while let Some(directory) = parent {
            parent = directory.parent();
            let stat = Stat { kind: Kind::Directory, mode: 0o755, uid: 0, gid: 0, size: 0 };
            self.nodes.entry(directory).or_insert((stat, Vec::new()));
        }
        let stat = Stat { kind, mode, uid: 0, gid: 0, size: bytes.len() as u64 };
        self.nodes.insert(path, (stat, bytes.to_vec()));
        self
    }

    fn bytes(&self, path: &FilePath) -> io::Result<&Vec<u8>> {
        self.nodes.get(path).map(|(_, bytes)| bytes).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Tree for Memory {
    fn stat(&self, path: &FilePath) -> io::Result<Option<Stat>> {
        Ok(self.nodes.get(path).map(|(stat, _)| *stat))
    }

    fn list(&self, path: &FilePath) -> io::Result<Vec<Vec<u8>>> {
        let inside = |child: &&FilePath| child.parent().as_ref() == Some(path);
        Ok(self.nodes.keys().filter(inside).map(|child| child.name().to_vec()).collect())
    }

    fn link_target(&self, path: &FilePath) -> io::Result<Vec<u8>> {
        self.bytes(path).cloned()
    }

    fn open(&self, path: &FilePath) -> io::Result<Box<dyn Content>> {
        let bytes = self.bytes(path)?.clone();
        Ok(Box::new(Stored { bytes, has_capabilities: self.capabilities.contains(path) }))
    }
}

/// The content of a file.
struct Stored {
    bytes: Vec<u8>,
    has_capabilities: bool,
}

impl Content for Stored {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.bytes.read_at(buffer, offset)
    }

    fn has_capabilities(&self) -> io::Result<bool> {
        Ok(self.has_capabilities)
    }
}
