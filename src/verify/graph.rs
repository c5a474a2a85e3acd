//! The vertices of all definitions, decoded: what the daemon will run, each once, inputs before users.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::Findings;
use super::{Case, shape};
use crate::name::Digest;
use crate::wire::{decode_op, encode_op, pb};

/// The vertices of the image and of the reports. Each comes after its inputs, so a pass from first to last
/// knows the inputs of what it meets, and there are no cycles.
#[derive(Debug)]
pub(super) struct Graph {
    vertices: Vec<Vertex>,
    /// What the image is; `None` for an empty one.
    pub(super) image: Option<Link>,
    /// What else the daemon is asked for.
    pub(super) reports: Vec<Link>,
    /// Which tree of the client a vertex gives, where it gives one.
    pub(super) given: BTreeMap<Link, usize>,
    /// The vertices that only such trees need.
    hidden: BTreeSet<usize>,
}

/// One operation.
#[derive(Debug)]
pub(super) struct Vertex {
    /// Its name: the digest of its bytes.
    pub(super) digest: Digest,
    /// The operation.
    pub(super) op: pb::Op,
    /// What its inputs are.
    pub(super) inputs: Vec<Link>,
}

/// An output of a vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// Which vertex.
    pub(super) vertex: usize,
    /// Which of its outputs.
    pub(super) output: usize,
}

/// What decoding knows while it goes. Definitions share most of their vertices, so each is decoded once.
#[derive(Default)]
struct Decoder<'a> {
    vertices: Vec<Vertex>,
    by_bytes: BTreeMap<&'a [u8], usize>,
    by_digest: BTreeMap<Digest, usize>,
    /// For each vertex, the last definition that has it, and the last whose result needs it, from 1.
    marks: Vec<(usize, usize)>,
    /// The definition that is decoded.
    current: usize,
    /// The operations of the client's trees.
    foreign: BTreeSet<Digest>,
}

/// What is wrong with a definition's form.
struct Malformed(Option<Digest>, String);

impl Graph {
    /// The graph of a case; `None`, with what was found, when the definitions are no graph.
    pub(super) fn decode(case: &Case<'_>, found: &mut Findings<'_>) -> Option<Graph> {
        let mut decoder = Decoder { foreign: foreign(case), ..Decoder::default() };
        let mut decode = |definition| match decoder.definition(definition) {
            Ok(link) => Some(link),
            Err(Malformed(Some(vertex), text)) => {
                found.at(&vertex, &shape::LAW, text);
                None
            }
            Err(Malformed(None, text)) => {
                found.image(&shape::LAW, text);
                None
            }
        };
        let image = decode(case.image)?;
        let reports: Option<Vec<_>> = case.reports.iter().map(|report| decode(report)).collect();
        // An empty report is dropped here and missed later.
        let reports = reports?.into_iter().flatten().collect();
        let given = decoder.given(case);
        let mut graph = Graph { vertices: decoder.vertices, image, reports, given, hidden: BTreeSet::new() };
        graph.hide();
        Some(graph)
    }

    /// Which tree of the client a vertex is looked at as; `None` for a vertex of ours.
    pub(super) fn given(&self, vertex: usize) -> Option<(usize, usize)> {
        let from = Link { vertex, output: 0 };
        let (link, tree) = self.given.range(from..).next().filter(|(link, _)| link.vertex == vertex)?;
        Some((link.output, *tree))
    }

    /// Whether only trees of the client need a vertex.
    pub(super) fn is_hidden(&self, vertex: usize) -> bool {
        self.hidden.contains(&vertex)
    }

    /// Finds what only trees of the client need; a vertex that is used in any other way is ours to answer for.
    fn hide(&mut self) {
        let mut ours = BTreeSet::new();
        let mut stack: Vec<Link> = self.image.iter().chain(&self.reports).copied().collect();
        let mut crossed = BTreeSet::new();
        while let Some(link) = stack.pop() {
            if self.given.contains_key(&link) {
                crossed.insert(link);
            } else if ours.insert(link.vertex) {
                stack.extend(&self.vertices[link.vertex].inputs);
            }
        }
        self.given.retain(|link, _| crossed.contains(link) && !ours.contains(&link.vertex));
        let shown: BTreeSet<usize> = self.given.keys().map(|link| link.vertex).chain(ours).collect();
        self.hidden = (0..self.vertices.len()).filter(|vertex| !shown.contains(vertex)).collect();
    }

    /// All vertices, inputs before users.
    pub(super) fn vertices(&self) -> &[Vertex] {
        &self.vertices
    }
}

