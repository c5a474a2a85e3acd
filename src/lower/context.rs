//! The build context: one transfer of only what the plan needs.

use super::{Broken, ContextTree, Setting};
use crate::facts::literal;
use crate::llb::{Graph, Meta, Output};
use crate::name::ContextPath;
use crate::plan::{Node, Plan};

/// The context's output; scratch when the plan needs nothing of it.
pub(super) fn lower(graph: &mut Graph, plan: &Plan, setting: &Setting<'_>) -> Result<Output, Broken> {
    let Some(patterns) = include_patterns(plan) else { return Ok(Output::scratch()) };
    match &setting.context {
        ContextTree::Local(local) => {
            let meta = Meta::named("[internal] load build context");
            Ok(graph.add(local.clone().include_patterns(patterns), meta))
        }
        ContextTree::Whole(tree) => Ok(graph.import(tree)?),
    }
}

/// The patterns of what the plan needs of the context, sorted; empty for everything, `None` for nothing.
pub fn include_patterns(plan: &Plan) -> Option<Vec<String>> {
    let selections = plan.nodes.iter().filter_map(|node| match node {
        Node::Context(selection) => Some(selection),
        _ => None,
    });
    let mut paths: Vec<&ContextPath> = selections.flat_map(|selection| &selection.paths).collect();
    if paths.is_empty() {
        return None;
    }
    if paths.iter().any(|path| path.is_root()) {
        return Some(Vec::new());
    }
    paths.sort();
    paths.dedup();
    Some(paths.into_iter().map(literal).collect())
}
