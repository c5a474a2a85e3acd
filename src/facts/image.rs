//! A resolved image: its pinned name and its configuration (OCI image specification, "Image Configuration").

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::llb::Source;
use crate::name::{Digest, Platform, Reference};
use crate::wire::pb;

/// An image as the registry answered for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageFact {
    /// The reference that was asked for.
    pub reference: Reference,
    /// The platform that it was resolved for.
    pub platform: Platform,
    /// The digest that it was resolved to.
    pub digest: Digest,
    /// The source that provides it, as BuildKit names it; it carries the digest.
    pub identifier: String,
    /// Attributes that the source needs besides its name (for instance which client holds an OCI layout).
    pub attributes: Vec<(String, String)>,
    /// Its configuration.
    pub config: ImageConfig,
    /// The tree that the client put in the place of the image; the digest then only names it.
    pub replacement: Option<Box<Replacement>>,
}

/// A tree in the place of an image, which no registry vouches for.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// The image whose place it takes, as users know it.
    pub name: String,
    /// What gives the tree.
    pub tree: pb::Definition,
    /// Whether it is an image that the client built, with a configuration, rather than files.
    pub is_image: bool,
    /// What it is, for people.
    pub origin: String,
}

/// The parts of an image configuration that matter to us.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// The architecture that the configuration declares.
    #[serde(default)]
    pub architecture: String,
    /// The operating system that the configuration declares.
    #[serde(default)]
    pub os: String,
    /// How to run it.
    #[serde(default)]
    pub config: Option<RunConfig>,
    /// Its layers.
    #[serde(default)]
    pub rootfs: RootFs,
    /// How it came about, one entry per step; kept as it is.
    #[serde(default)]
    pub history: Vec<Value>,
    /// The configuration as it was received.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

/// The layers of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFs {
    /// The digests of the unpacked layers, the lowest first.
    #[serde(default)]
    pub diff_ids: Vec<String>,
}

/// The execution parameters of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunConfig {
    /// `NAME=value` pairs.
    pub env: Option<Vec<String>>,
    /// Who runs it.
    pub user: String,
    /// Where it runs.
    pub working_dir: String,
    /// What it starts.
    pub entrypoint: Option<Vec<String>>,
    /// What follows, unless something else is said.
    pub cmd: Option<Vec<String>>,
}

impl ImageFact {
    /// The operation that provides the image, unless the client put a tree in its place.
    pub fn source(&self) -> Source {
        let attributes = self.attributes.iter();
        let source = Source::new(self.identifier.clone());
        attributes.fold(source, |source, (key, value)| source.attr(key, value)).platform(&self.platform)
    }

    /// The digest by which the registry or the client vouches for the image.
    pub fn vouched_digest(&self) -> Option<&Digest> {
        self.replacement.is_none().then_some(&self.digest)
    }

    /// The reference with its digest, as users know it.
    pub fn pinned(&self) -> String {
        if let Some(replacement) = &self.replacement {
            return format!("{} ({})", self.reference.familiar(), replacement.origin);
        }
        self.reference.clone().with_digest(self.digest.clone()).familiar()
    }
}

impl ImageConfig {
    /// A configuration from its JSON; `None` when it is not one.
    pub fn parse(raw: &[u8]) -> Option<ImageConfig> {
        let value: Value = serde_json::from_slice(raw).ok()?;
        let config: ImageConfig = value.is_object().then(|| serde_json::from_value(value).ok())??;
        Some(ImageConfig { raw: raw.to_vec(), ..config })
    }

    /// How many layers have no entry in the history, which tools may leave out.
    pub fn layers_without_history(&self) -> usize {
        let empty = |entry: &&Value| entry.get("empty_layer").and_then(Value::as_bool) == Some(true);
        let told = self.history.len() - self.history.iter().filter(empty).count();
        self.rootfs.diff_ids.len().saturating_sub(told)
    }

    /// The environment, as pairs; entries without `=` are dropped.
    pub fn env(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.config.iter().flat_map(|config| config.env.iter().flatten());
        entries.filter_map(|entry| entry.split_once('='))
    }

    /// What it starts: a program and its arguments, or nothing.
    pub fn command(&self) -> impl Iterator<Item = &str> {
        let run = self.config.iter();
        run.flat_map(|run| run.entrypoint.iter().chain(&run.cmd)).flatten().map(String::as_str)
    }

    /// Where it starts it.
    pub fn working_directory(&self) -> &str {
        let directory = self.config.as_ref().map(|run| run.working_dir.as_str());
        directory.filter(|directory| !directory.is_empty()).unwrap_or("/")
    }

    /// The value of one variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env().find(|&(key, _)| key == name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_without_an_environment_has_none() {
        let config =
            ImageConfig::parse(br#"{"architecture":"amd64","os":"linux","config":{"Env":null}}"#).unwrap();
        assert_eq!(config.env().count(), 0);
        let config = ImageConfig::parse(br#"{"config":{"Env":["PATH=/bin","odd"]}}"#).unwrap();
        assert_eq!(config.variable("PATH"), Some("/bin"));
        assert!(ImageConfig::parse(b"[]").is_none() && ImageConfig::parse(b"junk").is_none());
    }
}