impl<'a> Decoder<'a> {
    /// Adds a definition and returns what it ends in.
    fn definition(&mut self, definition: &'a pb::Definition) -> Result<Option<Link>, Malformed> {
        let Some((terminal, operations)) = definition.def.split_last() else { return Ok(None) };
        self.current += 1;
        let mut own = Vec::with_capacity(operations.len());
        for bytes in operations {
            let index = self.vertex(bytes)?;
            if self.marks[index].0 == self.current {
                return Err(self.malformed(index, "is in the definition twice"));
            }
            self.marks[index].0 = self.current;
            own.push(index);
        }
        let link = self.terminal(terminal)?;
        self.mark_needed(link.vertex);
        match own.into_iter().find(|&index| self.marks[index].1 != self.current) {
            None => Ok(Some(link)),
            Some(index) => Err(self.malformed(index, "is in the definition, but nothing uses it")),
        }
    }

    fn vertex(&mut self, bytes: &'a [u8]) -> Result<usize, Malformed> {
        if let Some(&index) = self.by_bytes.get(bytes) {
            let mut inputs = self.vertices[index].inputs.iter();
            let is_ordered = inputs.all(|input| self.marks[input.vertex].0 == self.current);
            let unordered = || self.malformed(index, "comes before one of its inputs");
            return is_ordered.then_some(index).ok_or_else(unordered);
        }
        let digest = Digest::of(bytes);
        let malformed = |text| Malformed(Some(digest.clone()), text);
        let op = match self.foreign.contains(&digest) {
            true => decode_op(bytes).map_err(|error| format!("is not an operation: {error}")),
            false => decode(bytes),
        };
        let op = op.map_err(malformed)?;
        let inputs: Result<_, String> = op.inputs.iter().map(|input| self.link(input)).collect();
        let inputs = inputs.map_err(malformed)?;
        let index = self.vertices.len();
        self.by_bytes.insert(bytes, index);
        self.by_digest.insert(digest.clone(), index);
        self.marks.push((0, 0));
        self.vertices.push(Vertex { digest, op, inputs });
        Ok(index)
    }

    /// The outputs that are trees of the client; one that no graph uses is left out.
    fn given(&self, case: &Case<'_>) -> BTreeMap<Link, usize> {
        let link = |definition: &pb::Definition| {
            let op = decode(definition.def.last()?).ok()?;
            let [input] = &op.inputs[..] else { return None };
            let vertex = *self.by_digest.get(&Digest::parse(&input.digest).ok()?)?;
            Some(Link { vertex, output: usize::try_from(input.index).ok()? })
        };
        let trees = case.client.trees.iter().enumerate();
        trees.filter_map(|(index, tree)| Some((link(tree.definition)?, index))).collect()
    }

    /// The last operation has nothing but one input (BuildKit `solver/pb`, "Definition").
    fn terminal(&self, bytes: &[u8]) -> Result<Link, Malformed> {
        let malformed = |text: &str| Malformed(None, format!("the definition's last operation {text}"));
        let op = decode(bytes).map_err(|text| malformed(&text))?;
        let [input] = &op.inputs[..] else { return Err(malformed("does not have one input")) };
        if op != (pb::Op { inputs: vec![input.clone()], ..Default::default() }) {
            return Err(malformed("is not only an input"));
        }
        self.link(input).map_err(|text| malformed(&text))
    }

    fn link(&self, input: &pb::Input) -> Result<Link, String> {
        let digest =
            Digest::parse(&input.digest).map_err(|error| format!("names an input wrongly: {error}"))?;
        let known = self.by_digest.get(&digest).filter(|&&vertex| self.marks[vertex].0 == self.current);
        let vertex = *known.ok_or_else(|| format!("needs {digest}, which does not come before it"))?;
        let output = usize::try_from(input.index);
        let output = output.map_err(|_| format!("asks for output {} of an input", input.index))?;
        Ok(Link { vertex, output })
    }

    /// Marks the vertices that a result needs.
    fn mark_needed(&mut self, result: usize) {
        let mut stack = vec![result];
        while let Some(vertex) = stack.pop() {
            if self.marks[vertex].1 != self.current {
                self.marks[vertex].1 = self.current;
                stack.extend(self.vertices[vertex].inputs.iter().map(|input| input.vertex));
            }
        }
    }

    fn malformed(&self, vertex: usize, text: &str) -> Malformed {
        Malformed(Some(self.vertices[vertex].digest.clone()), text.to_owned())
    }
}

/// The operations of the client's trees, which may be of kinds and have fields that we never use.
fn foreign(case: &Case<'_>) -> BTreeSet<Digest> {
    case.client.trees.iter().flat_map(|tree| &tree.definition.def).map(|bytes| Digest::of(bytes)).collect()
}

/// An operation whose bytes are all accounted for: a field that our description of the wire does not have would
/// be lost in decoding, and the bytes would come out different.
fn decode(bytes: &[u8]) -> Result<pb::Op, String> {
    let op = decode_op(bytes).map_err(|error| format!("is not an operation: {error}"))?;
    if encode_op(&op) == bytes { Ok(op) } else { Err("has fields that are not known".to_owned()) }
}
