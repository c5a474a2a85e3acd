//! A YAML document as a tree of spanned values, with every syntax error located.
//!
//! Only what a configuration file needs is understood: one document, no tags, no binary values. Scalars keep
//! the text that was written, so that `3.10` stays `3.10`; whoever reads a value decides what it is. Input is
//! bounded in size, depth and, after aliases are expanded, in the number of values.

mod build;
mod explain;

pub(crate) use explain::too_large;

use crate::diagnostic::Diagnostics;
use crate::text::{Source, Span, Spanned};

/// The largest input that is looked at, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep values may lie within one another.
pub const MAX_DEPTH: usize = 64;
/// How many values a document may have once its aliases are expanded.
pub const MAX_NODES: usize = 50_000;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where the value was written; the value of an alias points to its anchor.
    pub span: Span,
    /// The value.
    pub kind: Kind,
}

/// What a value is, as far as YAML itself says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, `~` or `null`, without quotes.
    Null,
    /// A single value.
    Scalar {
        /// The text as written, without quotes and with escapes resolved.
        text: String,
        /// Whether it was written without quotes and not as a block: only then can it be a number or a truth value.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with their values, in the order in which they were written; no key occurs twice.
    Mapping(Vec<(Spanned<String>, Node)>),
}

/// A document that could be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its value; none where there is nothing but comments.
    pub root: Option<Node>,
    /// What is wrong with it although it could be read: duplicate keys, tags, keys that are no words. The tree holds
    /// what is left without them, so that a reader can go on and find more.
    pub found: Diagnostics,
}

/// The document in a text; or, with everything found before it, the error after which nothing can be trusted:
/// one of YAML's grammar, or a bound that was passed.
pub fn parse(source: &Source) -> Result<Document, Diagnostics> {
    explain::check_text(source)?;
    build::document(source)
}

/// The texts of a file that a program wrote, keys and values one after another, however many they are, each with how deep
/// it lies; `None` where it cannot be read, and for what programs do not write: references and tags.
pub fn scalars(text: &str) -> Option<Vec<(usize, String)>> {
    build::scalars(text)
}

impl Kind {
    /// What people call this kind of value.
    pub fn noun(&self) -> &'static str {
        match self {
            Kind::Null => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a block of keys",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Every value with the text that its span marks.
    fn outline(text: &str) -> String {
        let source = Source::new("t.yaml", text);
        let document = parse(&source).unwrap();
        assert!(document.found.is_empty(), "{:?}", document.found);
        let mut lines = String::new();
        describe(&source, &document.root.unwrap(), 0, &mut lines);
        lines
    }

    fn describe(source: &Source, node: &Node, depth: usize, lines: &mut String) {
        let indent = " ".repeat(depth);
        let written = source.slice(node.span);
        match &node.kind {
            Kind::Null => writeln!(lines, "{indent}null at {written:?}").unwrap(),
            Kind::Scalar { text, plain } => {
                let style = if *plain { "plain" } else { "quoted" };
                writeln!(lines, "{indent}{text:?} {style} at {written:?}").unwrap();
            }
            Kind::Sequence(items) => {
                writeln!(lines, "{indent}list at {written:?}").unwrap();
                for item in items {
                    describe(source, item, depth + 1, lines);
                }
            }
            Kind::Mapping(entries) => {
                writeln!(lines, "{indent}block at {written:?}").unwrap();
                for (key, value) in entries {
                    writeln!(lines, "{indent} {:?} at {:?}", key.value, source.slice(key.span)).unwrap();
                    describe(source, value, depth + 2, lines);
                }
            }
        }
    }

    #[test]
    fn every_value_knows_its_place() {
        insta::assert_snapshot!(outline("# ü\nä: [1, 'it''s', \"\\u00fc\", ~]\nb:\n  - x y # note\n  - {k: }\nc:\nn: [~, null]\ns:\n  -\n  - - ~\nd: |\n  two\n  lines\n"), @r#"
        block at "ä: [1, 'it''s', \"\\u00fc\", ~]\nb:\n  - x y # note\n  - {k: }\nc:\nn: [~, null]\ns:\n  -\n  - - ~\nd: |\n  two\n  lines\n"
         "ä" at "ä"
          list at "[1, 'it''s', \"\\u00fc\", ~]"
           "1" plain at "1"
           "it's" quoted at "'it''s'"
           "ü" quoted at "\"\\u00fc\""
           null at "~"
         "b" at "b"
          list at "- x y # note\n  - {k: }"
           "x y" plain at "x y"
           block at "{k: }"
            "k" at "k"
             null at "k"
         "c" at "c"
          null at "c"
         "n" at "n"
          list at "[~, null]"
           null at "~"
           null at "null"
         "s" at "s"
          list at "-\n  - - ~"
           null at ""
           list at "- ~"
            null at "~"
         "d" at "d"
          "two\nlines\n" quoted at "two\n  lines\n"
        "#);
    }

    #[test]
    fn carriage_returns_do_not_move_places() {
        insta::assert_snapshot!(outline("a: b\r\nc:\r\n  - d\r\n  - e\r\n"), @r#"
        block at "a: b\r\nc:\r\n  - d\r\n  - e"
         "a" at "a"
          "b" plain at "b"
         "c" at "c"
          list at "- d\r\n  - e"
           "d" plain at "d"
           "e" plain at "e"
        "#);
    }

    #[test]
    fn scalars_keep_what_was_written() {
        for written in ["3.10", "0444", "1e3", "yes", "0x10", "1_000", "2026-01-01", "012"] {
            let document = parse(&Source::new("t", written)).unwrap();
            let kind = Kind::Scalar { text: written.to_owned(), plain: true };
            assert_eq!(document.root.unwrap().kind, kind);
        }
    }

    #[test]
    fn an_alias_is_the_value_at_its_anchor() {
        let document = parse(&Source::new("t", "a: &x {k: v}\nb: *x\n")).unwrap();
        let Kind::Mapping(entries) = document.root.unwrap().kind else { panic!("a mapping") };
        assert_eq!(entries[0].1, entries[1].1);
    }

    #[test]
    fn texts_come_in_the_order_in_which_they_are_written() {
        let texts = scalars("a: {b: \"c\\x64\"}\n? e\n: |\n  f\n'g': [h]\n").unwrap();
        let texts: Vec<_> = texts.iter().map(|(depth, text)| (*depth, text.as_str())).collect();
        let expected = [(1, "a"), (2, "b"), (2, "cd"), (1, "e"), (1, "f\n"), (1, "g"), (2, "h")];
        assert_eq!(texts, expected);
        for other in ["a: &x b", "a: &x [b]\nc: *x", "a: !!str b", "!a {b: c}", "a: [", "\"a"] {
            assert_eq!(scalars(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_document_without_a_value_has_no_root() {
        for empty in ["", "# only a comment\n", "---\n", "---\n...\n", "\n\n"] {
            assert_eq!(parse(&Source::new("t", empty)).unwrap().root, None, "{empty:?}");
        }
        assert!(parse(&Source::new("t", "~")).unwrap().root.is_some());
    }
}
