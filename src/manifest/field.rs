//! The table of fields: what each key is called, holds, defaults to and means.
//!
//! Decoding, hints, the JSON Schema and the reference page all read these records; nothing about a key is said
//! anywhere else.

/// What is said of a key or a group, without the line breaks of its source.
pub(super) fn one_line(doc: &str) -> String {
    doc.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A group of keys, such as everything under `runtime`.
#[derive(Debug)]
pub struct Block {
    /// The name of the group in the reference and in the schema.
    pub name: &'static str,
    /// What the group is for.
    pub doc: &'static str,
    /// The keys, in the order of the reference.
    pub fields: &'static [Field],
    /// A group whose keys are written among this group's own.
    pub flattened: Option<&'static Block>,
    /// The key that is meant when a single value stands where the group belongs.
    pub shorthand: Option<&'static str>,
    /// Words that other tools use here, each with what to write instead.
    pub foreign: &'static [(&'static str, &'static str)],
    /// Keys that later versions understand.
    pub later: &'static [&'static str],
}

/// One key.
#[derive(Debug)]
pub struct Field {
    /// The key as it is written.
    pub key: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// What holds when it is left out; empty where that is nothing.
    pub default: &'static str,
    /// Whether it must be written.
    pub required: bool,
    /// The rules for the texts in its value.
    pub format: &'static Format,
    /// What its value looks like.
    pub shape: fn() -> Shape,
}

/// The rules for the texts within a value.
#[derive(Debug)]
pub struct Format {
    /// What such a text is called in the reference and in messages.
    pub name: &'static str,
    /// Whether `${NAME}` stands for a build argument.
    pub interpolated: bool,
    /// Whether it may be empty.
    pub empty: bool,
    /// Whether it may have line breaks and tabs.
    pub lines: bool,
    /// What keys a mapping may have.
    pub keys: Keys,
}

/// The rules for the keys that the manifest's author chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Anything that is not empty and has no control characters.
    Any,
    /// The name of a build argument: letters, digits and `_`, not starting with a digit.
    Argument,
    /// The name of a build's target: letters, digits, `-` and `_`, beginning with a letter or digit.
    Target,
    /// The name of an environment variable: anything without `=` and blanks.
    Variable,
}

/// What a value looks like.
#[derive(Debug)]
pub enum Shape {
    /// A text of some format.
    Text(&'static Format),
    /// `true` or `false`.
    Bool,
    /// A whole number between two others.
    Integer(u32, u32),
    /// Permission bits in octal.
    Mode,
    /// One of some words, each with its meaning.
    Words(&'static [(&'static str, &'static str)]),
    /// A command: a text for a shell, or a list of words that is not empty.
    Command(&'static Format),
    /// Any number of values.
    List(Box<Shape>),
    /// Keys of the author's choice with their values.
    Map(Keys, Box<Shape>),
    /// A group of keys.
    Block(&'static Block),
    /// A value or `null`.
    Nullable(Box<Shape>),
    /// One of several shapes.
    Either(Vec<Shape>),
}

impl Format {
    /// A text on one line in which build arguments are replaced.
    pub const TEXT: Format =
        Format { name: "text", interpolated: true, empty: false, lines: false, keys: Keys::Any };
    /// A text on one line that stands for itself.
    pub const LITERAL: Format = Format { interpolated: false, ..Format::TEXT };
    /// A path.
    pub const PATH: Format = Format { name: "path", ..Format::TEXT };
    /// A pattern for paths.
    pub const PATTERN: Format = Format { name: "pattern", ..Format::TEXT };
    /// An image reference or the name of a base.
    pub const IMAGE: Format = Format { name: "image", ..Format::TEXT };
    /// A command; line breaks are the shell's.
    pub const COMMAND: Format = Format { name: "command", lines: true, ..Format::TEXT };
    /// The values of labels and annotations.
    pub const LABELS: Format = Format { empty: true, lines: true, ..Format::TEXT };
    /// The values of environment variables.
    pub const VARIABLES: Format = Format { keys: Keys::Variable, ..Format::LABELS };
    /// The defaults of build arguments.
    pub const ARGUMENTS: Format = Format { interpolated: false, keys: Keys::Argument, ..Format::LABELS };
}

impl Block {
    /// All keys that may be written in this group.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        let inner = self.flattened.map_or::<&[Field], _>(&[], |block| block.fields);
        self.fields.iter().chain(inner)
    }

    /// The record of a key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.all_fields().find(|field| field.key == key)
    }
}

impl Field {
    /// Whether `${NAME}` in its value stands for a build argument.
    pub fn interpolated(&self) -> bool {
        (self.shape)().interpolated()
    }
}

impl Shape {
    /// Whether there is a text in it in which build arguments are replaced.
    fn interpolated(&self) -> bool {
        match self {
            Shape::Text(format) | Shape::Command(format) => format.interpolated,
            Shape::List(inner) | Shape::Map(_, inner) | Shape::Nullable(inner) => inner.interpolated(),
            Shape::Either(shapes) => shapes.iter().any(Shape::interpolated),
            Shape::Bool | Shape::Integer(..) | Shape::Mode | Shape::Words(_) | Shape::Block(_) => false,
        }
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
            Keys::Target if !is_target(key) => {
                Err("the name of a target has letters, digits, `-` and `_` only, a letter or digit first")
            }
            Keys::Variable if key.contains(['=', ' ']) => {
                Err("the name of a variable cannot have a `=` or a blank")
            }
            _ => Ok(()),
        }
    }
}

/// Whether a word can name a build's target.
pub fn is_target(key: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    key.bytes().all(word) && key.starts_with(|c: char| c.is_ascii_alphanumeric())
}
