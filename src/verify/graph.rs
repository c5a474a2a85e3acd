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

/// What decoding knows while it goes.
#[derive(Default)]
struct Decoder {
    vertices: Vec<Vertex>,
    known: BTreeMap<Digest, usize>,
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

impl Decoder {
    /// Adds a definition and returns what it ends in.
    fn definition(&mut self, definition: &pb::Definition) -> Result<Option<Link>, Malformed> {
        let Some((terminal, operations)) = definition.def.split_last() else { return Ok(None) };
        let mut own = BTreeMap::new();
        for bytes in operations {
            let index = self.vertex(bytes, &own)?;
            let digest = self.vertices[index].digest.clone();
            if own.insert(digest.clone(), index).is_some() {
                return Err(Malformed(Some(digest), "is in the definition twice".to_owned()));
            }
        }
        let link = self.terminal(terminal, &own)?;
        match self.unreached(link, &own) {
            None => Ok(Some(link)),
            Some(digest) => {
                Err(Malformed(Some(digest), "is in the definition, but nothing uses it".to_owned()))
            }
        }
    }

    fn vertex(&mut self, bytes: &[u8], own: &BTreeMap<Digest, usize>) -> Result<usize, Malformed> {
        let digest = Digest::of(bytes);
        if let Some(&index) = self.known.get(&digest) {
            let missing = self.vertices[index]
                .inputs
                .iter()
                .any(|input| !own.contains_key(&self.vertices[input.vertex].digest));
            let unordered = || Malformed(Some(digest), "comes before one of its inputs".to_owned());
            return if missing { Err(unordered()) } else { Ok(index) };
        }
        let op = match self.foreign.contains(&digest) {
            true => decode_op(bytes).map_err(|error| format!("is not an operation: {error}")),
            false => decode(bytes),
        };
        let op = op.map_err(|text| Malformed(Some(digest.clone()), text))?;
        let inputs: Result<_, String> = op.inputs.iter().map(|input| link(input, own)).collect();
        let inputs = inputs.map_err(|text| Malformed(Some(digest.clone()), text))?;
        let index = self.vertices.len();
        self.known.insert(digest.clone(), index);
        self.vertices.push(Vertex { digest, op, inputs });
        Ok(index)
    }

    /// The outputs that are trees of the client; one that no graph uses is left out.
    fn given(&self, case: &Case<'_>) -> BTreeMap<Link, usize> {
        let link = |definition: &pb::Definition| {
            let op = decode(definition.def.last()?).ok()?;
            let [input] = &op.inputs[..] else { return None };
            link(input, &self.known).ok()
        };
        let trees = case.client.trees.iter().enumerate();
        trees.filter_map(|(index, tree)| Some((link(tree.definition)?, index))).collect()
    }

    /// The last operation has nothing but one input (BuildKit `solver/pb`, "Definition").
    fn terminal(&self, bytes: &[u8], own: &BTreeMap<Digest, usize>) -> Result<Link, Malformed> {
        let malformed = |text: &str| Malformed(None, format!("the definition's last operation {text}"));
        let op = decode(bytes).map_err(|text| malformed(&text))?;
        let [input] = &op.inputs[..] else { return Err(malformed("does not have one input")) };
        if op != (pb::Op { inputs: vec![input.clone()], ..Default::default() }) {
            return Err(malformed("is not only an input"));
        }
        link(input, own).map_err(|text| malformed(&text))
    }

    /// A vertex of a definition that its result does not need.
    fn unreached(&self, from: Link, own: &BTreeMap<Digest, usize>) -> Option<Digest> {
        let mut reached = BTreeSet::from([from.vertex]);
        let mut stack = vec![from.vertex];
        while let Some(vertex) = stack.pop() {
            let inputs = self.vertices[vertex].inputs.iter().map(|input| input.vertex);
            stack.extend(inputs.filter(|&input| reached.insert(input)));
        }
        own.iter().find(|(_, index)| !reached.contains(index)).map(|(digest, _)| digest.clone())
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

fn link(input: &pb::Input, own: &BTreeMap<Digest, usize>) -> Result<Link, String> {
    let digest = Digest::parse(&input.digest).map_err(|error| format!("names an input wrongly: {error}"))?;
    let vertex = own.get(&digest).ok_or_else(|| format!("needs {digest}, which does not come before it"))?;
    let output = usize::try_from(input.index);
    let output = output.map_err(|_| format!("asks for output {} of an input", input.index))?;
    Ok(Link { vertex: *vertex, output })
}
