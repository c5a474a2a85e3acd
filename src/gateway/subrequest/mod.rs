//! Questions about a build, answered without building (BuildKit `frontend/subrequests`).

mod graph;
mod lint;
mod outline;
mod plan;
mod protojson;
mod targets;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::Failure;
use super::platform_build::PlatformBuild;
use crate::manifest;
use crate::name::Platform;
use crate::text::{Position, Source, Span};
use crate::wire::gateway;

/// Answers a question by its id, for the platforms that the build is asked for.
pub(super) async fn answer(
    request: &str,
    build: &PlatformBuild,
    platforms: &[Platform],
) -> Result<gateway::Result, Failure> {
    let name = request.strip_prefix("frontend.").unwrap_or(request);
    match (name, platforms.first()) {
        ("subrequests.describe", _) => Ok(reply("1.0.0", &describe(), describe_text())),
        ("lint", _) => lint::answer(build, platforms).await,
        ("targets", Some(platform)) => targets::answer(build, platform).await,
        ("cofferdam.schema", _) => {
            let schema = manifest::schema();
            Ok(reply("1.0.0", &schema, format!("{schema:#}\n")))
        }
        ("outline", Some(platform)) => outline::answer(build, platform).await,
        ("convertllb", Some(platform)) => graph::convert(build, platform).await,
        ("cofferdam.plan", Some(platform)) => plan::answer(build, platform).await,
        ("cofferdam.graph", Some(platform)) => graph::answer(build, platform).await,
        _ => Err(Failure::plain(format!("unsupported request {request}"))),
    }
}

/// The questions that are answered, with the versions of their answers.
const KNOWN: [(&str, &str, &str); 8] = [
    ("frontend.subrequests.describe", "1.0.0", "List the questions that this frontend answers"),
    ("frontend.lint", "1.0.0", "Check the manifest, and that it can be planned, without building"),
    ("frontend.outline", "1.0.0", "List arguments, secrets and caches of the build"),
    ("frontend.targets", "1.0.0", "List what can come out of the build"),
    ("frontend.convertllb", "0.1.0", "Print the graph of build operations"),
    ("frontend.cofferdam.schema", "1.0.0", "Print the manifest's JSON Schema"),
    ("frontend.cofferdam.plan", "1.0.0", "Tell what the build would do"),
    ("frontend.cofferdam.graph", "1.0.0", "Draw the graph of build operations"),
];

fn describe() -> Value {
    let nothing = Value::Null;
    let one = |(name, version, description): &(&str, &str, &str)| {
        json!({"name": name, "version": version, "type": "rpc", "description": description,
            "opts": nothing, "inputs": nothing, "metadata": nothing, "refs": nothing})
    };
    KNOWN.iter().map(one).collect()
}

fn describe_text() -> String {
    let rows = KNOWN.iter().map(|(name, version, description)| {
        [name.trim_start_matches("frontend.").to_owned(), (*version).to_owned(), (*description).to_owned()]
    });
    table(&["NAME", "VERSION", "DESCRIPTION"], rows)
}

/// The answer to a question in the forms that clients ask for.
fn reply(version: &str, json: &Value, text: String) -> gateway::Result {
    let metadata = BTreeMap::from([
        ("result.json".to_owned(), format!("{json:#}").into_bytes()),
        ("result.txt".to_owned(), text.into_bytes()),
        ("version".to_owned(), version.as_bytes().to_vec()),
    ]);
    gateway::Result { metadata, ..Default::default() }
}

/// A place in the manifest, which is the only source of an answer.
fn location(source: &Source, span: Option<Span>) -> Value {
    let (start, end) = source.positions(span.unwrap_or_default());
    let at = |position: Position| json!({"line": position.line, "character": position.column});
    json!({"sourceIndex": 0, "ranges": [{"start": at(start), "end": at(end)}]})
}

fn encoded(source: &Source) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, source.text())
}

/// Columns that are as wide as their widest cell.
fn table<const N: usize>(head: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let line = |row: &[String; N]| {
        let cells =
            row.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column) + 4));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}
