//! How much of a foreign file system is believed: each number is several times what real images have.

/// Components in a document.
pub(super) const COMPONENTS: usize = 50_000;
/// Relations between components, and between components and files.
pub(super) const RELATIONS: usize = 1_000_000;
/// Files that a document lists one by one.
pub(super) const LISTED_FILES: usize = 20_000;
/// Gaps that a document names one by one.
pub(super) const GAPS: usize = 100;
/// Bytes of a name, a version or any other text of a component.
pub(super) const TEXT: usize = 1024;
/// Bytes of a package database in one file.
pub(super) const DATABASE: usize = 64 << 20;
/// Bytes of any other file or section that is read whole, also after decompression.
pub(super) const METADATA: usize = 8 << 20;
