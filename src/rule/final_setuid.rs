//! `final-setuid`: no file of the image gives privileges.

use super::{Exception, Proof, Rule};

/// The record of `final-setuid`.
pub static RULE: Rule = Rule {
    name: "final-setuid",
    title: "No file of the image gives privileges",
    forbids: "A regular file with the setuid or setgid bit, or with file capabilities.",
    why: "Such a program gives its caller rights that the image's user does not have; most privilege \
        escalations begin with one.",
    mend: "Choose a base without it; for a low port use the \
        runtime's `net.ipv4.ip_unprivileged_port_start`.",
    exception: Exception::WithReason,
    proof: Proof::Output,
};
