//! `--call=outline`: what a build can be given, and what it keeps.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{encoded, location, reply, table};
use crate::diagnostic::Severity;
use crate::gateway::failure::Failure;
use crate::gateway::platform_build::{PlatformBuild, Trouble};
use crate::manifest;
use crate::model::{Image, MISSING_ARGUMENT};
use crate::name::Platform;
use crate::plan::{Node, Plan};
use crate::text::Source;
use crate::wire::gateway;

/// What a build can be given, and what it keeps, each as BuildKit's `outline.Outline` has it.
#[derive(Default)]
struct Outline {
    /// Not known before all arguments are.
    name: Option<String>,
    args: Vec<Value>,
    secrets: Vec<Value>,
    ssh: Vec<Value>,
    caches: BTreeSet<String>,
}

/// The outline for a platform; of the arguments alone where nothing is wrong but that one is missing, for anything else
/// may depend on it.
pub(super) async fn answer(build: &PlatformBuild, platform: &Platform) -> Result<gateway::Result, Failure> {
    let source = &build.definition.source;
    let args = arguments(build);
    if let Err(found) = build.read(platform)
        && found.iter().all(|told| told.code == MISSING_ARGUMENT || told.severity == Severity::Warning)
    {
        return Ok(Outline { args, ..Outline::default() }.reply(source));
    }
    let (image, plan) = planned(build, platform).await?;
    let secrets = image.fetch.secrets.iter().map(|secret| {
        let mut value = json!({"name": secret.id.value, "location": location(source, Some(secret.id.span))});
        if secret.required {
            value["required"] = true.into();
        }
        value
    });
    let ssh = image.fetch.ssh.iter();
    let ssh = ssh
        .map(|id| json!({"name": id.value, "required": true, "location": location(source, Some(id.span))}));
    let (secrets, ssh, caches) = (secrets.collect(), ssh.collect(), caches(&plan));
    Ok(Outline { name: Some(image.name), args, secrets, ssh, caches }.reply(source))
}

impl Outline {
    fn reply(self, source: &Source) -> gateway::Result {
        let mut value = Map::new();
        let caches: Vec<Value> = self.caches.iter().map(|id| json!({"ID": id})).collect();
        for (key, list) in
            [("args", &self.args), ("secrets", &self.secrets), ("ssh", &self.ssh), ("cache", &caches)]
        {
            if !list.is_empty() {
                value.insert(key.to_owned(), list.clone().into());
            }
        }
        value.insert("sources".to_owned(), json!([encoded(source)]));
        let mut text = vec![
            section(&["BUILD ARG", "VALUE"], &self.args, "value"),
            section(&["SECRET", "REQUIRED"], &self.secrets, "required"),
            section(&["SSH", "REQUIRED"], &self.ssh, "required"),
        ];
        if !self.caches.is_empty() {
            text.push(table(&["CACHE"], self.caches.into_iter().map(|id| [id])));
        }
        if let Some(name) = self.name {
            text.insert(0, table(&["NAME"], std::iter::once([name.clone()])));
            value.insert("name".to_owned(), name.into());
        }
        text.retain(|part| !part.is_empty());
        reply("1.0.0", &Value::Object(value), text.join("\n"))
    }
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
        Value::Null if key == "value" => "(to be given)".to_owned(),
        _ => String::new(),
    };
    table(head, items.iter().map(|item| [item["name"].as_str().unwrap_or_default().to_owned(), cell(item)]))
}
