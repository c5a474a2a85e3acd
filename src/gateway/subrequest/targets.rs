//! `--call=targets`: what can come out of a build.

use serde_json::{Value, json};

use super::outline::planned;
use super::{encoded, location, reply, table};
use crate::gateway::failure::Failure;
use crate::gateway::platform_build::PlatformBuild;
use crate::gateway::target::Target;
use crate::name::Platform;
use crate::text::Span;
use crate::wire::gateway;

/// One thing that can come out.
struct Row {
    name: String,
    description: String,
    is_default: bool,
    span: Option<Span>,
}

/// The parts of every build, and the processes of this one, which planning finds.
pub(super) async fn answer(build: &PlatformBuild, platform: &Platform) -> Result<gateway::Result, Failure> {
    // Whoever asks what there is may not have what a build needs.
    let planned = planned(build, platform).await;
    let processes = planned.map(|(_, plan)| plan.output.config.processes).unwrap_or_default();
    let parts = Target::ALL.iter().map(|(target, name, description)| Row {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        is_default: *target == Target::Image,
        span: None,
    });
    let processes = processes.into_iter().map(|process| Row {
        description: format!("The image, starting `{}`", process.argv.join(" ")),
        name: process.name,
        is_default: false,
        span: Some(process.span),
    });
    let rows: Vec<Row> = parts.chain(processes).collect();
    let source = &build.definition.source;
    let json: Value = rows
        .iter()
        .map(|row| {
            let place = location(source, row.span);
            let mut value = json!({"name": row.name, "description": row.description, "location": place});
            if row.is_default {
                value["default"] = true.into();
            }
            value
        })
        .collect();
    let default = |row: &Row| if row.is_default { " (default)" } else { "" };
    let lines = rows.iter().map(|row| [format!("{}{}", row.name, default(row)), row.description.clone()]);
    let text = table(&["TARGET", "DESCRIPTION"], lines);
    Ok(reply("1.0.0", &json!({"targets": json, "sources": [encoded(source)]}), text))
}
