//! The graph: operations by digest, and the definition of what one of them gives.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use super::cap;
use super::meta::{Location, Meta};
use super::op::Operation;
use super::output::Output;
use crate::name::Digest;
use crate::wire::{encode_op, pb};

/// A content-addressed graph of operations.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// In the order in which they were added.
    vertices: Vec<Vertex>,
    /// Where each is, by its name.
    places: BTreeMap<Digest, usize>,
    imported_files: Vec<pb::SourceInfo>,
}

/// An output that does not come from the graph it was used with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOutput(pub(super) String);

/// An operation as it is on the wire, what is said of it, and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Vertex {
    pub(super) bytes: Vec<u8>,
    pub(super) inputs: Vec<Input>,
    /// What is said of it, but for the capabilities that it asks for itself.
    pub(super) meta: pb::OpMetadata,
    pub(super) caps: Vec<&'static str>,
    pub(super) locations: Vec<Location>,
    /// Places in files that came with an imported definition; `file` counts those.
    pub(super) imported_locations: Vec<Location>,
}

/// An input of an operation.
#[derive(Debug, Clone)]
pub(super) enum Input {
    /// The vertex at this place.
    Known(usize),
    /// One that was not in the graph when its user was added.
    Named(String),
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Graph {
        Graph::default()
    }

    /// Adds an operation and returns what it gives: an [`Output`], or something that has several.
    ///
    /// The time does not depend on how much the graph holds, but for its logarithm.
    pub fn add<O: Operation>(&mut self, operation: O, meta: Meta) -> O::Added {
        operation.add_to(self, meta)
    }

    /// How many different operations the graph holds.
    pub fn len(&self) -> usize {
        self.vertices.len()
    }

    /// Whether the graph holds no operation.
    pub fn is_empty(&self) -> bool {
        self.vertices.is_empty()
    }

    /// The definition of one output: its operation and all that it needs, inputs before users, each once, with
    /// metadata for each and the places of those that have any (BuildKit `solver/pb`, "Definition").
    ///
    /// `files` are what the operations' [`Location`]s point into; a place in a file that is not given is left
    /// out, since BuildKit refuses it. The definition depends on nothing but the output, what was said of its
    /// operations, and the files. An error if the output comes from another graph.
    pub fn definition(
        &self,
        output: &Output,
        files: Vec<pb::SourceInfo>,
    ) -> Result<pb::Definition, UnknownOutput> {
        let (Some(root), Some(input)) = (output.digest(), output.to_input()) else {
            return Ok(pb::Definition::default());
        };
        let order = self.inputs_before_users(root)?;
        let mut needed = vec![false; self.vertices.len()];
        order.iter().for_each(|&place| needed[place] = true);
        // By name, so that the maps are filled in their own order.
        let named: Vec<(&Digest, &Vertex)> = self
            .places
            .iter()
            .filter(|(_, place)| needed[**place])
            .map(|(digest, &place)| (digest, &self.vertices[place]))
            .collect();
        let mut definition = pb::Definition {
            def: order.iter().map(|&place| self.vertices[place].bytes.clone()).collect(),
            metadata: named
                .iter()
                .map(|(digest, vertex)| (digest.as_str().to_owned(), vertex.metadata()))
                .collect(),
            source: self.source(&named, files),
        };
        let terminal = encode_op(&pb::Op { inputs: vec![input], ..Default::default() });
        let meta = terminal_meta(&definition);
        definition.metadata.insert(Digest::of(&terminal).to_string(), meta);
        definition.def.push(terminal);
        Ok(definition)
    }

    /// The vertex of an operation, with the inputs that it names and the capabilities it asks for.
    pub(super) fn insert(
        &mut self,
        op: &pb::Op,
        mut caps: Vec<&'static str>,
        (meta, locations): (pb::OpMetadata, Vec<Location>),
    ) -> Digest {
        caps.sort_unstable();
        caps.dedup();
        let bytes = encode_op(op);
        let inputs = op.inputs.iter().map(|input| input.digest.as_str());
        self.insert_vertex(Vertex { caps, locations, ..Vertex::new(bytes, self.inputs(inputs), meta) })
    }

