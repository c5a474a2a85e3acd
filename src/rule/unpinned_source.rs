//! `unpinned-source`: every source is pinned by digest.

use super::{Exception, Proof, Rule};

/// The record of `unpinned-source`.
pub static RULE: Rule = Rule {
    name: "unpinned-source",
    title: "Every source is pinned by digest",
    forbids: "An image, archive or git source that enters a compile step or the image without a digest or \
        commit.",
    why: "A tag is a name that its owner can point elsewhere: the same manifest would give another image \
        tomorrow, and nobody could say what was in yesterday's.",
    mend: "Give the digest (`name:tag@sha256:…`), a `sha256` for a URL, or a full commit for git; tags of \
        images are resolved to digests before the build.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
