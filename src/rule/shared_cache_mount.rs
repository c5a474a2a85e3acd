//! `shared-cache-mount`: caches belong to one project and one toolchain.

use super::{Exception, Proof, Rule};

/// The record of `shared-cache-mount`.
pub static RULE: Rule = Rule {
    name: "shared-cache-mount",
    title: "Caches belong to one project and one toolchain",
    forbids: "A cache of a builder's step whose id names neither project nor toolchain, or that steps with \
        network and steps without share.",
    why: "Whoever writes into a cache that others share decides what they compile, and a cache on both \
        sides of the wall carries what has no other way across.",
    mend: "Nothing in a manifest can ask for it: such a graph is a bug of Cofferdam, to be reported.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
