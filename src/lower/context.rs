//! The build context: transfers of only what the plan needs.

use super::{Broken, ContextTree, Setting};
use crate::facts::literal;
use crate::llb::{Graph, Local, Meta, Output};
use crate::name::ContextPath;
use crate::plan::{Node, Plan, Selection};

/// The build context in the graph.
pub(super) struct Context<'a> {
    /// For selections that leave something out.
    trimmed: Part<'a>,
    /// For those that want all of what they name.
    full: Part<'a>,
}

/// Files of the context that are sent at once.
#[derive(Clone)]
pub(super) struct Part<'a> {
    /// The files; scratch when the plan needs none of them.
    pub(super) output: Output,
    /// Patterns of what is not there already.
    left_out: Vec<&'a str>,
}

impl<'a> Context<'a> {
    /// The part that a selection picks from.
    pub(super) fn part(&self, selection: &Selection) -> &Part<'a> {
        if selection.exclude.is_empty() { &self.full } else { &self.trimmed }
    }
}

impl Part<'_> {
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
    let local = match &setting.context {
        ContextTree::Local(local) => local,
        ContextTree::Whole(tree) => {
            // Git itself leaves this away, unless the client wants it.
            let part = Part { output: graph.import(tree)?, left_out: vec!["**/.git"] };
            return Ok(Context { trimmed: part.clone(), full: part });
        }
    };
    let (full, trimmed): (Vec<_>, Vec<_>) =
        selections(plan).partition(|selection| selection.exclude.is_empty());
    // The daemon deletes what another transfer of the same name does not bring.
    let (apart, name) = match (full.is_empty(), trimmed.is_empty()) {
        (false, false) => (local.clone().shared_key_hint("context-files"), "load files of the build context"),
        _ => (local.clone(), "load build context"),
    };
    let trimmed = send(graph, local.clone(), "load build context", &trimmed);
    Ok(Context { trimmed, full: send(graph, apart, name, &full) })
}

/// One transfer of all that some selections want.
fn send<'a>(graph: &mut Graph, local: Local, name: &str, selections: &[&'a Selection]) -> Part<'a> {
    let Some(include) = include_patterns(selections) else {
        return Part { output: Output::scratch(), left_out: Vec::new() };
    };
    let left_out = exclude_patterns(selections);
    let local = local.include_patterns(include).exclude_patterns(&left_out);
    Part { output: graph.add(local, Meta::named(format!("[internal] {name}"))), left_out }
}

/// The patterns of what is wanted of the context, sorted; empty for everything, `None` for nothing.
fn include_patterns(selections: &[&Selection]) -> Option<Vec<String>> {
    let mut paths: Vec<&ContextPath> = selections.iter().flat_map(|selection| &selection.paths).collect();
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

/// The patterns of what the client need not send, for none of the selections sees it.
///
/// A pattern that takes something back (`!`) means what it does only among its own: then all is sent.
fn exclude_patterns<'a>(selections: &[&'a Selection]) -> Vec<&'a str> {
    let lists = || selections.iter().map(|selection| &selection.exclude);
    if lists().flatten().any(|pattern| pattern.starts_with('!')) {
        return Vec::new();
    }
    let everywhere = |pattern: &&String| lists().all(|list| list.contains(pattern));
    lists().take(1).flatten().filter(everywhere).map(String::as_str).collect()
}

fn selections(plan: &Plan) -> impl Iterator<Item = &Selection> {
    plan.nodes.iter().filter_map(|node| match node {
        Node::Context(selection) => Some(selection),
        _ => None,
    })
}
