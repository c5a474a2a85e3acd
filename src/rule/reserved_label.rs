//! `reserved-label`: labels of the build are written by the build alone.

use super::{Exception, Proof, Rule};

/// The record of `reserved-label`.
pub static RULE: Rule = Rule {
    name: "reserved-label",
    title: "Labels of the build are written by the build alone",
    forbids: "A label or annotation below `io.cofferdam.` that the build does not set itself.",
    why: "Tools believe what stands there, because only the build can have written it.",
    mend: "Choose another prefix than `io.cofferdam.`.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
