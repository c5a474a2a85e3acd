//! `inherited-config`: nothing of the base's configuration is inherited unseen.

use super::{Exception, Proof, Rule};

/// The record of `inherited-config`.
pub static RULE: Rule = Rule {
    name: "inherited-config",
    title: "Nothing of the base's configuration is inherited unseen",
    forbids: "An environment variable, volume, build trigger, health check, label or command of the base image \
        in the configuration of the final image, beyond a short allow-list.",
    why: "What the base says would change the program's behaviour although the manifest does not: a \
        `LD_PRELOAD`, a `NODE_OPTIONS`, a volume that makes files vanish, a health check that needs a \
        shell.",
    mend: "Say it in the manifest: `runtime.env`, `runtime.labels`, `runtime.entrypoint`.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
