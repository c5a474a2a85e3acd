//! `reserved-label`: labels and annotations of our own namespace are ours alone.

use super::Proof;
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};

static LAW: Law = Law::mendable(&rule::RESERVED_LABEL);

/// The namespace.
const PREFIX: &str = "io.cofferdam.";
/// The keys in it that the build sets; none so far.
const OURS: &[&str] = &[];

/// Looks at the keys of labels and annotations.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let labels = proof.config.labels.iter().map(|key| ("label", key));
    let annotations = proof.case.annotations.iter().map(|(key, _)| ("annotation", key));
    for (what, key) in labels.chain(annotations) {
        if key.starts_with(PREFIX) && !OURS.contains(&key.as_str()) {
            found.image(&LAW, format!("the {what} `{}` is set by the build alone", quoted(key)));
        }
    }
}
