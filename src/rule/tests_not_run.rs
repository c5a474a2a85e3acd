//! `tests-not-run`: the image's tests are run.

use super::{Exception, Proof, Rule};

/// The record of `tests-not-run`.
pub static RULE: Rule = Rule {
    name: "tests-not-run",
    title: "The image's tests are run",
    forbids: "Tests of an image for a platform whose programs the daemon cannot run.",
    why: "The image is built and inspected as always, but nothing was started in it.",
    mend: "Use a builder that has a node of that platform, or one that can emulate it.",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
