//! `compile-network`: compile steps run without network.

use super::{Exception, Proof, Rule};

/// The record of `compile-network`.
pub static RULE: Rule = Rule {
    name: "compile-network",
    title: "Compile steps run without network",
    forbids: "A step that sees the application's source and has network access.",
    why: "A compile that downloads can bring in what no lock file names, and can send the source or what \
        it learned elsewhere. Without network the same input gives the same output.",
    mend: "Let the fetch step download it: declare the dependency in the language's manifest and lock file.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
