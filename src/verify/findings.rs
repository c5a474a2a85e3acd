//! Collects breaches: names the vertex by its progress name and finds its place in the manifest.

use super::{Case, place};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::name::Digest;
use crate::rule::Rule;
use crate::text;
use crate::wire::pb;

/// A rule as its breaches are reported.
#[derive(Debug)]
pub(super) struct Law {
    /// Its stable name.
    pub(super) name: &'static str,
    /// Why it is a rule.
    pub(super) why: &'static str,
    /// How to mend a breach.
    pub(super) help: &'static str,
}

impl Law {
    /// The law of a rule that no manifest can break.
    pub(super) const fn of(rule: &Rule) -> Law {
        Law { name: rule.name, why: rule.why, help: OUR_BUG }
    }

    /// The law of a rule that a manifest can break.
    pub(super) const fn mendable(rule: &Rule) -> Law {
        Law { name: rule.name, why: rule.why, help: rule.mend }
    }
}

/// How to mend what no manifest can have caused.
pub(super) const OUR_BUG: &str = "no manifest can ask for this, so please report it as a bug of Cofferdam";

/// Every breach so far; after [`MOST`] no more are kept.
pub(super) struct Findings<'a> {
    definitions: Vec<&'a pb::Definition>,
    manifest: &'a text::Source,
    found: Diagnostics,
    errors: usize,
}

/// More breaches than this tell nobody anything.
const MOST: usize = 100;
/// Description key of the name that progress displays show (BuildKit `client/llb`, "custom name").
const CUSTOM_NAME: &str = "llb.customname";
/// Longer names are cut in messages.
const LONGEST_NAME: usize = 120;

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub(super) fn new(case: &Case<'a>) -> Findings<'a> {
        let definitions = std::iter::once(case.image).chain(case.reports.iter().copied()).collect();
        Findings { definitions, manifest: case.manifest, found: Diagnostics::new(), errors: 0 }
    }

    /// A vertex breaks a law; `text` goes on after its name.
    pub(super) fn at(&mut self, vertex: &Digest, law: &Law, text: impl AsRef<str>) {
        if self.is_full() {
            return;
        }
        let message = format!("`{}` {}", self.name(vertex), text.as_ref());
        let mut breach = diagnostic(law, message);
        breach.span =
            self.definitions.iter().find_map(|definition| place::find(definition, vertex, self.manifest));
        self.push(breach);
    }

    /// The image as a whole breaks a law.
    pub(super) fn image(&mut self, law: &Law, message: impl Into<String>) {
        self.push(diagnostic(law, message.into()));
    }

    /// The image as a whole does something doubtful.
    pub(super) fn warn(&mut self, law: &Law, message: impl Into<String>) {
        self.push(Diagnostic { severity: Severity::Warning, ..diagnostic(law, message.into()) });
    }

    /// Whether more breaches would be dropped.
    pub(super) fn is_full(&self) -> bool {
        self.errors >= MOST
    }

    /// What was found.
    pub(super) fn into_diagnostics(self) -> Diagnostics {
        self.found
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.errors += usize::from(diagnostic.severity == Severity::Error);
            self.found.push(diagnostic);
        }
    }

    /// The vertex's name as progress shows it, else its digest's beginning.
    fn name(&self, vertex: &Digest) -> String {
        let metadata = self.definitions.iter().find_map(|graph| graph.metadata.get(vertex.as_str()));
        match metadata.and_then(|metadata| metadata.description.get(CUSTOM_NAME)) {
            Some(name) => quoted(name),
            None => format!("sha256:{}", &vertex.hex()[..12]),
        }
    }
}

/// A text of the graph as messages show it: one line, not too long.
pub(super) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST_NAME).collect();
    cut.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn diagnostic(law: &Law, message: String) -> Diagnostic {
    Diagnostic::error(law.name, message).why(law.why).help(law.help)
}
