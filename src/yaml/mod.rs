//! A YAML document as a tree of spanned values, with every syntax error located.
//!
//! Only what a configuration file needs is understood: one document, no tags, no binary values. Scalars keep
//! the text that was written, so that `3.10` stays `3.10`; whoever reads a value decides what it is. Input is
//! bounded in size, depth and, after aliases are expanded, in the number of values.

mod build;
mod explain;

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

/// The document's tree, or none where the document has no value at all.
///
/// Errors of the tree itself (duplicate keys, tags, values that are too deep) are collected; an error of YAML's
/// grammar ends the reading, because nothing after it can be trusted.
pub fn parse(source: &Source) -> Result<Option<Node>, Diagnostics> {
    explain::check_text(source)?;
    build::tree(source)
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
