//! The table of fields as the reference page.

use std::fmt::Write as _;

use super::field::{Block, Field, Shape, one_line};
use super::hint::places;
use super::root::Manifest;

/// Where the whole manifest stands in the introduction.
const EXAMPLE: &str = "${EXAMPLE}";

const INTRODUCTION: &str = "\
<!-- Generated from the table of fields in src/manifest. To renew it: COFFERDAM_UPDATE=1 cargo test --test manifest_docs -->
# The manifest

This is a whole one, of [examples/go-scratch](../examples/go-scratch); most applications need less, and the first line
is enough where the files tell the rest:

```yaml
${EXAMPLE}```

A manifest is one YAML document (JSON is YAML too) of at most 1 MiB in UTF-8. It is read strictly: a key that is not
listed here, a key that is written twice, a value of another type, an empty text and a control character are errors.
Values are read as they are written, so that `version: 3.10` is the text `3.10`. A list that is left out is empty, and
an empty list is as good as none.

Where the column `${}` says *yes*, `${NAME}` in a value stands for the build argument `NAME`, which `args` declares;
`$$` stands for a single `$`, and any other `$` for itself. A text with `${` in it needs quotes only where YAML asks
for them, such as within `{…}` and `[…]`.
";

/// The reference of all keys, as Markdown, with a whole manifest at its head.
pub fn reference(example: &str) -> String {
    let mut page = INTRODUCTION.replace(EXAMPLE, example);
    let places = places(Manifest::BLOCK);
    for (place, block) in &places {
        section(&mut page, place, block);
    }
    foreign(&mut page, &places);
    page
}

fn section(page: &mut String, place: &str, block: &'static Block) {
    let heading = if place.is_empty() { "Top level".to_owned() } else { format!("`{place}`") };
    let _ = write!(page, "\n## {heading}\n\n{}\n\n", one_line(block.doc));
    if let Some(key) = block.shorthand {
        let last = place.rsplit('.').next().unwrap_or_default();
        let _ = write!(page, "`{last}: VALUE` is short for `{last}: {{{key}: VALUE}}`.\n\n");
    }
    page.push_str("| Key | Value | Default | `${}` | Meaning |\n|---|---|---|---|---|\n");
    for field in block.all_fields() {
        row(page, place, field);
    }
    for field in block.all_fields() {
        for (word, meaning) in words(&(field.shape)()) {
            let _ = write!(page, "\n- `{}` `{word}`:{meaning}", field.key);
        }
    }
    if !page.ends_with('\n') {
        page.push('\n');
    }
}

/// The words that may stand in a value, each with its meaning.
fn words(shape: &Shape) -> Vec<(&'static str, &'static str)> {
    match shape {
        Shape::Words(words) => words.to_vec(),
        Shape::List(inner) | Shape::Map(_, inner) | Shape::Nullable(inner) => words(inner),
        Shape::Either(shapes) => shapes.iter().flat_map(words).collect(),
        Shape::Text(_)
        | Shape::Command(_)
        | Shape::Bool
        | Shape::Integer(..)
        | Shape::Mode
        | Shape::Block(_) => Vec::new(),
    }
}

fn row(page: &mut String, place: &str, field: &Field) {
    let shape = (field.shape)();
    let dot = if place.is_empty() { "" } else { "." };
    let default = if field.required { "*required*" } else { field.default };
    let interpolated = if field.interpolated() { "yes" } else { "" };
    let value = noun(&shape, &format!("{place}{dot}{}", field.key), false);
    let _ = writeln!(
        page,
        "| `{}` | {value} | {default} | {interpolated} | {} |",
        field.key,
        one_line(field.doc)
    );
}

/// What a shape is called in the reference; `place` is where a group of keys has its section.
fn noun(shape: &Shape, place: &str, many: bool) -> String {
    let plural = if many { "s" } else { "" };
    match shape {
        Shape::Text(format) => format!("{}{plural}", format.name),
        Shape::Bool => "`true` or `false`".to_owned(),
        Shape::Integer(0, u32::MAX) => format!("number{plural}"),
        Shape::Integer(least, most) => format!("number{plural} from {least} to {most}"),
        Shape::Mode => "octal permission bits".to_owned(),
        Shape::Words(words) => {
            words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Shape::Command(format) => format!("{}{plural} (a text, or a list of words)", format.name),
        Shape::List(inner) => format!("list of {}", noun(inner, &format!("{place}[]"), true)),
        Shape::Map(_, inner) => format!("names, each with a {}", noun(inner, place, false)),
        Shape::Block(block) => {
            let link = format!("[block{plural}](#{})", anchor(place));
            match block.shorthand.and_then(|key| block.field(key)) {
                Some(field) => format!("{}, or {link}", noun(&(field.shape)(), place, many)),
                None => link,
            }
        }
        Shape::Nullable(inner) => format!("{} or `null`", noun(inner, place, many)),
        Shape::Either(shapes) => {
            shapes.iter().map(|shape| noun(shape, place, many)).collect::<Vec<_>>().join(", or ")
        }
    }
}

/// The fragment of a heading's link.
fn anchor(place: &str) -> String {
    place.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// The words of other tools, as the hints have them.
fn foreign(page: &mut String, places: &[(String, &'static Block)]) {
    page.push_str("\n## Words of other tools\n\n");
    page.push_str("These are no keys; the message for each of them says the same as this list.\n\n");
    page.push_str("| Place | Word | Here |\n|---|---|---|\n");
    for (place, block) in places {
        let place = if place.is_empty() { "top level".to_owned() } else { format!("`{place}`") };
        for (word, hint) in block.foreign {
            let _ = writeln!(page, "| {place} | `{word}` | {hint} |");
        }
    }
}
