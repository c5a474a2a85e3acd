//! The values that keys can have, and how each is read from the tree.

use std::num::NonZeroU16;

use super::decode::Decoder;
use super::field::{Format, Keys, Shape};
use crate::diagnostic::did_you_mean;
use crate::text::{Span, Spanned};
use crate::yaml::{Kind, Node};

/// A text and where it was written.
pub type Text = Spanned<String>;

/// What a key can hold.
pub(crate) trait Value: Sized {
    /// Whether it must be written.
    const REQUIRED: bool;

    /// Reads it; none if it was wrong, which has then been reported.
    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self>;

    /// What holds when it is left out; none if it cannot be.
    fn absent() -> Option<Self> {
        None
    }

    /// What it looks like.
    fn shape(format: &'static Format) -> Shape;
}

/// What a single value can be.
pub(crate) trait Scalar: Sized {
    /// Reads it from the text as written; `plain` tells that the text had no quotes.
    fn parse(text: &str, plain: bool, format: &'static Format) -> Result<Self, Wrong>;

    /// What it looks like.
    fn shape(format: &'static Format) -> Shape;
}

/// Why a single value was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is of another type than its key asks for.
    Type,
    /// It is of the right type, but this is wrong with it; the second text says how to mend it.
    Content(String, Option<String>),
}

/// Keys of the author's choice with their values, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<T> {
    entries: Vec<(Text, T)>,
}

/// A value or `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nullable<T>(pub Option<T>);

/// Permission bits, never set-user-ID, set-group-ID or sticky.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mode(pub u16);

/// A command of the builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A line (or several) for the builder's shell.
    Shell(Text),
    /// A program with its arguments; never empty.
    Words(Vec<Text>),
}

impl<T> Map<T> {
    /// The entries, in the order in which they were written.
    pub fn iter(&self) -> std::slice::Iter<'_, (Text, T)> {
        self.entries.iter()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.entries.iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T> Default for Map<T> {
    fn default() -> Map<T> {
        Map { entries: Vec::new() }
    }
}

impl<'a, T> IntoIterator for &'a Map<T> {
    type Item = &'a (Text, T);
    type IntoIter = std::slice::Iter<'a, (Text, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl Command {
    /// Where it was written.
    pub fn span(&self) -> Span {
        match self {
            Command::Shell(line) => line.span,
            Command::Words(words) => words.iter().map(|word| word.span).reduce(Span::to).unwrap_or_default(),
        }
    }
}

impl<T: Scalar> Value for Spanned<T> {
    const REQUIRED: bool = true;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self> {
        let Kind::Scalar { text, plain } = &node.kind else {
            decoder.wrong_type(node, &T::shape(format));
            return None;
        };
        match T::parse(text, *plain, format) {
            Ok(value) => Some(Spanned::new(value, node.span)),
            Err(Wrong::Type) => {
                decoder.wrong_type(node, &T::shape(format));
                None
            }
            Err(Wrong::Content(message, help)) => {
                decoder.wrong_content(node.span, &message, help);
                None
            }
        }
    }

    fn shape(format: &'static Format) -> Shape {
        T::shape(format)
    }
}

impl<T: Value> Value for Option<T> {
    const REQUIRED: bool = false;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self> {
        T::decode(node, format, decoder).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn shape(format: &'static Format) -> Shape {
        T::shape(format)
    }
}

impl<T: Value> Value for Vec<T> {
    const REQUIRED: bool = false;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self> {
        let Kind::Sequence(nodes) = &node.kind else {
            decoder.wrong_type(node, &Self::shape(format));
            return None;
        };
        let items = nodes.iter().enumerate().map(|(index, item)| {
            decoder.within(format!("[{index}]"), |decoder| T::decode(item, format, decoder))
        });
        items.collect::<Vec<Option<T>>>().into_iter().collect()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::List(Box::new(T::shape(format)))
    }
}

impl<T: Value> Value for Map<T> {
    const REQUIRED: bool = false;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self> {
        let Kind::Mapping(entries) = &node.kind else {
            decoder.wrong_type(node, &Self::shape(format));
            return None;
        };
        let entries = entries.iter().map(|(key, value)| {
            let named = decoder.author_key(key, format.keys);
            let value =
                decoder.within(format!(".{}", key.value), |decoder| T::decode(value, format, decoder));
            named.then(|| key.clone()).zip(value)
        });
        let entries = entries.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
        Some(Map { entries })
    }

