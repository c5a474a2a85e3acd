//! The bases: one file each, and one line in [`plan`].

mod distroless;
mod image;
mod scratch;

use super::final_image::{Base, Layer};
use super::node::FileEdit;
use super::planner::Planner;
use super::product::Needs;
use crate::model::BaseChoice;
use crate::text::Spanned;

/// Where programs look for certificate authorities.
pub(super) const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Plans the base, and the layer that an empty one needs; `None` when facts are missing.
pub(super) fn plan(planner: &mut Planner<'_>, needs: Needs) -> Option<(Base, Option<Layer>)> {
    let choice = planner.image.runtime.base.clone();
    let named = match choice.value {
        BaseChoice::Scratch => return scratch::plan(planner),
        BaseChoice::ByLanguage | BaseChoice::Distroless => distroless::reference(needs),
        BaseChoice::Image(reference) => reference,
    };
    Some((image::plan(planner, &Spanned::new(named, choice.span))?, None))
}

/// The certificate bundle that an image on this base has; `None` while the image that it comes from is not known.
pub(super) fn certificates(planner: &mut Planner<'_>, base: &Base) -> Option<FileEdit> {
    let tree = match base {
        Base::Image { tree, .. } => tree.clone(),
        Base::Scratch => scratch::donor(planner)?,
    };
    Some(FileEdit::Copy { tree, from: CA_BUNDLE.to_owned(), to: CA_BUNDLE.to_owned(), exclude: Vec::new() })
}
