//! Single values: texts, truth values, numbers, permission bits.

use std::num::NonZeroU16;

use super::decode::{Decoder, list, shown};
use super::field::{Format, Shape};
use super::value::Value;
use crate::diagnostic::did_you_mean;
use crate::rule::{self, Rule};
use crate::text::Spanned;
use crate::yaml::{Kind, Node};

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
    /// It breaks a rule, and this is what it does; the rule says the rest.
    Rule(&'static Rule, String),
}

/// The number of a user or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u32);

/// Permission bits, never set-user-ID, set-group-ID or sticky.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mode(pub u16);

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
            Err(Wrong::Rule(rule, message)) => {
                decoder.broken_rule(node.span, rule, &message);
                None
            }
        }
    }

    fn shape(format: &'static Format) -> Shape {
        T::shape(format)
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

impl Scalar for Id {
    fn parse(text: &str, plain: bool, format: &'static Format) -> Result<Id, Wrong> {
        let is_bool = plain && ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
        let is_name = text.starts_with(|c: char| c.is_alphabetic() || c == '_') && !is_bool;
        let wrong =
            || Wrong::Rule(&rule::USER_NOT_NUMERIC, format!("is the name `{}`, not a number", shown(text)));
        u32::parse(text, plain, format).map(Id).map_err(|error| if is_name { wrong() } else { error })
    }

    fn shape(format: &'static Format) -> Shape {
        u32::shape(format)
    }
}

impl Scalar for u8 {
    fn parse(text: &str, plain: bool, _: &'static Format) -> Result<u8, Wrong> {
        let number = integer(text, plain, 0, u32::from(u8::MAX))?;
        u8::try_from(number).map_err(|_| Wrong::Type)
    }

    fn shape(_: &'static Format) -> Shape {
        Shape::Integer(0, u32::from(u8::MAX))
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
        let digits = text.strip_prefix("0o").unwrap_or(text);
        let digits = if digits.len() == 4 { digits.strip_prefix('0').unwrap_or(digits) } else { digits };
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
        let lower = text.to_ascii_lowercase();
        let near = did_you_mean(&lower, choices.iter().copied())
            .or_else(|| choices.iter().copied().find(|choice| lower.starts_with(choice)));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", list(choices)),
        };
        Wrong::Content(format!("does not know the word `{}`", shown(text)), Some(help))
    }
}

/// Whether a text keeps the rules of its format.
fn check_text(text: &str, format: &Format) -> Result<(), Wrong> {
    if text.is_empty() && !format.empty {
        return Err(Wrong::Content("is empty".to_owned(), Some("write a value, or leave it out".to_owned())));
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
