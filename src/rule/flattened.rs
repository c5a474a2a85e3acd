//! `flattened`: layers keep their own digests.

use super::{Exception, Proof, Rule};

/// The record of `flattened`.
pub static RULE: Rule = Rule {
    name: "flattened",
    title: "Layers keep their own digests",
    forbids: "A build by a daemon that cannot merge layers (Docker's classic image store), so that the layers \
        are copied one upon the other.",
    why: "The image works, but its layers depend on the base below them: they are not shared between \
        images, and the base cannot be replaced without a build.",
    mend: "Use a builder with a containerd image store (`docker buildx create --driver docker-container`, \
        or Docker's setting `containerd-snapshotter`).",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
