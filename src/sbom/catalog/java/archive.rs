//! Archives as Java reads them (PKWARE, "APPNOTE.TXT", 4.3), without those of more than 4 GB.

use std::io::{self, Read as _};

use flate2::read::DeflateDecoder;

use crate::sbom::limits;
use crate::tree::{Content, read_range};

/// An archive whose list of entries was read.
pub(super) struct Archive<'c> {
    content: &'c dyn Content,
    /// The entries, in the order of the list.
    pub(super) entries: Vec<Entry>,
}

/// One entry of an archive.
pub(super) struct Entry {
    /// Its path in the archive.
    pub(super) name: String,
    is_deflated: bool,
    compressed: usize,
    offset: u64,
}

/// How much of an archive's end is searched for the place of its list: the longest comment, and the record.
const END: u64 = 65_535 + 22;
const END_RECORD: &[u8] = b"PK\x05\x06";
const LISTED: &[u8] = b"PK\x01\x02";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

impl<'c> Archive<'c> {
    /// Reads the list of an archive of `size` bytes; `None` where it is none, or one that is not understood.
    pub(super) fn open(content: &'c dyn Content, size: u64) -> io::Result<Option<Archive<'c>>> {
        let start = size.saturating_sub(END);
        let tail = read_range(content, start, usize::try_from(END).unwrap_or(0))?;
        let end = tail.windows(22).rposition(|window| window.starts_with(END_RECORD)).map(|at| &tail[at..]);
        let Some((length, offset)) = end.and_then(|end| Some((u32_at(end, 12)?, u32_at(end, 16)?))) else {
            return Ok(None);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > limits::METADATA {
            return Ok(None);
        }
        let list = read_range(content, u64::from(offset), length)?;
        Ok(Some(Archive { content, entries: listed(&list) }))
    }

    /// The content of an entry; `None` where it is larger than `limit`, or packed in an unknown way.
    pub(super) fn read(&self, entry: &Entry, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let head = read_range(self.content, entry.offset, 30)?;
        let (Some(name), Some(extra)) = (u16_at(&head, 26), u16_at(&head, 28)) else { return Ok(None) };
        if entry.compressed > limit {
            return Ok(None);
        }
        let start = entry.offset + 30 + u64::from(name) + u64::from(extra);
        let packed = read_range(self.content, start, entry.compressed)?;
        if !entry.is_deflated {
            return Ok(Some(packed));
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let is_whole = DeflateDecoder::new(&packed[..]).take(most).read_to_end(&mut bytes).is_ok();
        Ok((is_whole && bytes.len() <= limit).then_some(bytes))
    }
}

/// The entries of a list, up to the first that is damaged.
fn listed(mut list: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some((entry, rest)) = next(list) {
        entries.extend(entry);
        list = rest;
    }
    entries
}

fn next(list: &[u8]) -> Option<(Option<Entry>, &[u8])> {
    if !list.starts_with(LISTED) {
        return None;
    }
    let method = u16_at(list, 10)?;
    let lengths = [28, 30, 32].map(|at| u16_at(list, at).map(usize::from));
    let [name, extra, comment] = [lengths[0]?, lengths[1]?, lengths[2]?];
    let text = list.get(46..46 + name)?;
    let entry = Entry {
        name: String::from_utf8_lossy(text).into_owned(),
        is_deflated: method == DEFLATED,
        compressed: usize::try_from(u32_at(list, 20)?).ok()?,
        offset: u64::from(u32_at(list, 42)?),
    };
    let known = matches!(method, STORED | DEFLATED);
    Some((known.then_some(entry), list.get(46 + name + extra + comment..)?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
