//! `secret-outside-fetch`: secrets exist in fetch steps only.

use super::{Exception, Proof, Rule};

/// The record of `secret-outside-fetch`.
pub static RULE: Rule = Rule {
    name: "secret-outside-fetch",
    title: "Secrets exist in fetch steps only",
    forbids: "A secret or an SSH agent that is mounted into a step other than a fetch step, or that is passed \
        as an environment variable or file content.",
    why: "A compile step runs code of the application and of its dependencies; a secret that it can read \
        can end in a layer, a cache or a log.",
    mend: "Move what needs the secret to the fetch step (`fetch.secrets`, `fetch.ssh`) and let the compile \
        step use what was fetched.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
