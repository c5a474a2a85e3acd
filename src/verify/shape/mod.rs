//! The allow-list of operations: every vertex is one of these shapes in every field, or it is refused.
//!
//! A shape says what an operation does by itself; which trees it does it to is the matter of [`super::flow`].

pub(super) mod exec;
pub(super) mod file;
mod merge;
mod mount;
pub(super) mod own;
mod platform;
pub(super) mod scan;
pub(super) mod source;

pub(super) use exec::{Exec, Network};
pub(super) use file::{Act, File};
pub(super) use mount::{Access, Bind, Mounts};
pub(super) use own::Own;
pub(super) use scan::Scan;
pub(super) use source::Source;

use super::findings::{Findings, Law};
use super::graph::{Link, Vertex};
use crate::name::ImagePath;
use crate::rule;
use crate::wire::pb;

/// `unknown-shape`: an operation that the verifier does not know.
pub(super) static LAW: Law = Law::of(&rule::UNKNOWN_SHAPE);

/// What a vertex does.
#[derive(Debug)]
pub(super) enum Shape<'g> {
    /// Brings content in.
    Source(Source<'g>),
    /// Makes and copies files.
    File(File<'g>),
    /// Lays trees over one another, from the lowest to the topmost.
    Merge(Vec<Link>),
    /// A step of a builder.
    Step(Exec<'g>),
    /// A step of our own binary.
    Own(Own),
    /// A step of the client's scanner.
    Scan(Scan),
    /// A tree of the client, by its number.
    Given(usize),
    /// Nothing that is known; it was reported.
    Unknown,
}

/// Why an operation has no shape, and which law that breaks.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) law: &'static Law,
    pub(super) text: String,
}

/// The shape of a vertex; what has none is reported.
pub(super) fn read<'g>(
    vertex: &'g Vertex,
    sandbox: Option<&pb::Meta>,
    found: &mut Findings<'_>,
) -> Shape<'g> {
    shape(vertex, sandbox).unwrap_or_else(|refusal| {
        found.at(&vertex.digest, refusal.law, refusal.text);
        Shape::Unknown
    })
}

fn shape<'g>(vertex: &'g Vertex, sandbox: Option<&pb::Meta>) -> Result<Shape<'g>, Refusal> {
    let op = &vertex.op;
    if op.constraints.as_ref().is_some_and(|constraints| !constraints.filter.is_empty()) {
        return Err(Refusal::shape("chooses the machine that it runs on"));
    }
    let platform = op.platform.as_ref();
    match op.op.as_ref() {
        Some(pb::op::Op::Source(source)) => source::read(source, platform, vertex).map(Shape::Source),
        Some(pb::op::Op::Exec(exec)) => exec::read(exec, platform, sandbox, vertex),
        Some(pb::op::Op::File(file)) => {
            platform::none(platform)?;
            file::read(file, vertex).map(Shape::File)
        }
        Some(pb::op::Op::Merge(merge)) => {
            platform::none(platform)?;
            merge::read(merge, vertex).map(Shape::Merge)
        }
        Some(pb::op::Op::Build(_)) => Err(Refusal::shape("builds a definition that the graph makes itself")),
        Some(pb::op::Op::Diff(_)) => Err(Refusal::shape("is a difference of trees")),
        Some(pb::op::Op::Passthrough(_)) => Err(Refusal::shape("hands inputs through")),
        None => Err(Refusal::shape("does nothing")),
    }
}

impl Refusal {
    /// The operation is not on the allow-list.
    pub(super) fn shape(text: impl Into<String>) -> Refusal {
        Refusal { law: &LAW, text: text.into() }
    }
}

/// The input of an index on the wire; `None` for -1.
fn input(vertex: &Vertex, index: i64) -> Result<Option<Link>, Refusal> {
    if index == -1 {
        return Ok(None);
    }
    let known = usize::try_from(index).ok().and_then(|index| vertex.inputs.get(index));
    known
        .copied()
        .map(Some)
        .ok_or_else(|| Refusal::shape(format!("uses input {index}, which it does not have")))
}

/// An error unless every input of the vertex is among those that it uses: nothing is built unseen.
fn all_used(vertex: &Vertex, used: impl IntoIterator<Item = i64>) -> Result<(), Refusal> {
    let mut seen = vec![false; vertex.inputs.len()];
    for index in used {
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| seen.get_mut(index)) {
            *slot = true;
        }
    }
    match seen.iter().position(|seen| !seen) {
        None => Ok(()),
        Some(index) => Err(Refusal::shape(format!("has input {index} and does not use it"))),
    }
}

/// An error unless a path is absolute and in its shortest form, so that equal places have equal paths.
fn clean(path: &str) -> Result<(), Refusal> {
    match ImagePath::parse(path) {
        Ok(clean) if clean.as_str() == path => Ok(()),
        _ => Err(Refusal::shape(format!("has a path that is not plain: {}", super::findings::quoted(path)))),
    }
}
