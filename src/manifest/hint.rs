//! What a message says beyond the fact: the key that was meant, the value that was expected.

use super::field::{Block, Shape};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::yaml::Node;

/// A key that its group does not have.
pub(crate) fn unknown_key(path: &str, key: &str, block: &Block) -> Diagnostic {
    let _ = path;
    let found = Diagnostic::error("unknown-key", format!("`{key}` is not a key of {}", block.name));
    match did_you_mean(key, block.all_fields().map(|field| field.key)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found,
    }
}

/// A value of another kind than its key asks for.
pub(crate) fn wrong_type(subject: &str, node: &Node, expected: &Shape) -> Diagnostic {
    Diagnostic::error("wrong-type", format!("{subject} is {}, expected {expected:?}", node.kind.noun()))
}
