//! Answers to the questions that planning asks.

use std::collections::BTreeSet;

use super::image::ImageFact;
use crate::name::ContextPath;

/// The answer to one [`Query`](super::Query), of the kind that the query asks for.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The bytes of a file or of its beginning; `None` when there is no such regular file.
    File(Option<Vec<u8>>),
    /// What a symbolic link says that stands where a file was looked for, and leads to nothing that was sent.
    Link(String),
    /// The paths that match a pattern.
    Paths(BTreeSet<ContextPath>),
    /// A resolved image.
    Image(Box<ImageFact>),
    /// Names of files.
    Names(BTreeSet<String>),
}

impl Answer {
    /// The bytes, if this is the answer to a question for bytes.
    pub(super) fn bytes(&self) -> Option<Option<&[u8]>> {
        match self {
            Answer::File(bytes) => Some(bytes.as_deref()),
            Answer::Link(_) => Some(None),
            Answer::Paths(_) | Answer::Image(_) | Answer::Names(_) => None,
        }
    }
}
