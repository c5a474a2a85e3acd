//! `merge-shadows-base`, the graph's half: the base lies at the bottom, once, and is for the image's platform.
//!
//! That no layer hides a link or changes a directory of the base is proved on the file system.

use super::Proof;
use crate::rule;
use crate::verify::findings::{Findings, Law};
use crate::verify::shape::Shape;

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::MERGE_SHADOWS_BASE);

/// Compares the base's platform with the configuration's; the order is checked where trees flow.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let Some(base) = proof.image.base else { return };
    let Shape::Source(source) = proof.subject.shape(base) else { return };
    let Some(platform) = source.platform else { return };
    let (os, architecture) = (&proof.config.os, &proof.config.architecture);
    if (&platform.os, &platform.architecture) != (os, architecture) {
        let text = format!("is for {}, but the image is for {architecture}", platform.architecture);
        proof.subject.report(base, &LAW, text, found);
    }
}
