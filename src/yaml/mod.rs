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
