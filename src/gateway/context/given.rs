//! The trees of the client in a plan, as the verifier is told of them.

use crate::plan::{Node, Plan};
use crate::verify::{GivenRole, GivenTree};
use crate::wire::pb;

/// The trees that the client put in the place of images, and its input that is the context.
pub(in crate::gateway) fn trees<'a>(
    plan: &'a Plan,
    context: Option<&'a pb::Definition>,
) -> Vec<GivenTree<'a>> {
    let images = plan.nodes.iter().filter_map(|node| match node {
        Node::Image(fact) => Some((fact, fact.replacement.as_deref()?)),
        _ => None,
    });
    let images = images.map(|(fact, replacement)| GivenTree {
        definition: &replacement.tree,
        role: GivenRole::Image {
            name: &replacement.name,
            digest: &fact.digest,
            is_image: replacement.is_image,
        },
    });
    let context = context.map(|definition| GivenTree { definition, role: GivenRole::Context });
    images.chain(context).collect()
}
