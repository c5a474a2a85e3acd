//! Questions about a build, answered without building (BuildKit `frontend/subrequests`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::definition::Definition;
use super::failure::Failure;
use crate::manifest;
use crate::report;
use crate::wire::gateway;

/// Answers a question by its id.
pub(super) fn answer(request: &str, definition: &Definition) -> Result<gateway::Result, Failure> {
    match request {
        "frontend.subrequests.describe" => Ok(reply("1.0.0", &describe(), describe_text())),
        "frontend.lint" => Ok(lint(definition)),
        "frontend.cofferdam.schema" | "cofferdam.schema" => {
            let schema = manifest::schema();
            Ok(reply("1.0.0", &schema, format!("{schema:#}\n")))
        }
        other => Err(Failure::plain(format!("unsupported request {other}"))),
    }
}

/// The questions that are answered.
const KNOWN: [(&str, &str); 3] = [
    ("frontend.subrequests.describe", "List the questions that this frontend answers"),
    ("frontend.lint", "Check the manifest without building"),
    ("frontend.cofferdam.schema", "Print the manifest's JSON Schema"),
];

fn describe() -> Value {
    KNOWN
        .iter()
        .map(|(name, description)| json!({"name": name, "version": "1.0.0", "type": "rpc", "description": description}))
        .collect()
}

fn describe_text() -> String {
    let line = |(name, description): &(&str, &str)| {
        format!("{:<24} 1.0.0 {description}\n", name.trim_start_matches("frontend."))
    };
    KNOWN.iter().map(line).collect()
}

/// What is wrong with the manifest as far as it alone can tell.
fn lint(definition: &Definition) -> gateway::Result {
    let source = &definition.source;
    let found = match manifest::read(source) {
        Ok((_, warnings)) => warnings,
        Err(found) => found,
    };
    let failed = found.has_errors();
    let text = report::plain(&found, source);
    let warnings: Vec<Value> = found
        .iter()
        .map(|item| {
            let (start, end) = source.positions(item.span.unwrap_or_default());
            let at = |position: crate::text::Position| json!({"line": position.line, "character": position.column});
            json!({
                "ruleName": item.code,
                "description": item.why.as_deref().unwrap_or(item.code),
                "detail": report::headline(item, source),
                "location": {"sourceIndex": 0, "ranges": [{"start": at(start), "end": at(end)}]},
            })
        })
        .collect();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, source.text());
    let json = json!({"warnings": warnings, "sources": [{"filename": source.name(), "data": data, "language": "YAML"}]});
    let text = if found.is_empty() { "no warnings\n".to_owned() } else { text };
    let mut result = reply("1.0.0", &json, text);
    result
        .metadata
        .insert("result.statuscode".to_owned(), if failed { b"1".to_vec() } else { b"0".to_vec() });
    result
}

fn reply(version: &str, json: &Value, text: String) -> gateway::Result {
    let metadata = BTreeMap::from([
        ("result.json".to_owned(), format!("{json:#}").into_bytes()),
        ("result.txt".to_owned(), text.into_bytes()),
        ("version".to_owned(), version.as_bytes().to_vec()),
    ]);
    gateway::Result { metadata, ..Default::default() }
}
