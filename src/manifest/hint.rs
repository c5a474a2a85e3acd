//! What a message says beyond the fact: the key that was meant, the value that was expected.

use super::decode::{list, shown};
use super::field::{Block, Field, Shape, one_line};
use super::root::Manifest;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::yaml::{Kind, Node};

/// A key that its group does not have; `path` names the group's place.
pub(crate) fn unknown_key(path: &str, key: &str, block: &'static Block) -> Diagnostic {
    let place = if path.is_empty() { "the manifest".to_owned() } else { format!("`{}`", shown(path)) };
    if block.later.contains(&key) {
        let message = format!("this version does not know the key `{key}` of {place} yet");
        return Diagnostic::error("unknown-key", message).help(its_keys(block));
    }
    let found = Diagnostic::error("unknown-key", format!("`{}` is not a key of {place}", shown(key)));
    found.help(meant_key(key, block).unwrap_or_else(|| its_keys(block)))
}

/// A key that must be written and is not; `subject` names its group's place.
pub(crate) fn missing_key(subject: &str, field: &Field) -> Diagnostic {
    let mut about = one_line(field.doc).trim_end_matches('.').to_owned();
    if let Some(first) = about.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Diagnostic::error("missing-key", format!("{subject} lacks the key `{}`", field.key))
        .help(format!("`{}` is {about}", field.key))
}

/// A value of another kind than its key asks for; `path` leads to it and is empty for the whole manifest.
pub(crate) fn wrong_type(path: &str, subject: &str, node: &Node, expected: &Shape) -> Diagnostic {
    let message = match &node.kind {
        Kind::Null => format!("{subject} has no value, but must be {}", describe(expected)),
        kind => format!("{subject} must be {}, not {}", describe(expected), found(kind)),
    };
    let diagnostic = Diagnostic::error("wrong-type", message);
    if path.is_empty() {
        return diagnostic;
    }
    // An entry of a list has no key of its own.
    let key = path.rsplit('.').next().filter(|step| !step.ends_with(']'));
    let prefix = key.map_or_else(String::new, |key| format!("{key}: "));
    match mend(&prefix, &node.kind, expected) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn its_keys(block: &'static Block) -> String {
    let keys: Vec<&str> = block.all_fields().map(|field| field.key).collect();
    format!("its keys are {}", list(&keys).replace(" or ", " and "))
}

/// What the author of an unknown key most likely meant.
fn meant_key(key: &str, block: &'static Block) -> Option<String> {
    let normal = normalised(key);
    if block.field(&normal).is_some() {
        return Some(format!("keys have lower-case letters and hyphens: write `{normal}`"));
    }
    if let Some((_, hint)) = block.foreign.iter().find(|(word, _)| *word == normal) {
        return Some((*hint).to_owned());
    }
    if key == "<<" {
        return Some("merging is not part of YAML 1.2; write the keys out".to_owned());
    }
    if key.contains('{') {
        return Some("put a space after the `:`, and texts with braces in quotes".to_owned());
    }
    if let Some(place) = elsewhere(&normal) {
        return Some(place);
    }
    let near = did_you_mean(&normal, block.all_fields().map(|field| field.key))?;
    Some(format!("did you mean `{near}`?"))
}

/// Where else there is such a key; entries of lists count only where nothing else has it.
fn elsewhere(key: &str) -> Option<String> {
    let having: Vec<String> = places(Manifest::BLOCK)
        .into_iter()
        .filter(|(_, block)| block.field(key).is_some())
        .map(|(place, _)| place)
        .collect();
    if having.iter().any(String::is_empty) {
        return Some(format!("`{key}` belongs at the top of the manifest"));
    }
    let (entries, groups): (Vec<&str>, Vec<&str>) =
        having.iter().map(String::as_str).partition(|place| place.ends_with(']'));
    let places = if groups.is_empty() { entries } else { groups };
    (!places.is_empty()).then(|| format!("`{key}` is a key of {}", list(&places)))
}

/// A key as it would be written here: `stopSignal`, `STOP_SIGNAL` and `stop_signal` are `stop-signal`.
fn normalised(key: &str) -> String {
    let lower_before = key.bytes().any(|b| b.is_ascii_lowercase());
    let mut normal = String::with_capacity(key.len());
    for c in key.chars().take(64) {
        match c {
            '_' | ' ' => normal.push('-'),
            c if c.is_ascii_uppercase() => {
                if lower_before && !normal.is_empty() && !normal.ends_with('-') {
                    normal.push('-');
                }
                normal.push(c.to_ascii_lowercase());
            }
            c => normal.push(c),
        }
    }
    normal
}

/// Every group of keys with the place where it is written, outermost first.
pub(crate) fn places(root: &'static Block) -> Vec<(String, &'static Block)> {
    let mut places = vec![(String::new(), root)];
    let mut next = 0;
    while let Some((place, block)) = places.get(next).cloned() {
        for field in block.all_fields() {
            let dot = if place.is_empty() { "" } else { "." };
            collect(&(field.shape)(), &format!("{place}{dot}{}", field.key), &mut places);
        }
        next += 1;
    }
    places
}

fn collect(shape: &Shape, place: &str, places: &mut Vec<(String, &'static Block)>) {
    match shape {
        Shape::Block(block) => places.push((place.to_owned(), *block)),
        Shape::List(inner) => collect(inner, &format!("{place}[]"), places),
        Shape::Map(_, inner) | Shape::Nullable(inner) => collect(inner, place, places),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| collect(shape, place, places)),
        Shape::Text(_)
        | Shape::Command(_)
        | Shape::Bool
        | Shape::Integer(..)
        | Shape::Mode
        | Shape::Words(_) => {}
    }
}

/// What a shape is called in a sentence.
pub(crate) fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Text(format) => with_article(format.name),
        Shape::Command(_) => "a command: a text for the shell or a list of words".to_owned(),
        Shape::Bool => "`true` or `false`".to_owned(),
        Shape::Integer(0, u32::MAX) => "a whole number".to_owned(),
        Shape::Integer(least, most) => format!("a whole number from {least} to {most}"),
        Shape::Mode => "permission bits in octal such as `0644`".to_owned(),
        Shape::Words(words) => list(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
        Shape::List(inner) => match &**inner {
            Shape::Text(format) => format!("a list of {}s", format.name),
            Shape::Integer(least, most) => format!("a list of whole numbers from {least} to {most}"),
            Shape::Block(block) => format!("a list of blocks with the keys {}", keys(block)),
            inner => format!("a list, each entry {}", describe(inner)),
        },
        Shape::Map(..) => "a block of names and values".to_owned(),
        Shape::Block(block) => match block.shorthand.and_then(|key| block.field(key)) {
            Some(field) => {
                format!("{}, or a block with the keys {}", describe(&(field.shape)()), keys(block))
            }
            None => format!("a block with the keys {}", keys(block)),
        },
        Shape::Nullable(inner) => format!("{} or `null`", describe(inner)),
        Shape::Either(shapes) => shapes.iter().map(describe).collect::<Vec<_>>().join(", or "),
    }
}

