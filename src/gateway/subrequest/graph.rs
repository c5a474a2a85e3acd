//! `--call=convertllb` and `--call=cofferdam.graph`: the graph of build operations as data and as a drawing.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::outline::planned;
use super::{protojson, reply};
use crate::gateway::failure::Failure;
use crate::gateway::platform_build::PlatformBuild;
use crate::lower;
use crate::name::{Digest, Platform};
use crate::wire::{decode_op, gateway, pb};

/// Description key of the name that progress displays show (BuildKit `client/llb`, "custom name").
const NAME: &str = "llb.customname";

/// The definition of the image as BuildKit's own frontend prints it.
pub(super) async fn convert(build: &PlatformBuild, platform: &Platform) -> Result<gateway::Result, Failure> {
    let definition = definition(build, platform).await?;
    let mut operations = Map::new();
    let mut metadata = Map::new();
    for (digest, op) in operations_of(&definition)? {
        if let Some(said) = definition.metadata.get(&digest) {
            metadata.insert(digest.clone(), protojson::metadata(said));
        }
        operations.insert(digest, protojson::op(&op));
    }
    let source = definition.source.as_ref().map_or(Value::Null, protojson::source);
    let value = json!({"def": operations, "metadata": metadata, "source": source});
    let text = format!("{value:#}\n");
    Ok(reply("0.1.0", &value, text))
}

/// The operations with their names and inputs; the text form is a drawing for Graphviz.
pub(super) async fn answer(build: &PlatformBuild, platform: &Platform) -> Result<gateway::Result, Failure> {
    let definition = definition(build, platform).await?;
    let mut vertices = Vec::new();
    let mut drawing = String::from("digraph {\n  rankdir=LR;\n  node [shape=box];\n");
    for (digest, op) in operations_of(&definition)? {
        // The last operation only says which output is meant.
        let Some(kind) = kind(&op) else { continue };
        let name = definition.metadata.get(&digest).and_then(|said| said.description.get(NAME));
        let name = name.cloned().unwrap_or_else(|| kind.to_owned());
        let inputs: Vec<&str> = op.inputs.iter().map(|input| input.digest.as_str()).collect();
        let _ = writeln!(drawing, "  {:?} [label={:?}];", short(&digest), name);
        for input in &inputs {
            let _ = writeln!(drawing, "  {:?} -> {:?};", short(input), short(&digest));
        }
        vertices.push(json!({"digest": digest, "name": name, "kind": kind, "inputs": inputs}));
    }
    drawing.push_str("}\n");
    Ok(reply("1.0.0", &json!({"vertices": vertices}), drawing))
}

async fn definition(build: &PlatformBuild, platform: &Platform) -> Result<pb::Definition, Failure> {
    let (_, plan) = planned(build, platform).await?;
    let (lowered, _) =
        lower::lower(&plan, &build.setting(&plan.platform)).map_err(|found| build.failure(&found))?;
    build.define(&lowered, &lowered.image)
}

fn operations_of(definition: &pb::Definition) -> Result<Vec<(String, pb::Op)>, Failure> {
    let decode = |bytes: &Vec<u8>| {
        let op = decode_op(bytes).map_err(|error| Failure::internal(&error.to_string()))?;
        Ok((Digest::of(bytes).to_string(), op))
    };
    definition.def.iter().map(decode).collect()
}

fn kind(op: &pb::Op) -> Option<&'static str> {
    Some(match op.op.as_ref()? {
        pb::op::Op::Exec(_) => "exec",
        pb::op::Op::Source(_) => "source",
        pb::op::Op::File(_) => "file",
        pb::op::Op::Build(_) => "build",
        pb::op::Op::Merge(_) => "merge",
        pb::op::Op::Diff(_) => "diff",
        pb::op::Op::Passthrough(_) => "passthrough",
    })
}

fn short(digest: &str) -> &str {
    digest.get(7..19).unwrap_or(digest)
}
