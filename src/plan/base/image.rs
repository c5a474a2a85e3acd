//! Any image as a base.

use crate::name::Reference;
use crate::plan::final_image::Base;
use crate::plan::planner::Planner;
use crate::text::Spanned;

/// Plans a named base; `None` while it is not resolved.
pub(super) fn plan(planner: &mut Planner<'_>, reference: &Spanned<Reference>) -> Option<Base> {
    let platform = planner.platforms.target.clone();
    let (tree, fact) = planner.pull(reference, &platform)?;
    Some(Base::Image { tree, fact: Box::new(fact.clone()) })
}
