//! What is said of an operation without being part of it: its name in progress, its group, its source lines.

use crate::text::Position;
use crate::wire::pb;

/// Description key of the name that progress displays show (BuildKit `client/llb`, "custom name").
const CUSTOM_NAME: &str = "llb.customname";

/// What is said of an operation without changing its digest or its cache key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meta {
    /// The name that users see; empty for the daemon's own description of the operation.
    pub name: String,
    /// The group that progress displays fold the operation into.
    pub group: Option<Group>,
    /// Whether the operation runs even where its result is cached.
    pub ignore_cache: bool,
    /// The places that users see when the operation fails.
    pub locations: Vec<Location>,
}

/// Operations that progress displays show as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What tells groups apart.
    pub id: String,
    /// The name that users see.
    pub name: String,
}

/// A range of lines in one of the files that the definition is marshalled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Which file, counted from 0.
    pub file: usize,
    /// The first place.
    pub start: Position,
    /// The last place, included.
    pub end: Position,
}

impl Meta {
    /// No more than a name.
    pub fn named(name: impl Into<String>) -> Meta {
        Meta { name: name.into(), ..Meta::default() }
    }

    /// The same, in a group.
    #[must_use]
    pub fn in_group(mut self, id: impl Into<String>, name: impl Into<String>) -> Meta {
        self.group = Some(Group { id: id.into(), name: name.into() });
        self
    }

    /// The same, run even where its result is cached.
    #[must_use]
    pub fn ignoring_cache(mut self, ignore: bool) -> Meta {
        self.ignore_cache = ignore;
        self
    }

    /// The same, with one more place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Meta {
        self.locations.push(location);
        self
    }

    /// The wire form, without capabilities, and the places, which travel apart from it.
    pub(super) fn into_wire(self) -> (pb::OpMetadata, Vec<Location>) {
        let Meta { name, group, ignore_cache, locations } = self;
        let mut meta = pb::OpMetadata { ignore_cache, ..Default::default() };
        if !name.is_empty() {
            meta.description.insert(CUSTOM_NAME.to_owned(), name);
        }
        meta.progress_group = group.map(|Group { id, name }| pb::ProgressGroup { id, name, weak: false });
        (meta, locations)
    }
}

impl Location {
    /// From `start` to `end`, as [`crate::text::Source::positions`] gives them.
    pub fn new(file: usize, (start, end): (Position, Position)) -> Location {
        Location { file, start, end }
    }

    pub(super) fn range(&self) -> pb::Range {
        let position = |position: Position| pb::Position {
            line: i32::try_from(position.line).unwrap_or(i32::MAX),
            character: i32::try_from(position.column).unwrap_or(i32::MAX),
        };
        pb::Range { start: Some(position(self.start)), end: Some(position(self.end)) }
    }
}
