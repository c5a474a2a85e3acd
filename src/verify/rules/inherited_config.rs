//! `inherited-config`: the configuration has what we write there, and nothing that a base could have added.

use super::Proof;
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::mendable(&rule::INHERITED_CONFIG);

/// Reports every key that is not ours.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for key in &proof.config.foreign {
        found.image(&LAW, format!("the image's configuration has `{}`", quoted(key)));
    }
}
