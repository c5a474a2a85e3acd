//! The build context: one transfer of only what the plan needs.

use super::{Broken, ContextTree, Setting};
use crate::facts::literal;
use crate::llb::{Graph, Meta, Output};
use crate::name::ContextPath;
use crate::plan::{Node, Plan, Selection};

/// The build context in the graph.
pub(super) struct Context<'a> {
    /// Its files; scratch when the plan needs nothing of it.
    pub(super) output: Output,
    /// Patterns of what was not sent.
    left_out: Vec<&'a str>,
}

impl Context<'_> {
    /// The patterns of a selection that still leave something out.
    pub(super) fn remaining(&self, selection: &Selection) -> Vec<String> {
        let remaining = selection.exclude.iter().filter(|pattern| !self.left_out.contains(&pattern.as_str()));
        remaining.cloned().collect()
    }
}

/// The context with only what the plan needs.
pub(super) fn lower<'a>(
    graph: &mut Graph,
    plan: &'a Plan,
    setting: &Setting<'_>,
) -> Result<Context<'a>, Broken> {
    let all = |output| Context { output, left_out: Vec::new() };
    let Some(patterns) = include_patterns(plan) else { return Ok(all(Output::scratch())) };
    match &setting.context {
        ContextTree::Local(local) => {
            let meta = Meta::named("[internal] load build context");
            let left_out = exclude_patterns(plan);
            let local = local.clone().include_patterns(patterns).exclude_patterns(&left_out);
            Ok(Context { output: graph.add(local, meta), left_out })
        }
        ContextTree::Whole(tree) => Ok(all(graph.import(tree)?)),
    }
}

/// The patterns of what the plan needs of the context, sorted; empty for everything, `None` for nothing.
pub fn include_patterns(plan: &Plan) -> Option<Vec<String>> {
    let mut paths: Vec<&ContextPath> = selections(plan).flat_map(|selection| &selection.paths).collect();
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

/// The patterns of what the client need not send, for no part of the plan sees it.
///
/// A pattern that takes something back (`!`) means what it does only among its own: then all is sent.
fn exclude_patterns(plan: &Plan) -> Vec<&str> {
    let lists: Vec<&Vec<String>> = selections(plan).map(|selection| &selection.exclude).collect();
    if lists.iter().copied().flatten().any(|pattern| pattern.starts_with('!')) {
        return Vec::new();
    }
    let everywhere = |pattern: &&String| lists.iter().all(|list| list.contains(pattern));
    lists.first().into_iter().copied().flatten().filter(everywhere).map(String::as_str).collect()
}

fn selections(plan: &Plan) -> impl Iterator<Item = &Selection> {
    plan.nodes.iter().filter_map(|node| match node {
        Node::Context(selection) => Some(selection),
        _ => None,
    })
}
