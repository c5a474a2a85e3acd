//! Explains what is wrong with a text that is not a YAML document we read.

use crate::diagnostic::Diagnostic;
use crate::text::{Source, Span};

/// Whether the text can be looked at all: its size, and no characters that no one writes on purpose.
pub(super) fn check_text(source: &Source) -> Result<(), Diagnostic> {
    let text = source.text();
    if text.len() > super::MAX_BYTES {
        return Err(too_large());
    }
    let mut previous = '\0';
    for (offset, c) in text.char_indices() {
        let lone_return = previous == '\r' && c != '\n';
        let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if control || c == '\u{feff}' || lone_return {
            let (c, offset) = if lone_return { ('\r', offset - 1) } else { (c, offset) };
            return Err(control_character(c).at(Span::new(offset, offset + c.len_utf8())));
        }
        previous = c;
    }
    Ok(())
}

/// A text beyond the bound, of which nothing is read: not even how long it is.
pub(crate) fn too_large() -> Diagnostic {
    let message = format!("the manifest has more than {} bytes, the most that are read", super::MAX_BYTES);
    Diagnostic::error("too-large", message).help("check that this is the file you meant")
}

fn control_character(c: char) -> Diagnostic {
    let message = format!("the manifest has the control character U+{:04X}", u32::from(c));
    let found = Diagnostic::error("control-character", message);
    match c {
        '\0' => found.help("a manifest is a text file in UTF-8; check that this is the file you meant"),
        '\r' => found.help("end lines with a line feed, or with a carriage return and a line feed"),
        _ => found.help("remove it, or write it as an escape such as \"\\u001b\" where a value may have it"),
    }
}

pub(super) fn too_deep() -> Diagnostic {
    Diagnostic::error("too-deep", format!("values lie more than {} levels deep here", super::MAX_DEPTH))
        .help("no key of a manifest needs more than a few levels")
}

pub(super) fn too_many() -> Diagnostic {
    Diagnostic::error("too-large", format!("the manifest has more than {} values", super::MAX_NODES))
}

pub(super) fn alias_too_large() -> Diagnostic {
    Diagnostic::error("alias", "with this alias the manifest becomes too large")
        .why(format!(
            "an alias counts as everything that it stands for, and a manifest has at most {} values, {} levels deep",
            super::MAX_NODES,
            super::MAX_DEPTH
        ))
        .help("write the value out where it is needed")
}

pub(super) fn alias_of_itself() -> Diagnostic {
    Diagnostic::error("alias", "this alias stands within the value that it names")
        .help("write the value out where it is needed")
}

pub(super) fn second_document() -> Diagnostic {
    Diagnostic::error("syntax", "a second document starts here").help(
        "a manifest is one document: remove the `---` and what follows, or put it into a file of its own",
    )
}

/// A tag, as written.
pub(super) fn tag(written: &str) -> Diagnostic {
    let found =
        Diagnostic::error("yaml-tag", format!("`{written}` is a YAML tag, which a manifest does not have"));
    if written.starts_with("!!") {
        return found.help("remove it: values are read as their keys ask for");
    }
    found.help(format!("where a text that starts with `!` is meant, put it in quotes: \"{written}\""))
}

/// A key that is a list or a mapping.
pub(super) fn key_not_text(source: &Source, span: Span) -> Diagnostic {
    let found =
        Diagnostic::error("syntax", "a key is a list or a block of keys, where a word belongs").at(span);
    let before = source.text().get(..span.start as usize).unwrap_or_default();
    if before.ends_with('{') && source.slice(span).starts_with('{') {
        return found.why("`{` starts a block of keys in YAML, and a manifest is not a template").help(
            "a build argument is written \"${NAME}\" and declared with `args: {NAME: default}`; other texts with braces are put in quotes",
        );
    }
    found.help("where a text is meant, put it in quotes")
}

pub(super) fn duplicate(source: &Source, key: &str, first: Span) -> Diagnostic {
    let place = source.position(first.start);
    Diagnostic::error("duplicate-key", format!("the key `{key}` is written twice"))
        .why(format!("it was first written on line {}, column {}", place.line, place.column))
        .help("keep one of them, or write both values under one key")
}

