//! `undeclared-arg`: build arguments are declared.

use super::{Exception, Proof, Rule};

/// The record of `undeclared-arg`.
pub static RULE: Rule = Rule {
    name: "undeclared-arg",
    title: "Build arguments are declared",
    forbids: "A build argument that was given but that the manifest does not declare under `args`.",
    why: "It has no effect, which is seldom what the person who gave it believes; a misspelt name would \
        otherwise go unseen.",
    mend: "Declare it under `args`, or do not give it.",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
