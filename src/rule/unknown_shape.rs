//! `unknown-shape`: every operation is understood.

use super::{Exception, Proof, Rule};

/// The record of `unknown-shape`.
pub static RULE: Rule = Rule {
    name: "unknown-shape",
    title: "Every operation is understood",
    forbids: "An operation, a field or a combination of operations that the verifier does not know.",
    why: "What is not understood cannot be proved to keep the rules.",
    mend: "Nothing in a manifest can ask for it: such a graph is a bug of Cofferdam, to be reported.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
