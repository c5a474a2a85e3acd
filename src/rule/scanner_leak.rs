//! `scanner-leak`: a scanner of the client's changes nothing that ships.

use super::{Exception, Proof, Rule};

/// The record of `scanner-leak`.
pub static RULE: Rule = Rule {
    name: "scanner-leak",
    title: "A scanner sees the finished image and changes nothing",
    forbids: "A scanner (`--sbom=generator=…`) that sees anything but the very image that ships, that has network, \
        secrets or caches, or whose traces are used for anything but an attestation.",
    why: "The scanner is a program of somebody else's; it may say what is in an image, and has no say in what comes in.",
    mend: "Nothing in a manifest can ask for it: such a graph is a bug of Cofferdam, to be reported.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
