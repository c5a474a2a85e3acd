//! The table of fields as JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::field::{Block, Field, Format, Keys, Shape, one_line};
use super::hint::places;
use super::root::Manifest;

/// What a text without control characters looks like, as a class of characters to leave out.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
/// The same, with tabs and line breaks allowed.
const CONTROL_BUT_LINES: &str = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f";

/// The JSON Schema of manifests (draft 2020-12).
///
/// It accepts whatever the decoder accepts. What JSON's data model cannot see (duplicate keys, tags, the digits of a
/// number as written) is left to the decoder.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for (place, block) in places(Manifest::BLOCK) {
        if !place.is_empty() {
            definitions.insert(block.name.to_owned(), block_schema(block));
        }
    }
    let mut schema = block_schema(Manifest::BLOCK);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Cofferdam manifest");
    schema["$defs"] = Value::Object(definitions);
    schema
}

fn block_schema(block: &'static Block) -> Value {
    let properties: Map<String, Value> =
        block.all_fields().map(|field| (field.key.to_owned(), field_schema(field))).collect();
    let required: Vec<&str> =
        block.all_fields().filter(|field| field.required).map(|field| field.key).collect();
    let mut schema = json!({
        "type": "object",
        "description": one_line(block.doc),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn field_schema(field: &Field) -> Value {
    let mut description = one_line(field.doc);
    if !field.default.is_empty() {
        description.push_str(" Default: ");
        description.push_str(field.default);
        description.push('.');
    }
    let mut schema = shape_schema(&(field.shape)());
    schema["description"] = json!(description);
    schema
}

fn shape_schema(shape: &Shape) -> Value {
    match shape {
        Shape::Text(format) => text_schema(format),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Integer(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Shape::Mode => json!({"anyOf": [
            {"type": "string", "pattern": "^(0o)?0?[0-7]{3}$"},
            {"type": "integer", "minimum": 0, "maximum": 777},
        ]}),
        Shape::Words(words) => json!({"enum": words.iter().map(|(word, _)| word).collect::<Vec<_>>()}),
        Shape::Command(format) => {
            let words = json!({"type": "array", "minItems": 1, "items": text_schema(format)});
            json!({"anyOf": [text_schema(format), words]})
        }
        Shape::List(inner) => json!({"type": "array", "items": shape_schema(inner)}),
        Shape::Map(keys, inner) => json!({
            "type": "object",
            "propertyNames": {"pattern": key_pattern(*keys)},
            "additionalProperties": shape_schema(inner),
        }),
        Shape::Block(block) => {
            let reference = json!({"$ref": format!("#/$defs/{}", block.name)});
            match block.shorthand.and_then(|key| block.field(key)) {
                Some(field) => json!({"anyOf": [shape_schema(&(field.shape)()), reference]}),
                None => reference,
            }
        }
        Shape::Nullable(inner) => json!({"anyOf": [shape_schema(inner), {"type": "null"}]}),
        Shape::Either(shapes) => json!({"anyOf": shapes.iter().map(shape_schema).collect::<Vec<_>>()}),
    }
}

/// A text; one that YAML would read as a number or a truth value is a text too.
fn text_schema(format: &Format) -> Value {
    let control = if format.lines { CONTROL_BUT_LINES } else { CONTROL };
    let count = if format.empty { '*' } else { '+' };
    json!({"type": ["string", "number", "boolean"], "pattern": format!("^[^{control}]{count}$")})
}

fn key_pattern(keys: Keys) -> String {
    match keys {
        Keys::Any => format!("^[^{CONTROL}]+$"),
        Keys::Argument => "^[A-Za-z_][A-Za-z0-9_]*$".to_owned(),
        Keys::Target => "^[A-Za-z0-9][A-Za-z0-9_-]*$".to_owned(),
        Keys::Variable => format!("^[^= {CONTROL}]+$"),
    }
}
