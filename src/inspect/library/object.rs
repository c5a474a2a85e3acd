//! What the loader brings into a process.

use crate::tree::FilePath;
use crate::tree::elf::Elf;

/// A program or library in a process.
#[derive(Debug, Clone)]
pub(super) struct Object<'a> {
    /// Its file.
    pub(super) path: FilePath,
    /// The directory that `$ORIGIN` means: where it was found, before links of its own name.
    pub(super) origin: FilePath,
    /// What it is.
    pub(super) elf: &'a Elf,
    /// The object that asked for it first.
    pub(super) loader: Option<usize>,
}
