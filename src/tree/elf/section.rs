//! Sections: data that tools leave in a file and no loader reads.

use super::header::{Class, Header, LOAD, WRITABLE};
use super::{ElfError, exactly, text_at};
use crate::tree::{Content, read_range};

/// The content of the section `name`; `None` where the file has no such section, or where it is larger than
/// `limit`, or cut short.
pub fn section(content: &dyn Content, name: &[u8], limit: usize) -> Result<Option<Vec<u8>>, ElfError> {
    let Some(header) = Header::read(content)? else { return Ok(None) };
    let machine = header.machine;
    let wide = machine.class == Class::Wide;
    let size = if wide { 64 } else { 40 };
    let count = usize::from(header.section_count);
    let (offset_at, length_at) = if wide { (24, 32) } else { (16, 20) };
    if count == 0 {
        return Ok(None);
    }
    let table =
        exactly(content, header.section_offset, size * count, "its section headers lie outside the file")?;
    let records: Vec<&[u8]> = table.chunks_exact(size).collect();
    let Some(names) = records.get(usize::from(header.section_names)) else { return Ok(None) };
    let names = machine.word(names, offset_at);
    for record in &records {
        if text_at(content, names.saturating_add(machine.u32(record, 0).into())).is_ok_and(|n| n == name) {
            let Ok(length) = usize::try_from(machine.word(record, length_at)) else { return Ok(None) };
            if length > limit {
                return Ok(None);
            }
            let bytes = read_range(content, machine.word(record, offset_at), length)?;
            return Ok((bytes.len() == length).then_some(bytes));
        }
    }
    Ok(None)
}

/// The beginning of the first writable segment, at most `limit` bytes: where Go's linker puts what it knows of
/// the build, should the section headers be gone.
pub fn data_start(content: &dyn Content, limit: usize) -> Result<Option<Vec<u8>>, ElfError> {
    let Some(header) = Header::read(content)? else { return Ok(None) };
    let writable = header.segments.iter().find(|s| s.kind == LOAD && s.flags & WRITABLE != 0);
    let Some(segment) = writable else { return Ok(None) };
    let length = usize::try_from(segment.length).unwrap_or(limit).min(limit);
    Ok(Some(read_range(content, segment.offset, length)?))
}
