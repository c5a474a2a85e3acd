//! The image configuration, read strictly (OCI image specification, "Image Configuration").

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::findings::Findings;
use super::shape;

/// What the rules need of a configuration.
#[derive(Debug, Default)]
pub(super) struct ImageConfig {
    pub(super) os: String,
    pub(super) architecture: String,
    pub(super) variant: String,
    pub(super) user: String,
    pub(super) env: BTreeMap<String, String>,
    pub(super) working_directory: String,
    pub(super) entrypoint: Vec<String>,
    pub(super) cmd: Vec<String>,
    /// The keys of its labels.
    pub(super) labels: Vec<String>,
    /// The keys that are not ours.
    pub(super) foreign: Vec<String>,
}

/// The keys of the whole that we write.
const KEYS: &[&str] = &["architecture", "os", "variant", "created", "rootfs", "history", "config"];
/// The keys of `config` that we write.
const RUN_KEYS: &[&str] =
    &["User", "Env", "WorkingDir", "Entrypoint", "Cmd", "ExposedPorts", "Labels", "StopSignal"];

impl ImageConfig {
    /// The configuration of some JSON; what cannot be read is reported.
    pub(super) fn parse(bytes: &[u8], found: &mut Findings<'_>) -> ImageConfig {
        let mut config = ImageConfig::default();
        if let Err(what) = config.read(bytes) {
            found.image(&shape::LAW, format!("the image's configuration has no readable {what}"));
        }
        config
    }

    /// The platform as `os/architecture[/variant]`.
    pub(super) fn platform(&self) -> String {
        let variant = if self.variant.is_empty() { String::new() } else { format!("/{}", self.variant) };
        format!("{}/{}{variant}", self.os, self.architecture)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let Ok(Value::Object(whole)) = serde_json::from_slice(bytes) else { return Err("JSON object") };
        let Some(Value::Object(run)) = whole.get("config") else { return Err("config") };
        self.foreign.extend(whole.keys().filter(|key| !KEYS.contains(&key.as_str())).cloned());
        self.foreign.extend(run.keys().filter(|key| !RUN_KEYS.contains(&key.as_str())).cloned());
        self.os = text(&whole, "os")?;
        self.architecture = text(&whole, "architecture")?;
        self.variant = if whole.contains_key("variant") { text(&whole, "variant")? } else { String::new() };
        self.user = if run.contains_key("User") { text(run, "User")? } else { String::new() };
        self.working_directory = text(run, "WorkingDir")?;
        self.entrypoint = texts(run, "Entrypoint")?;
        self.cmd = texts(run, "Cmd")?;
        for variable in texts(run, "Env")? {
            let (name, value) = variable.split_once('=').ok_or("Env")?;
            if name.is_empty() || self.env.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err("Env");
            }
        }
        match run.get("Labels") {
            None => Ok(()),
            Some(Value::Object(labels)) if labels.values().all(Value::is_string) => {
                self.labels.extend(labels.keys().cloned());
                Ok(())
            }
            Some(_) => Err("Labels"),
        }
    }
}

fn text(map: &Map<String, Value>, key: &'static str) -> Result<String, &'static str> {
    map.get(key).and_then(Value::as_str).map(str::to_owned).ok_or(key)
}

/// A list of strings; none where the key is missing.
fn texts(map: &Map<String, Value>, key: &'static str) -> Result<Vec<String>, &'static str> {
    let Some(value) = map.get(key) else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or(key)?.iter();
    items.map(|item| item.as_str().map(str::to_owned).ok_or(key)).collect()
}
