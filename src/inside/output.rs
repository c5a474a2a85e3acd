//! A tree that is being written: nothing is written twice, and nothing through a link.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use crate::tree::{Content, FilePath};

/// As much of a file as is held in memory while it is copied.
const PIECE: usize = 256 * 1024;

/// A tree that grows in an empty directory.
#[derive(Debug)]
pub(super) struct Output {
    root: PathBuf,
    placed: BTreeMap<FilePath, Placed>,
    /// What a file is copied through, the same for all.
    piece: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placed {
    Directory,
    Leaf,
}

/// Why something was not written.
#[derive(Debug)]
pub(super) enum WriteError {
    /// Something else was written at this path before.
    Taken(FilePath),
    /// The disk refused.
    Io(io::Error),
}

impl Output {
    /// A tree in the directory `root`.
    pub(super) fn new(root: &Path) -> Output {
        let placed = [(FilePath::root(), Placed::Directory)].into();
        Output { root: root.to_owned(), placed, piece: vec![0; PIECE] }
    }

    /// Makes a directory and those above it, each with mode 0755; one that is there already stays.
    pub(super) fn directory(&mut self, path: &FilePath) -> Result<(), WriteError> {
        match self.placed.get(path) {
            Some(Placed::Directory) => return Ok(()),
            Some(Placed::Leaf) => return Err(WriteError::Taken(path.clone())),
            None => {}
        }
        self.directory(&path.parent().unwrap_or_default())?;
        let target = self.on_disk(path);
        fs::create_dir(&target)?;
        fs::set_permissions(&target, Permissions::from_mode(0o755))?;
        self.placed.insert(path.clone(), Placed::Directory);
        Ok(())
    }

    /// Gives a directory that was made a mode and an owner.
    pub(super) fn set_directory(&self, path: &FilePath, mode: u32, uid: u32, gid: u32) -> io::Result<()> {
        let target = self.on_disk(path);
        chown(&target, Some(uid), Some(gid))?;
        // After the owner: a change of owner may take special bits away.
        fs::set_permissions(&target, Permissions::from_mode(mode))
    }

    /// Writes a file with a mode and returns its size.
    pub(super) fn file(
        &mut self,
        path: &FilePath,
        content: &dyn Content,
        mode: u32,
    ) -> Result<u64, WriteError> {
        self.claim(path)?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(self.on_disk(path))?;
        let mut written = 0;
        loop {
            let read = content.read_at(&mut self.piece, written)?;
            if read == 0 {
                break;
            }
            file.write_all(&self.piece[..read])?;
            written += read as u64;
        }
        file.set_permissions(Permissions::from_mode(mode))?;
        Ok(written)
    }

    /// Writes a symbolic link.
    pub(super) fn link(&mut self, path: &FilePath, target: &[u8]) -> Result<(), WriteError> {
        self.claim(path)?;
        Ok(symlink(OsStr::from_bytes(target), self.on_disk(path))?)
    }

    fn claim(&mut self, path: &FilePath) -> Result<(), WriteError> {
        if self.placed.contains_key(path) {
            return Err(WriteError::Taken(path.clone()));
        }
        self.directory(&path.parent().unwrap_or_default())?;
        self.placed.insert(path.clone(), Placed::Leaf);
        Ok(())
    }

    fn on_disk(&self, path: &FilePath) -> PathBuf {
        self.root.join(OsStr::from_bytes(path.as_bytes()))
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> WriteError {
        WriteError::Io(error)
    }
}
