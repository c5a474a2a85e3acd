//! Trees made of other trees without copying: merge and difference (BuildKit `MergeOp`, `DiffOp`).

use super::{Inputs, Operation, wire_op};
use crate::llb::cap;
use crate::llb::{Graph, Meta, Output};
use crate::wire::pb;

/// Trees laid over one another; later ones win.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge(Vec<Output>);

/// What one tree has and another has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    lower: Output,
    upper: Output,
}

impl Merge {
    /// The trees from the lowest to the topmost. Empty trees have no effect, one tree stays itself.
    pub fn new(trees: impl IntoIterator<Item = Output>) -> Merge {
        Merge(trees.into_iter().filter(|tree| !tree.is_scratch()).collect())
    }
}

impl Diff {
    /// What `upper` has and `lower` has not; with an empty `lower`, `upper` itself.
    pub fn new(lower: &Output, upper: &Output) -> Diff {
        Diff { lower: lower.clone(), upper: upper.clone() }
    }
}

impl Operation for Merge {
    type Added = Output;

    fn add_to(mut self, graph: &mut Graph, meta: Meta) -> Output {
        if self.0.len() < 2 {
            return self.0.pop().unwrap_or(Output::scratch());
        }
        let mut inputs = Inputs::default();
        let trees = self.0.iter().filter_map(Output::to_input);
        let merged = trees.map(|tree| pb::MergeInput { input: inputs.push(tree) }).collect();
        let op = wire_op(inputs, None, pb::op::Op::Merge(pb::MergeOp { inputs: merged }));
        Output::of(graph.insert(&op, vec![cap::MERGE_OP], meta.into_wire()), 0)
    }
}

impl Operation for Diff {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        if self.lower.is_scratch() {
            return self.upper;
        }
        let mut inputs = Inputs::default();
        let mut index = |tree: &Output| tree.to_input().map_or(super::NONE, |tree| inputs.push(tree));
        let lower = Some(pb::LowerDiffInput { input: index(&self.lower) });
        let upper = Some(pb::UpperDiffInput { input: index(&self.upper) });
        let op = wire_op(inputs, None, pb::op::Op::Diff(pb::DiffOp { lower, upper }));
        Output::of(graph.insert(&op, vec![cap::DIFF_OP], meta.into_wire()), 0)
    }
}
