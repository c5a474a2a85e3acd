//! Takes over definitions that came from elsewhere, such as the inputs that a client sends along.

use std::fmt;

use super::graph::{Graph, Input, Vertex};
use super::meta::Location;
use super::output::Output;
use crate::name::Digest;
use crate::text::Position;
use crate::wire::{decode_op, pb};

/// Why a definition cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// One of its operations is not one.
    Malformed(String),
    /// Its last operation does not name exactly one result.
    NoResult,
    /// An operation uses another that does not come before it.
    MissingInput(String),
}

impl Graph {
    /// Adds the operations of a definition as they are, with their metadata and their places, and returns the
    /// output that the definition stands for; the empty tree for an empty definition.
    pub fn import(&mut self, definition: &pb::Definition) -> Result<Output, ImportError> {
        let Some((terminal, operations)) = definition.def.split_last() else {
            return Ok(Output::scratch());
        };
        let mut vertices = Vec::with_capacity(operations.len());
        let mut known = std::collections::BTreeSet::new();
        for bytes in operations {
            let inputs = inputs_of(bytes)?;
            if let Some(missing) = inputs.iter().find(|input| !known.contains(&input.digest)) {
                return Err(ImportError::MissingInput(missing.digest.clone()));
            }
            let digest = Digest::of(bytes).to_string();
            let meta = definition.metadata.get(&digest).cloned().unwrap_or_default();
            let imported_locations = locations_of(definition, &digest);
            let inputs = inputs.into_iter().map(|input| Input::Named(input.digest)).collect();
            vertices.push(Vertex { imported_locations, ..Vertex::new(bytes.clone(), inputs, meta) });
            known.insert(digest);
        }
        let output = result_of(terminal)?;
        if let Some(missing) = output.digest().filter(|digest| !known.contains(digest.as_str())) {
            return Err(ImportError::MissingInput(missing.to_string()));
        }
        let files = definition.source.as_ref().map_or(&[][..], |source| &source.infos);
        let before = self.import_files(files);
        for mut vertex in vertices {
            vertex.imported_locations.retain(|location| location.file < files.len());
            vertex.imported_locations.iter_mut().for_each(|location| location.file += before);
            self.insert_vertex(vertex);
        }
        Ok(output)
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::Malformed(why) => write!(f, "an operation cannot be decoded: {why}"),
            ImportError::NoResult => f.write_str("the last operation does not name one result"),
            ImportError::MissingInput(digest) => {
                write!(f, "operation {digest} does not come before its user")
            }
        }
    }
}

impl std::error::Error for ImportError {}

fn inputs_of(bytes: &[u8]) -> Result<Vec<pb::Input>, ImportError> {
    Ok(decode_op(bytes).map_err(|error| ImportError::Malformed(error.to_string()))?.inputs)
}

fn result_of(terminal: &[u8]) -> Result<Output, ImportError> {
    let inputs = inputs_of(terminal)?;
    let [input] = &inputs[..] else { return Err(ImportError::NoResult) };
    let digest = Digest::parse(&input.digest).map_err(|_| ImportError::NoResult)?;
    let index = u32::try_from(input.index).map_err(|_| ImportError::NoResult)?;
    Ok(Output::of(digest, index))
}

fn locations_of(definition: &pb::Definition, digest: &str) -> Vec<Location> {
    let source = definition.source.as_ref();
    let locations = source.and_then(|source| source.locations.get(digest));
    let locations = locations.map_or(&[][..], |locations| &locations.locations);
    locations.iter().flat_map(ranges_of).collect()
}

fn ranges_of(location: &pb::Location) -> Vec<Location> {
    let Ok(file) = usize::try_from(location.source_index) else { return Vec::new() };
    let ranges = location.ranges.iter();
    ranges.map(|range| Location { file, start: place(range.start), end: place(range.end) }).collect()
}

fn place(position: Option<pb::Position>) -> Position {
    let position = position.unwrap_or_default();
    let number = |number: i32| u32::try_from(number).unwrap_or(0);
    Position { line: number(position.line), column: number(position.character) }
}
