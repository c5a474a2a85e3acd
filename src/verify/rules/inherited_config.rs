//! `inherited-config`: the configuration has what we write there, and nothing that a base could have added.

use super::Proof;
use crate::verify::findings::{Findings, Law, OUR_BUG, quoted};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law {
    name: "inherited-config",
    why: "a volume, a trigger or a health check of the base would change what runs, although nobody asked for it",
    help: OUR_BUG,
};

/// Reports every key that is not ours.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for key in &proof.config.foreign {
        found.image(&LAW, format!("the image's configuration has `{}`", quoted(key)));
    }
}
