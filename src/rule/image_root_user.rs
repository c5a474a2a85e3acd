//! `image-root-user`: the image does not run as root.

use super::{Exception, Proof, Rule};

/// The record of `image-root-user`.
pub static RULE: Rule = Rule {
    name: "image-root-user",
    title: "The image does not run as root",
    forbids: "An image whose user is 0, whose group is 0 without being asked for, or that says nothing (which \
        means root).",
    why: "A process that breaks out as root is root outside, and inside it can change the program that it \
        runs.",
    mend: "Leave out `runtime.user` (65532 is the default) or give another number than 0; a low port is \
        opened with the runtime's `net.ipv4.ip_unprivileged_port_start`, not with root.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
