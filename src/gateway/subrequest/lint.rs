//! `--check`: what is wrong with the manifest, and with the plan that it leads to.

use serde_json::{Value, json};

use super::{encoded, location, reply};
use crate::diagnostic::{Diagnostics, Severity};
use crate::gateway::checks::Checks;
use crate::gateway::failure::Failure;
use crate::gateway::platform_build::{PlatformBuild, Trouble};
use crate::name::Platform;
use crate::report;
use crate::text::Span;
use crate::wire::gateway;

/// Checks the manifest for every platform.
pub(super) async fn answer(
    build: &PlatformBuild,
    platforms: &[Platform],
) -> Result<gateway::Result, Failure> {
    let mut found = Diagnostics::new();
    let mut failed = None;
    for platform in platforms {
        let (more, failure) = check(build, platform).await;
        let known: Vec<_> = found.iter().cloned().collect();
        found.extend(more.into_iter().filter(|item| !known.contains(item)));
        failed = failed.or(failure);
    }
    let checks = Checks::of(&build.options)?;
    let found = checks.filter(found);
    let is_wrong = found.has_errors() || failed.is_some() || (checks.fails() && !found.is_empty());
    let mut result =
        reply("1.0.0", &value(build, &found, failed.as_ref()), text(build, &found, failed.as_ref()));
    let code = if is_wrong { b"1".to_vec() } else { b"0".to_vec() };
    result.metadata.insert("result.statuscode".to_owned(), code);
    Ok(result)
}

/// What is wrong for one platform, and what kept the check from going on.
async fn check(build: &PlatformBuild, platform: &Platform) -> (Diagnostics, Option<Failure>) {
    let (image, mut found) = match build.read(platform) {
        Ok(read) => read,
        Err(found) => return (found, None),
    };
    match build.plan(&image, platform.clone(), &mut found).await {
        Ok(_) => (image.excused(found), None),
        Err(Trouble::Found(more)) => {
            found.extend(more);
            (image.excused(found), None)
        }
        Err(Trouble::Failed(failure)) => (found, Some(failure)),
    }
}

fn value(build: &PlatformBuild, found: &Diagnostics, failed: Option<&Failure>) -> Value {
    let source = &build.definition.source;
    let warnings = found.iter().filter(|item| item.severity == Severity::Warning);
    let warnings: Vec<Value> = warnings
        .map(|item| {
            json!({
                "ruleName": item.code,
                "description": item.why.as_deref().unwrap_or(item.code),
                "detail": item.message,
                "location": location(source, item.span),
            })
        })
        .collect();
    let mut value = json!({
        "warnings": warnings,
        "sources": [{"filename": source.name(), "data": encoded(source), "language": "YAML"}],
    });
    let first = found.iter().find(|item| item.severity == Severity::Error);
    if first.is_some() || failed.is_some() {
        let message = match failed {
            Some(failure) if first.is_none() => failure.message().to_owned(),
            _ => build.failure(found).message().to_owned(),
        };
        let span: Option<Span> = first.and_then(|item| item.span);
        value["buildError"] = json!({"message": message, "location": location(source, span)});
    }
    value
}

fn text(build: &PlatformBuild, found: &Diagnostics, failed: Option<&Failure>) -> String {
    let mut text = report::plain(found, &build.definition.source);
    if let Some(failure) = failed {
        text.push_str(failure.message());
        text.push('\n');
    }
    if text.is_empty() { "no warnings\n".to_owned() } else { text }
}