fn keys(block: &'static Block) -> String {
    let keys: Vec<&str> = block.all_fields().map(|field| field.key).collect();
    match keys.get(..5) {
        Some(first) if keys.len() > 6 => format!("{} …", list(first).replace(" or ", ", ")),
        _ => list(&keys).replace(" or ", " and "),
    }
}

fn with_article(noun: &str) -> String {
    format!("{} {noun}", if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

fn found(kind: &Kind) -> String {
    match kind {
        Kind::Scalar { text, plain: true } => format!("`{}`", shown(text)),
        Kind::Scalar { text, plain: false } => format!("the text \"{}\" in quotes", shown(text)),
        other => other.noun().to_owned(),
    }
}

/// The value as it should be written, made of what was written where that is possible.
fn mend(prefix: &str, kind: &Kind, expected: &Shape) -> Option<String> {
    let write = |value: &str| Some(format!("write `{prefix}{value}`"));
    match (kind, expected) {
        (Kind::Null, Shape::Text(format)) if format.empty => {
            Some("write \"\" for an empty text, or remove it".to_owned())
        }
        (Kind::Null, _) => Some("write a value, or remove it".to_owned()),
        (Kind::Scalar { text, .. }, Shape::Bool) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => write("true"),
            "false" | "no" | "off" | "n" | "0" => write("false"),
            _ => None,
        },
        (Kind::Scalar { text, plain: false }, Shape::Integer(..)) if text.parse::<u32>().is_ok() => {
            Some("remove the quotes".to_owned())
        }
        (Kind::Scalar { text, .. }, Shape::Integer(..)) if text.contains(['/', ':']) => {
            Some("write the number alone".to_owned())
        }
        (Kind::Scalar { text, .. }, Shape::List(inner))
            if matches!(**inner, Shape::Text(_) | Shape::Integer(..)) =>
        {
            let words: Vec<String> = text.split_whitespace().map(quoted).collect();
            write(&format!("[{}]", shown(&words.join(", "))))
        }
        (Kind::Scalar { .. }, Shape::List(_)) => write(&format!("[{}]", example(expected))),
        (Kind::Mapping(_), Shape::List(inner)) if matches!(**inner, Shape::Block(_)) => {
            Some(format!("write a list, even of one: `{prefix}[{}]`", example(inner)))
        }
        (Kind::Sequence(items), Shape::Map(..)) => match items.first().map(|item| &item.kind) {
            Some(Kind::Scalar { text, .. }) if text.contains('=') => {
                let (name, value) = text.split_once('=')?;
                write(&format!("{{{}: {}}}", shown(name), quoted(&shown(value))))
            }
            _ => write("{NAME: value}"),
        },
        (_, Shape::Map(..)) => write("{NAME: value}"),
        (_, Shape::Block(_)) => write(&example(expected)),
        (Kind::Sequence(_) | Kind::Mapping(_), Shape::Text(_)) => {
            Some("where a text with brackets or braces is meant, put it in quotes".to_owned())
        }
        _ => None,
    }
}

/// A value of a shape, as an example.
pub(crate) fn example(shape: &Shape) -> String {
    match shape {
        Shape::Text(_) | Shape::Command(_) | Shape::Either(_) => "…".to_owned(),
        Shape::Bool => "true".to_owned(),
        Shape::Integer(_, most) => if *most > 65_535 { "10001" } else { "8080" }.to_owned(),
        Shape::Mode => "0644".to_owned(),
        Shape::Words(words) => words.first().map_or_else(String::new, |(word, _)| (*word).to_owned()),
        Shape::List(inner) => format!("[{}]", example(inner)),
        Shape::Map(..) => "{NAME: value}".to_owned(),
        Shape::Nullable(inner) => example(inner),
        Shape::Block(block) => {
            let required: Vec<&Field> = block.all_fields().filter(|field| field.required).collect();
            let fields = if required.is_empty() { block.fields.iter().take(1).collect() } else { required };
            let entries: Vec<String> =
                fields.iter().map(|field| format!("{}: {}", field.key, example(&(field.shape)()))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A text as a list in brackets can hold it.
fn quoted(text: &str) -> String {
    let special = |c: char| {
        matches!(
            c,
            ',' | '['
                | ']'
                | '{'
                | '}'
                | ':'
                | '#'
                | '&'
                | '*'
                | '!'
                | '|'
                | '>'
                | '\''
                | '"'
                | '%'
                | '@'
                | '`'
        )
    };
    if text.is_empty() || text.contains(special) { format!("{text:?}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_hint_is_about_a_key_that_there_is() {
        for (place, block) in places(Manifest::BLOCK) {
            let words = block.foreign.iter().map(|(word, _)| word).chain(block.later);
            let mut seen = BTreeSet::new();
            for word in words {
                assert!(block.field(word).is_none(), "`{word}` is a key of `{place}`");
                assert!(seen.insert(word), "`{word}` has two hints in `{place}`");
                assert_eq!(normalised(word), *word, "`{word}` is never looked up so");
            }
        }
    }

    #[test]
    fn blocks_have_names_of_their_own_and_fields_have_one_place() {
        let mut names = std::collections::BTreeMap::new();
        for (place, block) in places(Manifest::BLOCK) {
            let first = *names.entry(block.name).or_insert(block.doc);
            assert_eq!(first, block.doc, "two blocks are called `{}`", block.name);
            let keys: BTreeSet<&str> = block.all_fields().map(|field| field.key).collect();
            assert_eq!(keys.len(), block.all_fields().count(), "a key is twice in `{place}`");
        }
    }

    #[test]
    fn keys_are_recognised_however_they_are_written() {
        for written in ["stopSignal", "STOP_SIGNAL", "stop_signal", "Stop-Signal", "stop signal"] {
            assert_eq!(normalised(written), "stop-signal");
        }
    }

    #[test]
    fn build_arguments_are_replaced_where_the_design_says_so() {
        let interpolated = |place: &str, key: &str| {
            let places = places(Manifest::BLOCK);
            let (_, block) = places.iter().find(|(other, _)| other == place).unwrap();
            block.field(key).unwrap().interpolated()
        };
        for (place, key) in [("binary", "from"), ("runtime", "env"), ("runtime", "base"), ("build", "run")] {
            assert!(interpolated(place, key), "{place}.{key}");
        }
        for (place, key) in [
            ("runtime.user", "name"),
            ("fetch", "secrets"),
            ("fetch.secrets[]", "id"),
            ("fetch.secrets[]", "target"),
            ("exceptions[]", "path"),
            ("", "args"),
        ] {
            assert!(!interpolated(place, key), "{place}.{key}");
        }
    }
}
