//! `user-not-numeric`: the image's user is numeric, with its group.

use super::{Exception, Proof, Rule};

/// The record of `user-not-numeric`.
pub static RULE: Rule = Rule {
    name: "user-not-numeric",
    title: "The image's user is numeric, with its group",
    forbids: "An image whose user is a name, or has no group.",
    why: "A name is looked up in a file that a layer or a mount can replace, and a cluster that demands \
        `runAsNonRoot` refuses names because it cannot see who they are.",
    mend: "Give `runtime.user` as a number or as `{uid, gid}`; the image then says `uid:gid`.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
