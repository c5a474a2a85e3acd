//! `local-replacement`: a base or builder that is no image is told of.

use super::Proof;
use crate::rule;
use crate::verify::GivenRole;
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::shape::Shape;

static LAW: Law = Law::mendable(&rule::LOCAL_REPLACEMENT);

/// Looks at every tree of the client that stands for an image.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for shape in &proof.subject.shapes {
        let Shape::Given(index) = shape else { continue };
        let role = proof.case.client.trees.get(*index).map(|tree| tree.role);
        if let Some(GivenRole::Image { name, is_image: false, .. }) = role {
            let text =
                format!("`{}` is replaced by files that are no image, which nothing pins", quoted(name));
            found.warn(&LAW, text);
        }
    }
}
