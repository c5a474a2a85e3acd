//! `env-loader`: no variable makes programs load other code.

use super::{Exception, Proof, Rule};

/// The record of `env-loader`.
pub static RULE: Rule = Rule {
    name: "env-loader",
    title: "No variable makes programs load other code",
    forbids: "A variable of the image that loaders and interpreters obey (`LD_PRELOAD`, `NODE_OPTIONS`, \
        `BASH_ENV` and their like), unless the manifest itself sets it, which is a warning.",
    why: "Such a variable makes every program load code that is not its own.",
    mend: "Take it out of `runtime.env`, or give the program what it needs where it looks by itself.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
