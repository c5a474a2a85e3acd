//! The dynamic segment: needed libraries, search paths, and symbol versions.

use super::header::{Class, DYNAMIC, Header};
use super::{Dynamic, ElfError, VersionNeed, exactly, text_at};
use crate::tree::{Content, read_range};

// Tags of the dynamic segment: System V ABI, chapter "Dynamic Linking", and its GNU extensions.
const NULL: u64 = 0;
const NEEDED: u64 = 1;
const STRINGS: u64 = 5;
const SONAME: u64 = 14;
const RPATH: u64 = 15;
const RUNPATH: u64 = 29;
const FLAGS_1: u64 = 0x6fff_fffb;
const VERSIONS: u64 = 0x6fff_fffc;
const VERSION_NEEDS: u64 = 0x6fff_fffe;

const NO_DEFAULT_DIRECTORIES: u64 = 0x800;
const PROGRAM: u64 = 0x0800_0000;
const WEAK: u16 = 2;
/// The first version definition only repeats the library's name.
const BASE: u16 = 1;

/// More libraries or versions than any file has.
const MOST: usize = 4096;
/// Large enough for every real dynamic segment.
const LONGEST: u64 = 1 << 20;

/// What the dynamic segment says; nothing where there is none.
pub(super) fn read(header: &Header, content: &dyn Content) -> Result<Dynamic, ElfError> {
    let mut dynamic = Dynamic::default();
    let Some(segment) = header.segments.iter().find(|segment| segment.kind == DYNAMIC) else {
        return Ok(dynamic);
    };
    let machine = header.machine;
    let size = if machine.class == Class::Wide { 16 } else { 8 };
    let length = usize::try_from(segment.length.min(LONGEST)).unwrap_or_default();
    let bytes = read_range(content, segment.offset, length)?;
    let entries = || {
        let pairs = bytes.chunks_exact(size).map(|e| (machine.word(e, 0), machine.word(e, size / 2)));
        pairs.take_while(|&(tag, _)| tag != NULL)
    };
    let table = entries().find(|&(tag, _)| tag == STRINGS).and_then(|(_, address)| header.offset_of(address));
    let Some(table) = table else { return Ok(dynamic) };
    let text = |offset: u64| text_at(content, table.saturating_add(offset));
    for (tag, value) in entries() {
        match tag {
            NEEDED if dynamic.needed.len() < MOST => dynamic.needed.push(text(value)?),
            SONAME => dynamic.soname = Some(text(value)?),
            RPATH => dynamic.rpath = Some(text(value)?),
            RUNPATH => dynamic.runpath = Some(text(value)?),
            FLAGS_1 => {
                dynamic.no_default_directories = value & NO_DEFAULT_DIRECTORIES != 0;
                dynamic.is_program = value & PROGRAM != 0;
            }
            VERSIONS => dynamic.versions = versions(header, content, value, table)?,
            VERSION_NEEDS => dynamic.version_needs = version_needs(header, content, value, table)?,
            _ => {}
        }
    }
    Ok(dynamic)
}

/// The records of a chain, each at most `MOST` long and each link leading forward, so that no chain is endless.
fn chain(
    header: &Header,
    content: &dyn Content,
    start: u64,
    size: usize,
    next_at: usize,
) -> Result<Vec<(u64, Vec<u8>)>, ElfError> {
    let mut records = Vec::new();
    let mut at = start;
    while records.len() < MOST {
        let record = exactly(content, at, size, "a version record lies outside the file")?;
        let next = header.machine.u32(&record, next_at);
        records.push((at, record));
        if next == 0 {
            break;
        }
        at = at.saturating_add(u64::from(next));
    }
    Ok(records)
}

fn start(header: &Header, address: u64) -> Result<u64, ElfError> {
    header.offset_of(address).ok_or(ElfError::Malformed("its version records lie outside the file"))
}

/// The versions that the file needs; the layouts `Verneed` and `Vernaux` are those of the Linux Standard Base.
fn version_needs(
    header: &Header,
    content: &dyn Content,
    address: u64,
    table: u64,
) -> Result<Vec<VersionNeed>, ElfError> {
    let machine = header.machine;
    let mut needs = Vec::new();
    for (at, record) in chain(header, content, start(header, address)?, 16, 12)? {
        let library = text_at(content, table.saturating_add(machine.u32(&record, 4).into()))?;
        let first = at.saturating_add(machine.u32(&record, 8).into());
        for (_, version) in chain(header, content, first, 16, 12)? {
            if needs.len() == MOST {
                return Ok(needs);
            }
            needs.push(VersionNeed {
                library: library.clone(),
                version: text_at(content, table.saturating_add(machine.u32(&version, 8).into()))?,
                weak: machine.u16(&version, 4) & WEAK != 0,
            });
        }
    }
    Ok(needs)
}

/// The versions that the file has; the layouts `Verdef` and `Verdaux` are those of the Linux Standard Base.
fn versions(
    header: &Header,
    content: &dyn Content,
    address: u64,
    table: u64,
) -> Result<Vec<Vec<u8>>, ElfError> {
    let machine = header.machine;
    let mut names = Vec::new();
    for (at, record) in chain(header, content, start(header, address)?, 20, 16)? {
        if machine.u16(&record, 2) & BASE != 0 {
            continue;
        }
        let name_at = at.saturating_add(machine.u32(&record, 12).into());
        let name = exactly(content, name_at, 8, "a version name lies outside the file")?;
        names.push(text_at(content, table.saturating_add(machine.u32(&name, 0).into()))?);
    }
    Ok(names)
}
