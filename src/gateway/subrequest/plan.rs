//! `--call=cofferdam.plan`: what a build would do, step by step, without doing it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::outline::planned;
use super::reply;
use crate::gateway::failure::Failure;
use crate::gateway::platform_build::PlatformBuild;
use crate::name::Platform;
use crate::plan::{Base, Choice, Compartment, Network, Node, Plan, Script};
use crate::report;
use crate::wire::gateway;

/// The plan for a platform.
pub(super) async fn answer(build: &PlatformBuild, platform: &Platform) -> Result<gateway::Result, Failure> {
    let (_, plan) = planned(build, platform).await?;
    let value = value(&plan);
    Ok(reply("1.0.0", &value, text(&value)))
}

fn value(plan: &Plan) -> Value {
    let base = match &plan.output.base {
        Base::Scratch => "scratch".to_owned(),
        Base::Image { fact, .. } => fact.pinned(),
    };
    let builders: Vec<String> = plan.builders.iter().map(crate::facts::ImageFact::pinned).collect();
    let config = &plan.output.config;
    let layers = plan.output.layers.iter().map(|layer| {
        let contract = &layer.contract;
        let files = contract.artifacts.iter().map(|artifact| artifact.to.as_str());
        let bundles = contract.bundles.iter().map(|bundle| bundle.to.as_str());
        let directories = contract.directories.iter().map(|directory| directory.path.as_str());
        let links = contract.links.iter().map(|link| link.path.as_str());
        let paths: Vec<&str> = files.chain(bundles).chain(directories).chain(links).collect();
        json!({"role": contract.role.name(), "paths": paths})
    });
    json!({
        "name": plan.name,
        "detected": plan.detected.as_ref().map(ToString::to_string),
        "choices": plan.choices.iter().map(choice).collect::<Vec<Value>>(),
        "platform": plan.platform.to_string(),
        "base": base,
        "builders": builders,
        "steps": plan.nodes.iter().filter_map(step).collect::<Vec<Value>>(),
        "layers": layers.collect::<Vec<Value>>(),
        "user": config.user.to_string(),
        "workdir": config.working_directory,
        "entrypoint": config.entrypoint,
        "cmd": config.cmd,
    })
}

fn choice(choice: &Choice) -> Value {
    json!({"what": choice.what, "value": choice.value, "because": choice.because})
}

fn step(node: &Node) -> Option<Value> {
    let Node::Step(step) = node else { return None };
    let command = match &step.script {
        Script::Program(words) => words.join(" "),
        Script::Shell { text, .. } => text.clone(),
    };
    let compartment = match step.compartment {
        Compartment::Fetch => "fetch",
        Compartment::Compile => "compile",
    };
    Some(json!({
        "name": step.name,
        "compartment": compartment,
        "network": step.compartment.network() == Network::Open,
        "command": command,
        "secrets": step.secrets.iter().map(|secret| secret.id.as_str()).collect::<Vec<_>>(),
        "caches": step.caches.iter().map(|cache| cache.id.as_str()).collect::<Vec<_>>(),
    }))
}

fn text(value: &Value) -> String {
    let field = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let mut text = format!("{} for {}\n", field(value, "name"), field(value, "platform"));
    if let Some(detected) = value["detected"].as_str() {
        let _ = writeln!(text, "detected {detected}");
    }
    for choice in value["choices"].as_array().into_iter().flatten() {
        let [what, value, because] = ["what", "value", "because"].map(|key| field(choice, key));
        let _ = writeln!(text, "chosen   {what} {value} ({because})");
    }
    text.push('\n');
    for step in value["steps"].as_array().into_iter().flatten() {
        let offline = if step["network"] == true { "" } else { " (offline)" };
        let _ = writeln!(
            text,
            "{:<8} {}{offline}\n         {}",
            field(step, "compartment"),
            field(step, "name"),
            field(step, "command")
        );
    }
    let _ = writeln!(text, "\nbase     {}", field(value, "base"));
    for layer in value["layers"].as_array().into_iter().flatten() {
        let paths: Vec<&str> =
            layer["paths"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let _ = writeln!(text, "layer    {}: {}", field(layer, "role"), paths.join(", "));
    }
    let words: Vec<&str> =
        value["entrypoint"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let _ = writeln!(
        text,
        "runs     {} as {} in {}",
        words.join(" "),
        field(value, "user"),
        field(value, "workdir")
    );
    // The words are those of files that anybody may have written.
    text.lines().map(|line| report::clean(line) + "\n").collect()
}
