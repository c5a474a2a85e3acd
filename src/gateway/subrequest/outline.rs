//! `--call=outline`: what a build can be given, and what it keeps.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{encoded, location, reply, table};
use crate::gateway::failure::Failure;
use crate::gateway::platform_build::{PlatformBuild, Trouble};
use crate::manifest;
use crate::model::Image;
use crate::name::Platform;
use crate::plan::{Node, Plan};
use crate::wire::gateway;

/// The outline for a platform.
pub(super) async fn answer(build: &PlatformBuild, platform: &Platform) -> Result<gateway::Result, Failure> {
    let (image, plan) = planned(build, platform).await?;
    let source = &build.definition.source;
    let args = arguments(build);
    let secrets: Vec<Value> = image
        .fetch
        .secrets
        .iter()
        .map(|secret| {
            let mut value =
                json!({"name": secret.id.value, "location": location(source, Some(secret.id.span))});
            if secret.required {
                value["required"] = true.into();
            }
            value
        })
        .collect();
    let ssh = image.fetch.ssh.iter();
    let ssh: Vec<Value> = ssh
        .map(|id| json!({"name": id.value, "required": true, "location": location(source, Some(id.span))}))
        .collect();
    let caches = caches(&plan);
    let mut value = Map::new();
    value.insert("name".to_owned(), image.name.clone().into());
    for (key, list) in [("args", &args), ("secrets", &secrets), ("ssh", &ssh)] {
        if !list.is_empty() {
            value.insert(key.to_owned(), list.clone().into());
        }
    }
    if !caches.is_empty() {
        value.insert("cache".to_owned(), caches.iter().map(|id| json!({"ID": id})).collect());
    }
    value.insert("sources".to_owned(), json!([encoded(source)]));
    let text = [
        table(&["NAME"], std::iter::once([image.name.clone()])),
        section(&["BUILD ARG", "VALUE"], &args, "value"),
        section(&["SECRET", "REQUIRED"], &secrets, "required"),
        section(&["SSH", "REQUIRED"], &ssh, "required"),
        if caches.is_empty() { String::new() } else { table(&["CACHE"], caches.into_iter().map(|id| [id])) },
    ];
    let shown: Vec<String> = text.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(reply("1.0.0", &Value::Object(value), shown.join("\n")))
}

/// The image and the plan for a platform; what is wrong with either fails the question.
pub(super) async fn planned(build: &PlatformBuild, platform: &Platform) -> Result<(Image, Plan), Failure> {
    let (image, mut warnings) = build.read(platform).map_err(|found| build.failure(&found))?;
    let plan =
        build.plan(&image, platform.clone(), &mut warnings).await.map_err(|trouble| match trouble {
            Trouble::Found(found) => build.failure(&found),
            Trouble::Failed(failure) => failure,
        })?;
    Ok((image, plan))
}

fn arguments(build: &PlatformBuild) -> Vec<Value> {
    let source = &build.definition.source;
    let Ok((written, _)) = manifest::read(source) else { return Vec::new() };
    let given = build.options.build_args();
    let one = |name: &crate::text::Spanned<String>, default: Option<&str>| {
        let mut value = json!({"name": name.value, "location": location(source, Some(name.span))});
        if let Some(text) = given.get(&name.value).map(String::as_str).or(default) {
            value["value"] = text.into();
        }
        value
    };
    written
        .args
        .iter()
        .map(|(name, default)| one(name, default.0.as_ref().map(|text| text.value.as_str())))
        .collect()
}

fn caches(plan: &Plan) -> BTreeSet<String> {
    let steps =
        plan.nodes.iter().filter_map(|node| if let Node::Step(step) = node { Some(step) } else { None });
    steps.flat_map(|step| step.caches.iter().map(|cache| cache.id.clone())).collect()
}

fn section(head: &[&str; 2], items: &[Value], key: &str) -> String {
    if items.is_empty() {
        return String::new();
    }
    let cell = |item: &Value| match &item[key] {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "true".to_owned(),
        _ => String::new(),
    };
    table(head, items.iter().map(|item| [item["name"].as_str().unwrap_or_default().to_owned(), cell(item)]))
}
