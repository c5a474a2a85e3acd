//! Decoding: walks the tree along the table of fields and collects everything that is wrong.

use super::field::{Block, Keys, Shape};
use super::hint;
use super::value::Value;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rule::Rule;
use crate::text::{Span, Spanned};
use crate::yaml::{Kind, Node};

/// After so many errors of unknown keys the next ones help nobody.
const ENOUGH: usize = 200;

/// What one pass over the tree carries along.
#[derive(Debug)]
pub(crate) struct Decoder {
    found: Diagnostics,
    path: String,
    /// The group for which a single value stands that is being read.
    shorthand: Option<&'static Block>,
}

/// The entries of one mapping, of which a group takes its keys.
#[derive(Debug)]
pub(crate) struct Entries<'a> {
    span: Span,
    rest: Vec<(&'a Spanned<String>, &'a Node)>,
    shorthand: Option<(&'static str, &'a Node)>,
}

impl Decoder {
    /// A decoder that goes on after what was found already.
    pub(crate) fn new(found: Diagnostics) -> Decoder {
        Decoder { found, path: String::new(), shorthand: None }
    }

    /// Everything that was found.
    pub(crate) fn finish(self) -> Diagnostics {
        self.found
    }

    /// Reports something.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Runs `body` one step further down, where `step` is `.key` or `[index]`.
    pub(crate) fn within<T>(&mut self, step: &str, body: impl FnOnce(&mut Decoder) -> T) -> T {
        let outer = self.path.len();
        self.path.push_str(if self.path.is_empty() { step.trim_start_matches('.') } else { step });
        let result = body(self);
        self.path.truncate(outer);
        result
    }

    /// The entries of a group, or nothing when its value is of another kind, which is then reported.
    pub(crate) fn entries<'a>(&mut self, node: &'a Node, block: &'static Block) -> Option<Entries<'a>> {
        match (&node.kind, block.shorthand) {
            (Kind::Mapping(entries), _) => {
                let rest = entries.iter().map(|(key, value)| (key, value)).collect();
                Some(Entries { span: node.span, rest, shorthand: None })
            }
            (Kind::Scalar { .. }, Some(key)) => {
                Some(Entries { span: node.span, rest: Vec::new(), shorthand: Some((key, node)) })
            }
            _ => {
                self.wrong_type(node, &Shape::Block(block));
                None
            }
        }
    }

    /// Reports a value of another kind than its key asks for.
    pub(crate) fn wrong_type(&mut self, node: &Node, expected: &Shape) {
        let whole = self.shorthand.map(Shape::Block);
        let expected = whole.as_ref().unwrap_or(expected);
        let found = hint::wrong_type(&self.path, &self.subject(), node, expected);
        self.report(found.at(node.span));
    }

    /// Reports a value of the right kind that cannot be; `message` goes on after the key.
    pub(crate) fn wrong_content(&mut self, span: Span, message: &str, help: Option<String>) {
        let mut found = Diagnostic::error("invalid-value", format!("{} {message}", self.subject())).at(span);
        found.help = help;
        self.report(found);
    }

    /// Reports a value that breaks a rule; `message` goes on after the key.
    pub(crate) fn broken_rule(&mut self, span: Span, rule: &'static Rule, message: &str) {
        let found = Diagnostic::error(rule.name, format!("{} {message}", self.subject())).at(span);
        self.report(found.why(rule.why).help(rule.mend));
    }

    /// Whether a key of the author's choice keeps the rules; reports it if not.
    pub(crate) fn author_key(&mut self, key: &Spanned<String>, rules: Keys) -> bool {
        let Err(why) = rules.check(&key.value) else { return true };
        let message = format!("{} has the name `{}`, which cannot be", self.subject(), shown(&key.value));
        self.report(Diagnostic::error("invalid-key", message).at(key.span).why(why));
        false
    }

    /// What a message calls the value at hand.
    fn subject(&self) -> String {
        if self.path.is_empty() { "the manifest".to_owned() } else { format!("`{}`", shown(&self.path)) }
    }
}

impl Entries<'_> {
    /// Takes a key; none if it is wrong or missing, which has then been reported.
    pub(crate) fn take<T: Value>(
        &mut self,
        block: &'static Block,
        key: &str,
        decoder: &mut Decoder,
    ) -> Option<T> {
        let field = block.field(key)?;
        if let Some((meant, node)) = self.shorthand {
            if meant != key {
                return T::absent();
            }
            decoder.shorthand = Some(block);
            let value = T::decode(node, field.format, decoder);
            decoder.shorthand = None;
            return value;
        }
        let Some(index) = self.rest.iter().position(|(written, _)| written.value == key) else {
            if T::REQUIRED {
                decoder.report(hint::missing_key(&decoder.subject(), field).at(self.span));
            }
            return T::absent();
        };
        let (_, node) = self.rest.remove(index);
        decoder.within(&format!(".{key}"), |decoder| T::decode(node, field.format, decoder))
    }

    /// Reports the keys that the group does not have.
    pub(crate) fn finish(self, block: &'static Block, decoder: &mut Decoder) {
        for (key, _) in self.rest {
            if decoder.found.len() > ENOUGH {
                break;
            }
            decoder.report(hint::unknown_key(&decoder.path, &key.value, block).at(key.span));
        }
    }
}

/// A text of the manifest as a message may show it: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String =
        text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() > 60 {
        shown.push('…');
    }
    shown
}

/// Words as a list in a sentence.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
