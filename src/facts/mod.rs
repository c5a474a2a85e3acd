//! What is known of the world outside: questions that planning asks, and their answers.
//!
//! Planning does no I/O. It looks a fact up with [`Ask`]; a fact that is not there yet becomes a [`Query`],
//! whoever drives the planning answers the whole batch, and planning starts again with what is known then.

mod answer;
mod glob;
mod image;

use std::collections::{BTreeMap, BTreeSet};

pub use answer::Answer;
pub use glob::{LARGE, MOST_ENTRIES, literal, matches, matches_parts, reaches};
pub use image::{ImageConfig, ImageFact, Replacement, RootFs, RunConfig};

use crate::name::{ContextPath, Platform, Reference};
use crate::text::{Span, Spanned};

/// A question about the world outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// The whole content of a file in the build context.
    File(ContextPath),
    /// The first [`HEAD_BYTES`] of a file in the build context.
    Head(ContextPath),
    /// The files of the build context that match a pattern (`*` within a part, `**` across parts).
    Glob(String),
    /// The digest and the configuration of an image.
    Image {
        /// What the user or a default named.
        reference: Reference,
        /// For which platform.
        platform: Platform,
    },
    /// The names in the directories where an image has its shared libraries.
    Libraries {
        /// What the user named.
        reference: Reference,
        /// For which platform.
        platform: Platform,
    },
}

/// How much of a file [`Query::Head`] asks for, in bytes.
pub const HEAD_BYTES: u32 = 64 * 1024;

/// Everything that is known so far.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    answers: BTreeMap<Query, Answer>,
}

/// Who asks a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// The place in the manifest, if it is one.
    pub span: Option<Span>,
    /// What to do where there is no such image.
    pub help: Option<String>,
}

/// The one way for planning to look at the outside: known facts are returned, unknown ones noted.
#[derive(Debug)]
pub struct Ask<'a> {
    facts: &'a Facts,
    missing: BTreeMap<Query, Asker>,
    links: BTreeMap<ContextPath, &'a str>,
}

impl Facts {
    /// Nothing is known.
    pub fn new() -> Facts {
        Facts::default()
    }

    /// Notes an answer.
    pub fn insert(&mut self, query: Query, answer: Answer) {
        self.answers.insert(query, answer);
    }

    /// The images that were resolved, in a stable order.
    pub fn images(&self) -> impl Iterator<Item = &ImageFact> {
        self.answers.values().filter_map(|answer| match answer {
            Answer::Image(image) => Some(image.as_ref()),
            _ => None,
        })
    }
}

impl<'a> Ask<'a> {
    /// A questioner over what is known.
    pub fn new(facts: &'a Facts) -> Ask<'a> {
        Ask { facts, missing: BTreeMap::new(), links: BTreeMap::new() }
    }

    /// The content of a file, `Some(None)` when there is no such file, `None` when it is not known yet.
    pub fn file(&mut self, path: &ContextPath) -> Option<Option<&'a [u8]>> {
        self.bytes(path, Query::File(path.clone()))
    }

    /// The first bytes of a file, like [`Ask::file`].
    pub fn head(&mut self, path: &ContextPath) -> Option<Option<&'a [u8]>> {
        self.bytes(path, Query::Head(path.clone()))
    }

    /// The files that match a pattern, `None` when that is not known yet.
    pub fn glob(&mut self, pattern: impl Into<String>) -> Option<&'a BTreeSet<ContextPath>> {
        match self.look_up(Query::Glob(pattern.into()), Asker::default())? {
            Answer::Paths(paths) => Some(paths),
            _ => None,
        }
    }

    /// A resolved image, `None` when it is not known yet; the span says who asked for it, the help what to do where there
    /// is no such image.
    pub fn image(
        &mut self,
        reference: &Spanned<Reference>,
        platform: &Platform,
        help: Option<String>,
    ) -> Option<&'a ImageFact> {
        let query = Query::Image { reference: reference.value.clone(), platform: platform.clone() };
        match self.look_up(query, Asker { span: Some(reference.span), help })? {
            Answer::Image(image) => Some(image),
            _ => None,
        }
    }

    /// The names in an image's directories of shared libraries, `None` when they are not known yet.
    pub fn libraries(
        &mut self,
        reference: &Spanned<Reference>,
        platform: &Platform,
    ) -> Option<&'a BTreeSet<String>> {
        let query = Query::Libraries { reference: reference.value.clone(), platform: platform.clone() };
        match self.look_up(query, Asker { span: Some(reference.span), help: None })? {
            Answer::Names(names) => Some(names),
            _ => None,
        }
    }

    /// The symbolic links that stood where files were looked for, with what they say.
    pub fn links(&self) -> impl Iterator<Item = (&ContextPath, &'a str)> {
        self.links.iter().map(|(path, target)| (path, *target))
    }

    /// The questions that stayed open, and who asks each.
    pub fn into_missing(self) -> BTreeMap<Query, Asker> {
        self.missing
    }

    fn bytes(&mut self, path: &ContextPath, query: Query) -> Option<Option<&'a [u8]>> {
        let answer = self.look_up(query, Asker::default())?;
        if let Answer::Link(target) = answer {
            self.links.insert(path.clone(), target);
        }
        answer.bytes()
    }

    fn look_up(&mut self, query: Query, asker: Asker) -> Option<&'a Answer> {
        let answer = self.facts.answers.get(&query);
        if answer.is_none() {
            self.missing.entry(query).or_insert(asker);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_facts_become_questions_and_known_ones_do_not() {
        let (known, unknown) = (ContextPath::parse("go.mod").unwrap(), ContextPath::parse("go.sum").unwrap());
        let mut facts = Facts::new();
        facts.insert(Query::File(known.clone()), Answer::File(Some(b"module x".to_vec())));
        let mut ask = Ask::new(&facts);
        assert_eq!(ask.file(&known), Some(Some(b"module x".as_slice())));
        assert_eq!(ask.file(&unknown), None);
        assert_eq!(ask.into_missing().into_keys().collect::<Vec<_>>(), [Query::File(unknown)]);
    }
}
