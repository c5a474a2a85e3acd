//! Builds the tree from the parser's events, within bounds, without recursion.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::explain;
use super::{Document, Kind, MAX_BYTES, MAX_DEPTH, MAX_NODES, Node};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::{Source, Span, Spanned};

/// The only document of a text.
pub(super) fn document(source: &Source) -> Result<Document, Diagnostics> {
    let mut builder = Builder::new(source);
    let ended = builder.read_all();
    let Builder { root, mut found, .. } = builder;
    if let Err(fatal) = ended {
        found.push(fatal);
        return Err(found);
    }
    let root = root.filter(|node| node.kind != Kind::Null || written_null(source.slice(node.span)));
    Ok(Document { root, found })
}

/// The texts of a file, each with how deep it lies; `None` where it cannot be read or has references or tags.
pub(super) fn scalars(text: &str) -> Option<Vec<(usize, String)>> {
    let mut texts = Vec::new();
    let mut depth = 0;
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event.ok()?.0 {
            Event::Scalar(text, _, 0, None) => texts.push((depth, text.into_owned())),
            Event::SequenceStart(0, None) | Event::MappingStart(0, None) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => {}
            Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                return None;
            }
        }
    }
    Some(texts)
}

struct Builder<'a> {
    source: &'a Source,
    /// The byte offset of each character; empty where the text is ASCII and the two are the same.
    offsets: Vec<u32>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Measured>,
    total: Measure,
    documents: usize,
    root: Option<Node>,
    found: Diagnostics,
}

/// A list or a mapping whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    measure: Measure,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<(Spanned<String>, Node)>, seen: BTreeMap<String, Span>, key: Key },
}

/// What a mapping waits for.
enum Key {
    /// The next key.
    Awaited,
    /// The value of this key.
    Read(Spanned<String>),
    /// The value of a key that was refused, which is dropped.
    Refused,
}

/// A value and how large it is.
#[derive(Clone)]
struct Measured {
    node: Node,
    measure: Measure,
}

