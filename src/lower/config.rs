//! The image configuration and the annotations (OCI image specification, "Image Configuration" and "Annotations").

use serde_json::{Map, Value, json};

use super::Setting;
use super::calendar::rfc3339;
use crate::plan::{Base, Plan, RuntimeConfig};

/// Where an image comes from, as the client tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The repository's address.
    pub source: Option<String>,
    /// The commit.
    pub revision: Option<String>,
    /// Labels that the build adds; they win over the manifest's.
    pub labels: Vec<(String, String)>,
}

/// The configuration of the final image, as JSON; the exporter fills in the layers' digests.
pub fn image_config(plan: &Plan, setting: &Setting<'_>) -> Vec<u8> {
    let created = rfc3339(setting.epoch);
    let mut config = Map::new();
    config.insert("architecture".to_owned(), plan.platform.architecture().into());
    config.insert("os".to_owned(), plan.platform.os().into());
    if !plan.platform.variant().is_empty() {
        config.insert("variant".to_owned(), plan.platform.variant().into());
    }
    config.insert("config".to_owned(), run_config(plan, setting));
    config.insert("rootfs".to_owned(), json!({"type": "layers", "diff_ids": []}));
    config.insert("history".to_owned(), history(plan, &created).into());
    config.insert("created".to_owned(), created.into());
    Value::Object(config).to_string().into_bytes()
}

/// The annotations of the image manifest, sorted by key.
pub fn annotations(plan: &Plan, setting: &Setting<'_>) -> Vec<(String, String)> {
    let mut all = vec![("org.opencontainers.image.created".to_owned(), rfc3339(setting.epoch))];
    if let Base::Image { fact, .. } = &plan.output.base
        && let Some(digest) = fact.vouched_digest()
    {
        all.push(("org.opencontainers.image.base.name".to_owned(), fact.reference.to_string()));
        all.push(("org.opencontainers.image.base.digest".to_owned(), digest.to_string()));
    }
    all.extend(origin_labels(setting));
    // What the base is is not for the manifest to say.
    let own = |key: &str| key.starts_with("org.opencontainers.image.base.");
    for (key, value) in plan.output.config.annotations.iter().filter(|(key, _)| !own(key)) {
        all.retain(|(known, _)| known != key);
        all.push((key.clone(), value.clone()));
    }
    all.sort();
    all
}

fn origin_labels(setting: &Setting<'_>) -> Vec<(String, String)> {
    let origin = &setting.origin;
    let pairs = [("source", &origin.source), ("revision", &origin.revision)];
    let known = pairs.into_iter().filter_map(|(key, value)| Some((key, value.clone()?)));
    known.map(|(key, value)| (format!("org.opencontainers.image.{key}"), value)).collect()
}

fn run_config(plan: &Plan, setting: &Setting<'_>) -> Value {
    let run = &plan.output.config;
    let mut config = Map::new();
    let mut set = |key: &str, value: Value| _ = config.insert(key.to_owned(), value);
    set("User", run.user.to_string().into());
    set("Env", run.env.iter().map(|(name, value)| format!("{name}={value}")).collect());
    set("WorkingDir", run.working_directory.clone().into());
    if !run.entrypoint.is_empty() {
        set("Entrypoint", run.entrypoint.clone().into());
    }
    if !run.cmd.is_empty() {
        set("Cmd", run.cmd.clone().into());
    }
    if !run.ports.is_empty() {
        let ports = run.ports.iter().map(|port| (format!("{port}/tcp"), json!({})));
        set("ExposedPorts", Value::Object(ports.collect()));
    }
    let labels = labels(run, setting);
    if !labels.is_empty() {
        set("Labels", Value::Object(labels));
    }
    set("StopSignal", run.stop_signal.clone().into());
    Value::Object(config)
}

fn labels(run: &RuntimeConfig, setting: &Setting<'_>) -> Map<String, Value> {
    let all =
        origin_labels(setting).into_iter().chain(run.labels.clone()).chain(setting.origin.labels.clone());
    all.map(|(key, value)| (key, value.into())).collect()
}

/// The base's history, then one entry per layer of ours.
fn history(plan: &Plan, created: &str) -> Vec<Value> {
    let mut history = match &plan.output.base {
        Base::Scratch => Vec::new(),
        Base::Image { fact, .. } => fact.config.history.clone(),
    };
    if let Base::Image { fact, .. } = &plan.output.base {
        // Entries belong to layers by their order, so a layer without one would take the first of ours.
        let untold = json!({"created": created, "comment": "io.cofferdam.layer=base"});
        history.extend(std::iter::repeat_n(untold, fact.config.layers_without_history()));
    }
    history.extend(plan.output.layers.iter().map(|layer| {
        let role = layer.contract.role.name();
        json!({"created": created, "created_by": "cofferdam", "comment": format!("io.cofferdam.layer={role}")})
    }));
    history
}
