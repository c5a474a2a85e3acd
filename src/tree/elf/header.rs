//! The ELF header and the program headers.

use std::fmt;

use super::{ElfError, exactly, is_elf};
use crate::tree::{Content, read_range};

/// The width of a file's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// 32 bits.
    Narrow,
    /// 64 bits.
    Wide,
}

/// What a file was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machine {
    /// The number of the architecture (`e_machine`).
    pub number: u16,
    /// The width of its words.
    pub class: Class,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Whether it is made for Linux or for no system in particular, as far as it says (`EI_OSABI`).
    pub linux: bool,
}

/// The kinds of ELF files (`e_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// An object file, before linking.
    Object,
    /// A program at a fixed address.
    Executable,
    /// A library, or a program that runs at any address.
    Shared,
    /// Anything else, such as a core dump.
    Other,
}

/// A program header: a piece of the file and where it goes in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) kind: u32,
    pub(super) flags: u32,
    pub(super) offset: u64,
    pub(super) address: u64,
    pub(super) length: u64,
}

/// A file's header, with its program headers.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) machine: Machine,
    pub(super) file_type: Type,
    pub(super) segments: Vec<Segment>,
    pub(super) section_offset: u64,
    pub(super) section_count: u16,
    pub(super) section_names: u16,
}

/// What `EI_OSABI` says of files for HP-UX, NetBSD, Solaris, AIX, IRIX, FreeBSD, Tru64, OpenBSD and OpenVMS.
const FOREIGN_SYSTEMS: [u8; 9] = [1, 2, 6, 7, 8, 9, 10, 12, 13];

pub(super) const LOAD: u32 = 1;
pub(super) const DYNAMIC: u32 = 2;
const INTERPRETER: u32 = 3;
pub(super) const WRITABLE: u32 = 2;

impl Machine {
    /// The machine that a platform's programs are made for; `None` for platforms that are not known.
    ///
    /// Numbers from the System V ABI's list of `EM_` constants.
    pub fn of(architecture: &str) -> Option<Machine> {
        let (number, class, big_endian) = match architecture {
            "386" => (3, Class::Narrow, false),
            "amd64" => (62, Class::Wide, false),
            "arm" => (40, Class::Narrow, false),
            "arm64" => (183, Class::Wide, false),
            "riscv64" => (243, Class::Wide, false),
            "loong64" => (258, Class::Wide, false),
            "ppc64le" => (21, Class::Wide, false),
            "s390x" => (22, Class::Wide, true),
            "mips64le" => (8, Class::Wide, false),
            _ => return None,
        };
        Some(Machine { number, class, big_endian, linux: true })
    }

    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        u16::try_from(self.number_at(bytes, at, 2)).unwrap_or_default()
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        u32::try_from(self.number_at(bytes, at, 4)).unwrap_or_default()
    }

    /// A number as wide as the machine's words.
    pub(super) fn word(self, bytes: &[u8], at: usize) -> u64 {
        self.number_at(bytes, at, if self.class == Class::Wide { 8 } else { 4 })
    }

    /// The number in `width` bytes; 0 where there are fewer.
    fn number_at(self, bytes: &[u8], at: usize, width: usize) -> u64 {
        let bytes = bytes.get(at..at + width).unwrap_or_default();
        let add = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = ["386", "amd64", "arm", "arm64", "riscv64", "loong64", "ppc64le", "s390x", "mips64le"];
        match known.into_iter().find(|name| Machine::of(name) == Some(*self)) {
            Some(name) => f.write_str(name),
            None if !self.linux => f.write_str("another system"),
            None => write!(f, "ELF machine {}", self.number),
        }
    }
}

impl Header {
    /// The header; `None` where the file is no ELF file.
    pub(super) fn read(content: &dyn Content) -> Result<Option<Header>, ElfError> {
        let bytes = read_range(content, 0, 64)?;
        if !is_elf(&bytes) {
            return Ok(None);
        }
        let class = match bytes.get(4) {
            Some(1) => Class::Narrow,
            Some(2) => Class::Wide,
            _ => return Err(ElfError::Malformed("its class is neither 32 nor 64 bit")),
        };
        let wide = class == Class::Wide;
        if bytes.len() < if wide { 64 } else { 52 } {
            return Err(ElfError::Malformed("its header is cut short"));
        }
        let order = Machine {
            number: 0,
            class,
            big_endian: bytes[5] == 2,
            linux: !FOREIGN_SYSTEMS.contains(&bytes[7]),
        };
        let machine = Machine { number: order.u16(&bytes, 18), ..order };
        let counts = if wide { 54 } else { 42 };
        let mut header = Header {
            machine,
            file_type: match machine.u16(&bytes, 16) {
                1 => Type::Object,
                2 => Type::Executable,
                3 => Type::Shared,
                _ => Type::Other,
            },
            segments: Vec::new(),
            section_offset: machine.word(&bytes, if wide { 40 } else { 32 }),
            section_count: machine.u16(&bytes, counts + 6),
            section_names: machine.u16(&bytes, counts + 8),
        };
        let offset = machine.word(&bytes, if wide { 32 } else { 28 });
        let (size, count) = (machine.u16(&bytes, counts), machine.u16(&bytes, counts + 2));
        header.segments = segments(machine, content, offset, usize::from(size), usize::from(count))?;
        Ok(Some(header))
    }

    /// Whether the file asks for a loader.
    pub(super) fn wants_loader(&self) -> bool {
        self.segments.iter().any(|segment| segment.kind == INTERPRETER)
    }

    /// The path of the loader.
    pub(super) fn interpreter(&self, content: &dyn Content) -> Result<Option<Vec<u8>>, ElfError> {
        let Some(segment) = self.segments.iter().find(|segment| segment.kind == INTERPRETER) else {
            return Ok(None);
        };
        let length = usize::try_from(segment.length).unwrap_or(usize::MAX).min(4096);
        let mut path = read_range(content, segment.offset, length)?;
        let end = path.iter().position(|&b| b == 0).unwrap_or(path.len());
        path.truncate(end);
        // What a debug file keeps of its program has the header but not the bytes.
        Ok((!path.is_empty()).then_some(path))
    }

    /// Where in the file an address of memory comes from.
    pub(super) fn offset_of(&self, address: u64) -> Option<u64> {
        self.segments.iter().filter(|segment| segment.kind == LOAD).find_map(|segment| {
            let within = address.checked_sub(segment.address)?;
            (within < segment.length).then(|| segment.offset.checked_add(within)).flatten()
        })
    }
}

fn segments(
    machine: Machine,
    content: &dyn Content,
    offset: u64,
    size: usize,
    count: usize,
) -> Result<Vec<Segment>, ElfError> {
    let wide = machine.class == Class::Wide;
    if count == 0 {
        return Ok(Vec::new());
    }
    if size != if wide { 56 } else { 32 } {
        return Err(ElfError::Malformed("its program headers have a wrong size"));
    }
    let bytes = exactly(content, offset, size * count, "its program headers lie outside the file")?;
    let at = if wide { [4, 8, 16, 32] } else { [24, 4, 8, 16] };
    let segment = |bytes: &[u8]| Segment {
        kind: machine.u32(bytes, 0),
        flags: machine.u32(bytes, at[0]),
        offset: machine.word(bytes, at[1]),
        address: machine.word(bytes, at[2]),
        length: machine.word(bytes, at[3]),
    };
    Ok(bytes.chunks_exact(size).map(segment).collect())
}
