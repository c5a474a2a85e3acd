//! `final-shell`: the image has no shell.

use super::{Exception, Proof, Rule};

/// The record of `final-shell`.
pub static RULE: Rule = Rule {
    name: "final-shell",
    title: "The image has no shell",
    forbids: "A shell in the image: `sh`, `bash`, `dash`, `ash`, `zsh` and their like, links of these names, \
        and the programs `busybox` and `toybox` under any name.",
    why: "A shell is what an intruder needs to turn one bug into a session; without it, command injection \
        has nothing to inject into.",
    mend: "Choose a base without one (`scratch`, `distroless`), start the program directly instead of \
        through a script, and let `build.run` do what the script did.",
    exception: Exception::WithReason,
    proof: Proof::Output,
};
