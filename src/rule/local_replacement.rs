//! `local-replacement`: bases and builders are images.

use super::{Exception, Proof, Rule};

/// The record of `local-replacement`.
pub static RULE: Rule = Rule {
    name: "local-replacement",
    title: "Bases and builders are images",
    forbids: "A named context that puts a directory, a repository or a download in the place of a base or of \
        a builder's image.",
    why: "Nothing pins what is in it, no registry vouches for it, and the provenance of the image cannot \
        name it: another machine builds something else from the same manifest.",
    mend: "Name an image (`--build-context NAME=docker-image://…` or `oci-layout://…`), or build the tree as a \
        target of the same bake file.",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
