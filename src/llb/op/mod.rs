//! The operations, one per file as they are on the wire.

mod action;
mod build;
mod combine;
mod exec;
mod file;
mod git;
mod http;
mod image;
mod local;
mod mount;
mod oci;
mod passthrough;
mod source;

pub use action::{Action, Copy, Mkdir, Mkfile, Mode, Owner, Remove, Symlink};
pub use build::Build;
pub use combine::{Diff, Merge};
pub use exec::{Exec, Execution, Network, NoOutput, Root, Security};
pub use file::File;
pub use git::{Git, GitUrlError};
pub use http::Http;
pub use image::{Image, ResolveMode};
pub use local::Local;
pub use mount::{Bind, Cache, ContentCache, Lent, Mount, Sharing, Tmpfs};
pub use oci::{Blob, OciLayout};
pub use passthrough::Passthrough;
pub use source::Source;

use super::graph::Graph;
use super::meta::Meta;
use super::output::Output;
use crate::name::Platform;
use crate::wire::pb;

/// Something that a [`Graph`] can hold.
pub trait Operation {
    /// What the operation gives once it is in a graph.
    type Added;

    /// Adds the operation to a graph; [`Graph::add`] reads better.
    fn add_to(self, graph: &mut Graph, meta: Meta) -> Self::Added;
}

/// The inputs of one operation, each once, in the order of their first use.
#[derive(Debug, Default)]
struct Inputs(Vec<pb::Input>);

/// Wire index of "no input" and of "no output" (BuildKit `solver/pb`, `Empty` and `SkipOutput`).
const NONE: i64 = -1;

impl Inputs {
    /// The wire index of an input, which is added if it is new.
    fn index(&mut self, output: &Output) -> i64 {
        match self.0.iter().position(|known| output.is(known)) {
            Some(index) => wire_index(index),
            None => output.to_input().map_or(NONE, |input| self.push(input)),
        }
    }

    /// The wire index of an input that is added even if it is there already.
    fn push(&mut self, input: pb::Input) -> i64 {
        self.0.push(input);
        wire_index(self.0.len() - 1)
    }
}

/// An operation around its payload, with the empty constraints that BuildKit's own client writes.
fn wire_op(inputs: Inputs, platform: Option<pb::Platform>, op: pb::op::Op) -> pb::Op {
    pb::Op { inputs: inputs.0, platform, constraints: Some(pb::WorkerConstraints::default()), op: Some(op) }
}

fn wire_platform(platform: &Platform) -> pb::Platform {
    pb::Platform {
        architecture: platform.architecture().to_owned(),
        os: platform.os().to_owned(),
        variant: platform.variant().to_owned(),
        ..Default::default()
    }
}

fn wire_index(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
