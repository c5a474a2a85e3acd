//! The shape of a merge: all inputs, each once, in their order.

use super::Refusal;
use crate::verify::graph::{Link, Vertex};
use crate::wire::pb;

/// The merged trees, from the lowest to the topmost.
pub(super) fn read(merge: &pb::MergeOp, vertex: &Vertex) -> Result<Vec<Link>, Refusal> {
    let in_order = merge.inputs.len() == vertex.inputs.len()
        && merge.inputs.iter().zip(0..).all(|(merged, index)| merged.input == index);
    match vertex.inputs.len() {
        0 | 1 => Err(Refusal::shape("merges fewer than two trees")),
        _ if in_order => Ok(vertex.inputs.clone()),
        _ => Err(Refusal::shape("does not merge its inputs in their order")),
    }
}