/// An error of YAML's grammar, in other words than the parser's where there are better ones.
pub(super) fn syntax(source: &Source, offset: usize, info: &str) -> Diagnostic {
    let text = source.text();
    let rest = text.get(offset..).unwrap_or_default();
    let here = rest.chars().next();
    let span = Span::new(offset, offset + here.map_or(0, char::len_utf8));
    let line_start =
        text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let line = text.get(line_start..).and_then(|line| line.lines().next()).unwrap_or_default();
    if let Some(tab) = indenting_tab(line) {
        let start = line_start + tab;
        return Diagnostic::error("syntax", "a tab is used to indent")
            .at(Span::new(start, start + 1))
            .why("YAML indents with spaces only, because a tab has no fixed width")
            .help("replace the tab by spaces, two for each level");
    }
    if info.contains("recursion limit") {
        return too_deep().at(span);
    }
    let (message, help) = match here {
        Some(c @ ('@' | '`' | '%')) if starts_value(text, offset) => {
            (format!("a value cannot start with `{c}` in YAML"), "put the value in quotes".to_owned())
        }
        _ => in_other_words(info, here),
    };
    let found = Diagnostic::error("syntax", message).at(span);
    if help.is_empty() { found } else { found.help(help) }
}

/// Where a line's indentation has a tab.
fn indenting_tab(line: &str) -> Option<usize> {
    let indentation = line.len() - line.trim_start_matches([' ', '\t', '-', '?', ':']).len();
    line[..indentation].find('\t')
}

/// Whether a value starts at this offset, rather than going on.
fn starts_value(text: &str, offset: usize) -> bool {
    text.get(..offset)
        .is_none_or(|before| before.ends_with([' ', '\n', '[', '{', ',', '"', '\'']) || before.is_empty())
}

/// The parser's words, as far as people meet them, and what to do.
const WORDS: [(&str, &str, &str); 17] = [
    (
        "mapping values are not allowed",
        "there is a second `: ` where a value goes on, or a key that is indented too deep",
        "put a text that has `: ` in quotes, or indent the key like its neighbours",
    ),
    (
        "found unknown anchor",
        "`*` starts an alias in YAML, and there is no anchor of this name",
        "where a text such as a pattern is meant, put it in quotes",
    ),
    (
        "simple key expect",
        "there is a text where a key and a `:` belong",
        "write `key: value`, indented like the lines around it",
    ),
    (
        "did not find expected key",
        "there is something other than a key here",
        "write `key: value`, indented like the keys before it",
    ),
    (
        "did not find expected '-' indicator",
        "there is something other than a list's `- ` here",
        "indent all entries of a list alike, each with its own `- `",
    ),
    (
        "flow sequence, expected ',' or ']'",
        "a list that starts with `[` is not closed, or a comma is missing",
        "separate the entries by `, ` and close the list with `]`",
    ),
    (
        "flow mapping, did not find expected ',' or '}'",
        "a block that starts with `{` is not closed, or a comma is missing",
        "separate the entries by `, ` and close the block with `}`",
    ),
    (
        "misplaced bracket",
        "there is a closing bracket without its opening one",
        "remove it, or put the text in quotes",
    ),
    (
        "quoted scalar, found unexpected end of stream",
        "a quoted text is not closed",
        "close it with the quote that opened it",
    ),
    (
        "invalid trailing content after double-quoted scalar",
        "something follows a quoted text",
        "put the whole value in quotes; a quote within is written \\\" or, in single quotes, ''",
    ),
    (
        "unknown escape character",
        "there is no such escape in double quotes",
        "write a backslash as `\\\\`, or use single quotes, in which nothing is escaped",
    ),
    (
        "block sequence entries are not allowed",
        "a list's `- ` cannot stand here",
        "start the list on a line of its own, below its key",
    ),
    (
        "invalid indentation in quoted scalar",
        "a quoted text is not closed, or goes on in a line that is not indented",
        "close it with the quote that opened it",
    ),
    (
        "placement of ':'",
        "a `:` cannot stand here",
        "close a list or block that an earlier `[` or `{` starts, or put a text that has a `:` in quotes",
    ),
    ("invalid indentation", "this is not indented enough", "indent it deeper than the key it belongs to"),
    (
        "did not find expected <document start>",
        "something follows the end of the document",
        "indent it like the lines before, or remove it",
    ),
    (
        "did not find expected node content",
        "a value is missing here",
        "write a value, or put the text in quotes",
    ),
];

fn in_other_words(info: &str, here: Option<char>) -> (String, String) {
    if let Some((_, message, help)) = WORDS.iter().find(|(needle, ..)| info.contains(needle)) {
        return ((*message).to_owned(), (*help).to_owned());
    }
    if info.contains("unexpected eof") || here.is_none() {
        return ("the manifest ends too early".to_owned(), "close what was opened last".to_owned());
    }
    (format!("this is not YAML: {info}"), String::new())
}