    fn absent() -> Option<Self> {
        Some(Map::default())
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::Map(format.keys, Box::new(T::shape(format)))
    }
}

impl<T: Value> Value for Nullable<T> {
    const REQUIRED: bool = true;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self> {
        if node.kind == Kind::Null {
            return Some(Nullable(None));
        }
        T::decode(node, format, decoder).map(|value| Nullable(Some(value)))
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::Nullable(Box::new(T::shape(format)))
    }
}

impl Value for Command {
    const REQUIRED: bool = true;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Self> {
        match &node.kind {
            Kind::Sequence(words) if words.is_empty() => {
                let help = "write the program and its arguments, such as `[make, install]`".to_owned();
                decoder.wrong_content(node.span, "is a command without words", Some(help));
                None
            }
            Kind::Sequence(_) => Vec::decode(node, format, decoder).map(Command::Words),
            Kind::Scalar { .. } => Text::decode(node, format, decoder).map(Command::Shell),
            _ => {
                decoder.wrong_type(node, &Self::shape(format));
                None
            }
        }
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::Either(vec![Shape::Text(format), Shape::List(Box::new(Shape::Text(format)))])
    }
}

impl Scalar for String {
    fn parse(text: &str, _: bool, format: &'static Format) -> Result<String, Wrong> {
        check_text(text, format)?;
        Ok(text.to_owned())
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::Text(format)
    }
}

impl Scalar for bool {
    fn parse(text: &str, plain: bool, _: &'static Format) -> Result<bool, Wrong> {
        match text {
            "true" if plain => Ok(true),
            "false" if plain => Ok(false),
            _ => Err(Wrong::Type),
        }
    }

    fn shape(_: &'static Format) -> Shape {
        Shape::Bool
    }
}

impl Scalar for u32 {
    fn parse(text: &str, plain: bool, _: &'static Format) -> Result<u32, Wrong> {
        integer(text, plain, 0, u32::MAX)
    }

    fn shape(_: &'static Format) -> Shape {
        Shape::Integer(0, u32::MAX)
    }
}

impl Scalar for NonZeroU16 {
    fn parse(text: &str, plain: bool, _: &'static Format) -> Result<NonZeroU16, Wrong> {
        let number = integer(text, plain, 1, u32::from(u16::MAX))?;
        u16::try_from(number).ok().and_then(NonZeroU16::new).ok_or(Wrong::Type)
    }

    fn shape(_: &'static Format) -> Shape {
        Shape::Integer(1, u32::from(u16::MAX))
    }
}

impl Scalar for Mode {
    fn parse(text: &str, _: bool, _: &'static Format) -> Result<Mode, Wrong> {
        let digits = text.strip_prefix("0o").or(text.strip_prefix('0')).unwrap_or(text);
        if digits.len() != 3 || !digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
            return Err(Wrong::Type);
        }
        u16::from_str_radix(digits, 8).map(Mode).map_err(|_| Wrong::Type)
    }

    fn shape(_: &'static Format) -> Shape {
        Shape::Mode
    }
}

impl Wrong {
    /// A word that is none of the choices.
    pub(crate) fn word(text: &str, choices: &[&str], later: &[&str]) -> Wrong {
        if later.contains(&text) {
            let message = format!("is `{text}`, which this version does not know yet");
            return Wrong::Content(message, Some(format!("it knows {}", list(choices))));
        }
        let lower = text.to_lowercase();
        let near = did_you_mean(&lower, choices.iter().copied())
            .or_else(|| choices.iter().copied().find(|choice| lower.starts_with(choice)));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", list(choices)),
        };
        Wrong::Content(
            format!("does not know the word `{}`", crate::manifest::decode::shown(text)),
            Some(help),
        )
    }
}

/// Whether a text keeps the rules of its format.
fn check_text(text: &str, format: &Format) -> Result<(), Wrong> {
    if text.is_empty() && !format.empty {
        return Err(Wrong::Content(
            "is empty".to_owned(),
            Some("write a value, or leave the key out".to_owned()),
        ));
    }
    let allowed = |c: char| !c.is_control() || (format.lines && matches!(c, '\n' | '\t'));
    match text.chars().find(|&c| !allowed(c)) {
        None => Ok(()),
        Some('\n') => {
            Err(Wrong::Content("has a line break".to_owned(), Some("write it on one line".to_owned())))
        }
        Some(c) => Err(Wrong::Content(format!("has the control character U+{:04X}", u32::from(c)), None)),
    }
}

/// A whole number in decimal digits.
fn integer(text: &str, plain: bool, least: u32, most: u32) -> Result<u32, Wrong> {
    let canonical = text == "0" || !text.starts_with('0');
    if !plain || !canonical || text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Wrong::Type);
    }
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(Wrong::Type),
    }
}

/// Words as a list in a sentence.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

impl Keys {
    /// What is wrong with a key.
    pub(crate) fn check(self, key: &str) -> Result<(), &'static str> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if key.is_empty() {
            return Err("a name cannot be empty");
        }
        if key.chars().any(char::is_control) {
            return Err("a name cannot have control characters");
        }
        match self {
            Keys::Argument if !key.bytes().all(word) || key.starts_with(|c: char| c.is_ascii_digit()) => {
                Err("the name of a build argument has letters, digits and `_` only, and no digit first")
            }
            Keys::Variable if key.contains('=') => Err("the name of a variable cannot have a `=`"),
            _ => Ok(()),
        }
    }
}
