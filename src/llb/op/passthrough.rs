//! Trees handed on once others are built too (BuildKit `PassthroughOp`, since 0.31).

use super::{Inputs, Operation, wire_op};
use crate::llb::cap;
use crate::llb::{Graph, Meta, Output};
use crate::wire::pb;

/// Hands on the trees it was made of, once those and all that it waits for are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passthrough {
    id: String,
    trees: Vec<Output>,
    waits_for: Vec<Output>,
}

impl Passthrough {
    /// Hands on `trees`; the name tells it apart from others of the same inputs.
    pub fn new(id: impl Into<String>, trees: impl IntoIterator<Item = Output>) -> Passthrough {
        Passthrough { id: id.into(), trees: trees.into_iter().collect(), waits_for: Vec::new() }
    }

    /// What must be built too, such as tests of the trees.
    #[must_use]
    pub fn after(mut self, outputs: impl IntoIterator<Item = Output>) -> Passthrough {
        self.waits_for.extend(outputs);
        self
    }
}

impl Operation for Passthrough {
    /// The trees in the order they were given; an empty tree stays itself.
    type Added = Vec<Output>;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Vec<Output> {
        let mut inputs = Inputs::default();
        let trees: Vec<_> =
            self.trees.iter().map(|tree| tree.to_input().map(|tree| inputs.push(tree))).collect();
        for output in self.waits_for.iter().filter_map(Output::to_input) {
            inputs.push(output);
        }
        let outputs: Vec<i64> = trees.iter().flatten().copied().collect();
        if outputs.is_empty() {
            return self.trees;
        }
        let op = pb::op::Op::Passthrough(pb::PassthroughOp { id: self.id, outputs });
        let op = wire_op(inputs, None, op);
        let digest = graph.insert(&op, vec![cap::PASSTHROUGH_OP], meta.into_wire());
        let mut next = 0..;
        let mut handed = |tree: Option<i64>| match tree.and_then(|_| next.next()) {
            Some(index) => Output::of(digest.clone(), index),
            None => Output::scratch(),
        };
        trees.into_iter().map(&mut handed).collect()
    }
}
