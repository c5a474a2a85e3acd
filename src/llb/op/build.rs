//! Graphs that a graph produced itself (BuildKit `BuildOp`).

use std::collections::BTreeMap;

use super::{Inputs, Operation, wire_op, wire_platform};
use crate::llb::cap;
use crate::llb::{Graph, Meta, Output};
use crate::name::Platform;
use crate::wire::pb;

/// Builds the marshalled definition that a file of a tree holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    definition: Output,
    filename: String,
    platform: Platform,
}

/// Input that holds the definition (BuildKit `solver/pb`, `LLBDefinitionInput`).
const DEFINITION_INPUT: &str = "buildkit.llb.definition";
/// Attribute that names the file in it.
const FILE_NAME: &str = "llbbuild.filename";
/// The only builder there is.
const LLB_BUILDER: i64 = -1;

impl Build {
    /// Builds the definition in the file of this name; an empty name is the daemon's default, `/buildkit.llb.definition`.
    pub fn new(definition: &Output, filename: impl Into<String>, platform: &Platform) -> Build {
        Build { definition: definition.clone(), filename: filename.into(), platform: platform.clone() }
    }
}

impl Operation for Build {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        let mut inputs = Inputs::default();
        let input = pb::BuildInput { input: inputs.index(&self.definition) };
        let named = (!self.filename.is_empty()).then(|| (FILE_NAME.to_owned(), self.filename));
        let build = pb::BuildOp {
            builder: LLB_BUILDER,
            inputs: BTreeMap::from([(DEFINITION_INPUT.to_owned(), input)]),
            def: None,
            attrs: named.into_iter().collect(),
        };
        let op = wire_op(inputs, Some(wire_platform(&self.platform)), pb::op::Op::Build(build));
        Output::of(graph.insert(&op, vec![cap::BUILD_OP_FILE_NAME], meta.into_wire()), 0)
    }
}
