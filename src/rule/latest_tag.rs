//! `latest-tag`: images are named with a version.

use super::{Exception, Proof, Rule};

/// The record of `latest-tag`.
pub static RULE: Rule = Rule {
    name: "latest-tag",
    title: "Images are named with a version",
    forbids: "An image reference without a tag, or with the tag `latest`.",
    why: "It means something else after every release: one commit then gives another image, without anybody having \
        asked for a new version.",
    mend: "Write the version: `name:1.2`.",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
