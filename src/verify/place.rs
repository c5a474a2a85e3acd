//! Places of vertices: from the source map's lines and columns back to spans of the manifest.

use crate::name::Digest;
use crate::text::{self, Span};
use crate::wire::pb;

/// Where in the manifest a vertex comes from, as the definition's source map says; `None` when it does not.
pub(super) fn find(definition: &pb::Definition, vertex: &Digest, manifest: &text::Source) -> Option<Span> {
    let source = definition.source.as_ref()?;
    let locations = &source.locations.get(vertex.as_str())?.locations;
    locations.iter().find_map(|location| {
        let file = source.infos.get(usize::try_from(location.source_index).ok()?)?;
        let range = location.ranges.first().filter(|_| file.data == manifest.text().as_bytes())?;
        let start = offset(manifest.text(), range.start?)?;
        let last = offset(manifest.text(), range.end?)?;
        let width = manifest.text().get(last..)?.chars().next().map_or(0, char::len_utf8);
        Some(Span::new(start, last + width))
    })
}

/// The byte offset of a place whose line and column count from 1; columns past the line's end count as its end.
fn offset(text: &str, position: pb::Position) -> Option<usize> {
    let before = usize::try_from(position.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(position.character).ok()?.saturating_sub(1);
    let mut lines = text.split_inclusive('\n');
    let start: usize = lines.by_ref().take(before).map(str::len).sum();
    let line = lines.next().unwrap_or_default().trim_end_matches('\n');
    Some(start + line.char_indices().nth(column).map_or(line.len(), |(index, _)| index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_offsets() {
        let text = "ab\nçde\n";
        let at = |line, character| offset(text, pb::Position { line, character });
        assert_eq!(at(1, 1), Some(0));
        assert_eq!(at(2, 2), Some(5));
        assert_eq!(at(2, 99), Some(7));
        assert_eq!(at(99, 1), Some(8));
        assert_eq!((at(0, 1), at(-1, 1)), (None, None));
    }
}