/// How many values there are, how much text is in them, and how deep they lie.
#[derive(Clone, Copy, Default)]
struct Measure {
    nodes: usize,
    bytes: usize,
    height: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source) -> Builder<'a> {
        let text = source.text();
        let mut offsets = Vec::new();
        if !text.is_ascii() {
            offsets.extend(text.char_indices().map(|(offset, _)| u32::try_from(offset).unwrap_or(u32::MAX)));
        }
        Builder {
            source,
            offsets,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            total: Measure::default(),
            documents: 0,
            root: None,
            found: Diagnostics::new(),
        }
    }

    fn read_all(&mut self) -> Result<(), Diagnostic> {
        let mut parser = Parser::new_from_str(self.source.text());
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => {
                    let span = Span::new(self.offset(span.start), self.offset(span.end));
                    self.event(event, span)?;
                }
                Err(error) => {
                    let offset = self.offset(*error.marker());
                    return Err(explain::syntax(self.source, offset, error.info()));
                }
            }
        }
        Ok(())
    }

    fn offset(&self, marker: Marker) -> usize {
        let end = self.source.text().len();
        if self.offsets.is_empty() {
            return marker.index().min(end);
        }
        self.offsets.get(marker.index()).map_or(end, |&offset| offset as usize)
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(explain::second_document().at(span));
                }
            }
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = self.refuse_tag(tag.as_deref(), span);
                let kind = match tagged {
                    Some(tag) if text.is_empty() => Kind::Scalar { text: tag, plain: true },
                    _ => scalar(&text, style),
                };
                let measure = Measure { nodes: 1, bytes: text.len(), height: 1 };
                self.count(measure, span)?;
                self.close(Measured { node: Node { span, kind }, measure }, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.start(span, anchor, Content::Sequence(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                let (entries, seen) = (Vec::new(), BTreeMap::new());
                self.start(span, anchor, Content::Mapping { entries, seen, key: Key::Awaited })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn start(&mut self, span: Span, anchor: usize, content: Content) -> Result<(), Diagnostic> {
        if self.open.len() >= MAX_DEPTH {
            return Err(explain::too_deep().at(span));
        }
        let measure = Measure { nodes: 1, bytes: 0, height: 1 };
        self.count(measure, span)?;
        self.open.push(Open { start: span.start as usize, anchor, measure, content });
        Ok(())
    }

    fn end(&mut self, closing: Span) {
        let Some(open) = self.open.pop() else { return };
        let (kind, first, last) = match open.content {
            Content::Sequence(items) => {
                let ends = (items.first().map(|item| item.span), items.last().map(|item| item.span));
                (Kind::Sequence(items), ends.0, ends.1)
            }
            Content::Mapping { entries, .. } => {
                let first = entries.first().map(|(key, _)| key.span);
                let last = entries.last().map(|(key, value)| key.span.to(value.span));
                (Kind::Mapping(entries), first, last)
            }
        };
        let bracket = matches!(self.source.slice(closing), "]" | "}");
        let start = first.map_or(open.start, |first| open.start.min(first.start as usize));
        let end = if bracket { closing.end } else { last.map_or(closing.start, |last| last.end) };
        let span = Span::new(start, end as usize);
        self.close(Measured { node: Node { span, kind }, measure: open.measure }, open.anchor);
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        let Some(value) = self.anchors.get(&anchor) else {
            return Err(explain::alias_of_itself().at(span));
        };
        // Checked before the copy is made: an alias bomb doubles with every line.
        self.total = self.total.with(value.measure);
        if !self.total.bounded() || self.open.len() + value.measure.height > MAX_DEPTH {
            return Err(explain::alias_too_large().at(span));
        }
        let value = value.clone();
        self.close(value, 0);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn close(&mut self, value: Measured, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value.node);
            return;
        };
        open.measure = open.measure.around(value.measure);
        match &mut open.content {
            Content::Sequence(items) => items.push(value.node),
            Content::Mapping { entries, seen, key } => {
                self.found.extend(place(self.source, entries, seen, key, value.node));
            }
        }
    }

    /// Counts what was read, aliases with all that they stand for.
    fn count(&mut self, measure: Measure, span: Span) -> Result<(), Diagnostic> {
        self.total = self.total.with(measure);
        if self.total.bounded() { Ok(()) } else { Err(explain::too_many().at(span)) }
    }

    /// Reports a tag and gives its text.
    fn refuse_tag(&mut self, tag: Option<&Tag>, span: Span) -> Option<String> {
        let tag = tag?;
        let text = if tag.handle == "!" { format!("!{}", tag.suffix) } else { tag.to_string() };
        let length = self.source.slice(span).find(char::is_whitespace).unwrap_or(text.len());
        let place = Span::new(span.start as usize, span.start as usize + length);
        self.found.push(explain::tag(self.source.slice(place)).at(place));
        Some(text)
    }
}

/// Puts a key or a value into a mapping.
fn place(
    source: &Source,
    entries: &mut Vec<(Spanned<String>, Node)>,
    seen: &mut BTreeMap<String, Span>,
    key: &mut Key,
    node: Node,
) -> Option<Diagnostic> {
    match std::mem::replace(key, Key::Awaited) {
        Key::Refused => None,
        Key::Read(name) => {
            // A value that was not written has no place of its own; its key has.
            let unwritten = node.kind == Kind::Null && !written_null(source.slice(node.span));
            let span = if unwritten { name.span } else { node.span };
            entries.push((name, Node { span, ..node }));
            None
        }
        Key::Awaited => {
            let text = match node.kind {
                Kind::Scalar { text, .. } => text,
                Kind::Null => source.slice(node.span).to_owned(),
                Kind::Sequence(_) | Kind::Mapping(_) => {
                    *key = Key::Refused;
                    return Some(explain::key_not_text(source, node.span));
                }
            };
            if let Some(&first) = seen.get(&text) {
                *key = Key::Refused;
                return Some(explain::duplicate(source, &text, first).at(node.span));
            }
            seen.insert(text.clone(), node.span);
            *key = Key::Read(Spanned::new(text, node.span));
            None
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    let plain = style == ScalarStyle::Plain;
    if plain && (text.is_empty() || written_null(text)) {
        return Kind::Null;
    }
    Kind::Scalar { text: text.to_owned(), plain }
}

/// Whether a text without quotes is a null; what YAML reads where nothing is written has no such text.
fn written_null(text: &str) -> bool {
    matches!(text, "~" | "null" | "Null" | "NULL")
}

impl Measure {
    fn with(self, other: Measure) -> Measure {
        Measure {
            nodes: self.nodes + other.nodes,
            bytes: self.bytes + other.bytes,
            height: self.height.max(other.height),
        }
    }

    /// The measure of a list or mapping that also holds `inner`.
    fn around(self, inner: Measure) -> Measure {
        Measure { height: self.height.max(inner.height + 1), ..self.with(inner) }
    }

    fn bounded(self) -> bool {
        self.nodes <= MAX_NODES && self.bytes <= MAX_BYTES
    }
}
