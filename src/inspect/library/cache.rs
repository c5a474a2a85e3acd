//! The file `ld.so.cache`, which names libraries in directories that the loader does not know by itself.

use std::collections::BTreeMap;

/// The beginning of the format that glibc has written since 2.2.
const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;

/// The paths of each library's name, in the order of the file; nothing where it is damaged.
///
/// Layout from glibc's `dl-cache.h`: a header with the number of entries, the entries, then their texts, which
/// are found by offsets from the header's beginning. An older format may stand before it.
pub(super) fn parse(bytes: &[u8]) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let mut names: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    let Some(start) = bytes.windows(MAGIC.len()).position(|window| window == MAGIC) else { return names };
    let cache = &bytes[start..];
    let Some(count) = number(cache, MAGIC.len()) else { return names };
    let Some(entries) = cache.get(HEADER..) else { return names };
    for entry in entries.chunks_exact(ENTRY).take(count) {
        let text = |at| number(entry, at).and_then(|offset| text_at(cache, offset));
        if let (Some(name), Some(path)) = (text(4), text(8)) {
            names.entry(name).or_default().push(path);
        }
    }
    names
}

/// A number in the byte order that all current architectures but one have; elsewhere the cache seems damaged.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn text_at(cache: &[u8], offset: usize) -> Option<Vec<u8>> {
    let rest = cache.get(offset..)?;
    let rest = &rest[..rest.len().min(4096)];
    rest.iter().position(|&b| b == 0).map(|end| rest[..end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_and_damage_is_nothing() {
        let mut cache = MAGIC.to_vec();
        cache.extend(1_u32.to_le_bytes());
        cache.resize(HEADER, 0);
        for number in [3_u32, 72, 79, 0, 0, 0] {
            cache.extend(number.to_le_bytes());
        }
        cache.extend(b"liba.so\0/opt/liba.so\0");
        let offset = cache[HEADER + 8..].first().copied();
        assert_eq!(offset, Some(79));
        cache[HEADER + 8] = 80;
        let names = parse(&[b"old format", cache.as_slice()].concat());
        assert_eq!(names[&b"liba.so".to_vec()], [b"/opt/liba.so".to_vec()]);
        for length in 0..cache.len() {
            let _ = parse(&cache[..length]);
        }
        assert!(parse(b"glibc-ld.so.cache1.1\xff\xff\xff\xff").is_empty());
    }
}
