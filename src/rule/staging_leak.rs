//! `staging-leak`: only declared artifacts cross from the builder to the image.

use super::{Exception, Proof, Rule};

/// The record of `staging-leak`.
pub static RULE: Rule = Rule {
    name: "staging-leak",
    title: "Only declared artifacts cross from the builder to the image",
    forbids: "Anything of a builder that reaches the image without being a declared artifact: a path that no \
        artifact names, a builder's root file system, or a symbolic link that leads out of the builder's \
        output.",
    why: "What a builder holds (compilers, sources, caches, credentials of a fetch) must not ship. A \
        builder that replaces a declared directory by a link to `/` would otherwise ship its whole file \
        system.",
    mend: "Name the file under `build.artifacts`, or let the build write a copy of it instead of a link.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