    pub(super) fn insert_vertex(&mut self, vertex: Vertex) -> Digest {
        let digest = Digest::of(&vertex.bytes);
        match self.places.entry(digest.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(self.vertices.len());
                self.vertices.push(vertex);
            }
            Entry::Occupied(entry) => self.vertices[*entry.get()].absorb(vertex),
        }
        digest
    }

    /// Inputs by name, as vertices of the graph where they are in it.
    pub(super) fn inputs<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Input> {
        names
            .map(|name| self.place(name).map_or_else(|| Input::Named(name.to_owned()), Input::Known))
            .collect()
    }

    /// Keeps the files of an imported definition and returns how many there were before.
    pub(super) fn import_files(&mut self, files: &[pb::SourceInfo]) -> usize {
        let before = self.imported_files.len();
        self.imported_files.extend_from_slice(files);
        before
    }

    /// The places of the vertices that `root` needs and its own, in the order of a depth-first walk.
    fn inputs_before_users(&self, root: &Digest) -> Result<Vec<usize>, UnknownOutput> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.vertices.len()];
        let root = self.place(root.as_str()).ok_or_else(|| UnknownOutput(root.to_string()))?;
        seen[root] = true;
        let mut stack = vec![(root, self.vertices[root].inputs.iter())];
        while let Some((place, inputs)) = stack.last_mut() {
            match inputs.next() {
                None => {
                    order.push(*place);
                    stack.pop();
                }
                Some(input) => {
                    let place = match input {
                        Input::Known(place) => *place,
                        Input::Named(name) => self.place(name).ok_or_else(|| UnknownOutput(name.clone()))?,
                    };
                    if !std::mem::replace(&mut seen[place], true) {
                        stack.push((place, self.vertices[place].inputs.iter()));
                    }
                }
            }
        }
        Ok(order)
    }

    fn place(&self, digest: &str) -> Option<usize> {
        self.places.get(digest.as_bytes()).copied()
    }

    /// The source map: given files first, then those that came with imported definitions and are pointed at.
    fn source(&self, named: &[(&Digest, &Vertex)], files: Vec<pb::SourceInfo>) -> Option<pb::Source> {
        let mut source = pb::Source { infos: files, ..Default::default() };
        let given = source.infos.len();
        if named.iter().any(|(_, vertex)| !vertex.imported_locations.is_empty()) {
            source.infos.extend_from_slice(&self.imported_files);
        }
        for (digest, vertex) in named {
            let own = vertex.locations.iter().filter(|location| location.file < given).map(|l| (l.file, l));
            let imported = vertex.imported_locations.iter().map(|location| (given + location.file, location));
            let locations: Vec<_> =
                own.chain(imported).filter_map(|(file, l)| wire_location(file, l)).collect();
            if !locations.is_empty() {
                source.locations.insert(digest.as_str().to_owned(), pb::Locations { locations });
            }
        }
        (!source.infos.is_empty()).then_some(source)
    }
}

impl Vertex {
    /// A vertex that asks for nothing and comes from nowhere.
    pub(super) fn new(bytes: Vec<u8>, inputs: Vec<Input>, meta: pb::OpMetadata) -> Vertex {
        let (caps, locations, imported_locations) = (Vec::new(), Vec::new(), Vec::new());
        Vertex { bytes, inputs, meta, caps, locations, imported_locations }
    }

    /// All that is said of it.
    fn metadata(&self) -> pb::OpMetadata {
        let mut meta = self.meta.clone();
        meta.caps.extend(self.caps.iter().map(|&cap| (cap.to_owned(), true)));
        meta
    }

    /// The same operation, added again: what was said first stays, what was not said before is added.
    fn absorb(&mut self, again: Vertex) {
        let (meta, more) = (&mut self.meta, again.meta);
        meta.ignore_cache |= more.ignore_cache;
        meta.progress_group = meta.progress_group.take().or(more.progress_group);
        meta.linux_resources = meta.linux_resources.take().or(more.linux_resources);
        meta.export_cache = meta.export_cache.take().or(more.export_cache);
        meta.caps.extend(more.caps);
        self.caps.extend(again.caps);
        for (key, value) in more.description {
            meta.description.entry(key).or_insert(value);
        }
        append(&mut self.locations, again.locations);
        append(&mut self.imported_locations, again.imported_locations);
    }
}

impl fmt::Display for UnknownOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the graph has no operation {}", self.0)
    }
}

impl std::error::Error for UnknownOutput {}

fn append(locations: &mut Vec<Location>, more: Vec<Location>) {
    for location in more {
        if !locations.contains(&location) {
            locations.push(location);
        }
    }
}

fn wire_location(file: usize, location: &Location) -> Option<pb::Location> {
    let source_index = i32::try_from(file).ok()?;
    Some(pb::Location { source_index, ranges: vec![location.range()] })
}

/// The terminal operation asks for what all of the definition needs, as BuildKit's own client does.
fn terminal_meta(definition: &pb::Definition) -> pb::OpMetadata {
    let any = |test: fn(&pb::OpMetadata) -> bool| definition.metadata.values().any(test);
    let asked = [
        (cap::CONSTRAINTS, true),
        (cap::PLATFORM, true),
        (cap::META_IGNORE_CACHE, any(|meta| meta.ignore_cache)),
        (cap::META_DESCRIPTION, any(|meta| !meta.description.is_empty())),
    ];
    let caps = asked.into_iter().filter(|(_, asked)| *asked).map(|(cap, _)| (cap.to_owned(), true)).collect();
    pb::OpMetadata { caps, ..Default::default() }
}
