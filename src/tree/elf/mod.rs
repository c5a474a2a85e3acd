//! ELF files as the loader sees them: by their program headers, read piece by piece and never trusted.
//!
//! Section headers are only looked at for data that no loader needs (what build tools leave about themselves).
//! A reader of its own, because what is wanted is little, comes in four shapes (two widths, two byte orders) and
//! must be found through the dynamic segment even where a file has no sections.

mod dynamic;
#[cfg(test)]
pub(crate) mod fixture;
mod header;
mod section;

pub use header::{Class, Machine, Type};
pub use section::{data_start, section};

use std::{fmt, io};

use self::header::Header;
use super::{Content, read_range};

/// What a loader reads of an ELF file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elf {
    /// What it was made for.
    pub machine: Machine,
    /// The kind of file.
    pub file_type: Type,
    /// The loader that the kernel starts for it (`PT_INTERP`).
    pub interpreter: Option<Vec<u8>>,
    /// What the dynamic segment says; empty for static programs.
    pub dynamic: Dynamic,
}

/// What the dynamic segment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// The libraries that it needs, in order (`DT_NEEDED`).
    pub needed: Vec<Vec<u8>>,
    /// Its own name as a library (`DT_SONAME`).
    pub soname: Option<Vec<u8>>,
    /// Where to look for needed libraries, inherited by them (`DT_RPATH`).
    pub rpath: Option<Vec<u8>>,
    /// Where to look for needed libraries (`DT_RUNPATH`).
    pub runpath: Option<Vec<u8>>,
    /// Whether the default directories are left out (`DF_1_NODEFLIB`).
    pub no_default_directories: bool,
    /// Whether it is a program although its type is that of a library (`DF_1_PIE`).
    pub is_program: bool,
    /// The versions that it needs of its libraries (`DT_VERNEED`).
    pub version_needs: Vec<VersionNeed>,
    /// The versions that it has itself (`DT_VERDEF`), in the order of the file, which is that of their age.
    pub versions: Vec<Vec<u8>>,
}

/// A version of a library's symbols that a file needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNeed {
    /// The library.
    pub library: Vec<u8>,
    /// The version, such as `GLIBC_2.34`.
    pub version: Vec<u8>,
    /// Whether it starts without the version.
    pub weak: bool,
}

/// Why a file that begins like an ELF file is none.
#[derive(Debug)]
pub enum ElfError {
    /// It could not be read.
    Io(io::Error),
    /// It contradicts itself.
    Malformed(&'static str),
}

/// Whether a file begins as every ELF file does.
pub fn is_elf(beginning: &[u8]) -> bool {
    beginning.starts_with(b"\x7fELF")
}

impl Elf {
    /// The ELF file in `content`; `None` where it is not one.
    pub fn read(content: &dyn Content) -> Result<Option<Elf>, ElfError> {
        let Some(header) = Header::read(content)? else { return Ok(None) };
        Ok(Some(Elf {
            machine: header.machine,
            file_type: header.file_type,
            interpreter: header.interpreter(content)?,
            dynamic: dynamic::read(&header, content)?,
        }))
    }

    /// Whether a file asks for a loader, which its first pages tell; false where it is no ELF file.
    pub fn wants_loader(content: &dyn Content) -> Result<bool, ElfError> {
        Ok(Header::read(content)?.is_some_and(|header| header.wants_loader()))
    }

    /// Whether the kernel can start it (a library has neither an interpreter nor the mark of a program, a
    /// static program of the old kind has its own type).
    pub fn is_program(&self) -> bool {
        self.file_type == Type::Executable
            || (self.file_type == Type::Shared && (self.interpreter.is_some() || self.dynamic.is_program))
    }
}

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ElfError::Io(error) => error.fmt(f),
            ElfError::Malformed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ElfError {}

impl From<io::Error> for ElfError {
    fn from(error: io::Error) -> ElfError {
        ElfError::Io(error)
    }
}

/// Exactly `length` bytes from `offset` on, or the error `reason`.
fn exactly(
    content: &dyn Content,
    offset: u64,
    length: usize,
    reason: &'static str,
) -> Result<Vec<u8>, ElfError> {
    let bytes = read_range(content, offset, length)?;
    if bytes.len() == length { Ok(bytes) } else { Err(ElfError::Malformed(reason)) }
}

/// The text from `offset` up to its NUL; nothing longer than a path is believed.
fn text_at(content: &dyn Content, offset: u64) -> Result<Vec<u8>, ElfError> {
    let mut bytes = read_range(content, offset, 4096)?;
    let end = bytes.iter().position(|&b| b == 0).ok_or(ElfError::Malformed("a string has no end"))?;
    bytes.truncate(end);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
