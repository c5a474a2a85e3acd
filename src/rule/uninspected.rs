//! `uninspected`: what ships is what was inspected.

use super::{Exception, Proof, Rule};

/// The record of `uninspected`.
pub static RULE: Rule = Rule {
    name: "uninspected",
    title: "What ships is what was inspected",
    forbids: "A build whose image, or a part of it, is not looked at by our own binary, or an inspection that \
        is told something else than what the image is.",
    why: "The rules of the output hold only for the tree that our own binary looked at, knowing how it \
        will be started.",
    mend: "Nothing in a manifest can ask for it: such a graph is a bug of Cofferdam, to be reported.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
