//! `entrypoint-unresolvable`: what the image starts can be started.

use super::{Exception, Proof, Rule};

/// The record of `entrypoint-unresolvable`.
pub static RULE: Rule = Rule {
    name: "entrypoint-unresolvable",
    title: "What the image starts can be started",
    forbids: "An entrypoint that does not exist, is not a regular file, cannot be executed by the image's \
        user, is for another architecture, or needs an interpreter that the image does not have. A script \
        that Node, Python or Ruby is told to run, or an archive after `java -jar`, that is not there or \
        that the user may not read; options that could mean another file leave it unjudged, and so does a \
        directory that a volume may bring: one that the user may write, or one apart from the application \
        that the image does not have.",
    why: "The kernel says no more than `no such file or directory` or `exec format error`, and says it in \
        production.",
    mend: "Name the path of a program that is an artifact. A dynamically linked program needs a base with \
        its loader (`distroless` with a C library), or must be linked statically (for Go: leave `cgo` \
        off).",
    exception: Exception::WithReason,
    proof: Proof::Output,
};
