//! Source text, and places in it.

use std::ops::Range;

/// A half-open range of byte offsets into one [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just after the last byte.
    pub end: u32,
}

/// A place as people name it: both numbers count from 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A value together with where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

/// A named text, such as the manifest, that spans point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<u32>,
    /// How many characters begin before each block of bytes, so that a place in a long line is found without reading
    /// the line; empty where every byte is a character.
    characters: Vec<u32>,
}

/// How many bytes a block has.
const BLOCK: usize = 256;

impl Span {
    /// The span of the bytes from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The byte range, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Spanned<T> {
        Spanned { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }

    /// The same place, the value borrowed.
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

impl Source {
    /// A text called `name` (a file name relative to the context, as users know it).
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(newlines.map(|(offset, _)| u32::try_from(offset + 1).unwrap_or(u32::MAX)))
            .collect();
        let characters = if text.is_ascii() { Vec::new() } else { characters_before_blocks(&text) };
        Source { name: name.into(), text, line_starts, characters }
    }

    /// The file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte offset; offsets past the end count as the end.
    pub fn position(&self, offset: u32) -> Position {
        let index = self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.line_starts[index] as usize;
        let end = self.text.floor_char_boundary(offset as usize);
        let column = self.characters_before(end).saturating_sub(self.characters_before(start)) + 1;
        Position { line: u32::try_from(index + 1).unwrap_or(u32::MAX), column }
    }

    fn characters_before(&self, offset: usize) -> u32 {
        if self.characters.is_empty() {
            return u32::try_from(offset).unwrap_or(u32::MAX);
        }
        let block = offset / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        self.characters.get(block).copied().unwrap_or_default() + beginnings(rest)
    }

    /// The first and the last place of a span.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let last = if span.end > span.start { span.end - 1 } else { span.start };
        (self.position(span.start), self.position(last))
    }

    /// The text of a line that counts from 1, without its line break; empty when there is no such line.
    pub fn line(&self, line: u32) -> &str {
        self.text.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default()
    }

    /// The text within a span; empty when the span lies outside.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

/// How many characters begin before each block of a text, and before its end.
fn characters_before_blocks(text: &str) -> Vec<u32> {
    let blocks = text.as_bytes().chunks(BLOCK);
    let sums = blocks.scan(0, |before, block| {
        *before += beginnings(block);
        Some(*before)
    });
    std::iter::once(0).chain(sums).collect()
}

/// How many characters begin in some bytes of UTF-8 (RFC 3629, section 3).
fn beginnings(bytes: &[u8]) -> u32 {
    let count = bytes.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source::new("a.yaml", "ab\nçd\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(3), Position { line: 2, column: 1 });
        assert_eq!(source.position(4), Position { line: 2, column: 1 }, "within a character");
        assert_eq!(source.position(5), Position { line: 2, column: 2 });
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
        assert_eq!(source.line(2), "çd");
    }

    #[test]
    fn places_in_a_long_line_are_those_of_its_characters() {
        let line = "aä€😀\t".repeat(300);
        let source = Source::new("a.yaml", format!("ü\n{line}\nb"));
        for (characters, (offset, _)) in line.char_indices().enumerate() {
            let column = u32::try_from(characters + 1).unwrap();
            assert_eq!(source.position(u32::try_from(offset + 3).unwrap()), Position { line: 2, column });
        }
        assert_eq!(source.position(u32::try_from(line.len() + 4).unwrap()), Position { line: 3, column: 1 });
        assert_eq!(source.characters.len(), source.text.len().div_ceil(BLOCK) + 1);
    }

    #[test]
    fn an_empty_text_has_one_line() {
        let source = Source::new("a.yaml", "");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.line(1), "");
    }
}
