//! The values that keys can have, and how each is read from the tree.

use super::decode::Decoder;
use super::field::{Format, Shape};
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

/// Keys of the author's choice with their values, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<T> {
    entries: Vec<(Text, T)>,
}

/// A value or `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nullable<T>(pub Option<T>);

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
            decoder.within(&format!("[{index}]"), |decoder| T::decode(item, format, decoder))
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
                decoder.within(&format!(".{}", key.value), |decoder| T::decode(value, format, decoder));
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
        Shape::Command(format)
    }
}
