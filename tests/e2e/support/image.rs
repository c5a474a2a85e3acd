//! A finished image in the lab's registry.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Process;
use super::build::buildx;

/// An image that was pushed.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) reference: String,
    /// What buildx's metadata file says.
    pub(crate) metadata: Value,
    /// What the build printed.
    pub(crate) log: String,
}

/// A file of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Type and permission bits as `ls -l` shows them.
    pub(crate) mode: String,
    /// `uid/gid`.
    pub(crate) owner: String,
}

impl Image {
    pub(crate) fn new(reference: String, metadata: Value, log: String) -> Image {
        Image { reference, metadata, log }
    }

    /// The configuration for a platform such as `linux/amd64`.
    pub(crate) fn config(&self, platform: &str) -> Value {
        self.json(&["config", "--platform", platform, &self.reference])
    }

    /// The manifest of a platform.
    pub(crate) fn manifest(&self, platform: &str) -> Value {
        self.json(&["manifest", "--platform", platform, &self.reference])
    }

    /// The digest of a platform's manifest.
    pub(crate) fn digest(&self, platform: &str) -> String {
        crane(&["digest", "--platform", platform, &self.reference]).stdout().trim().to_owned()
    }

    /// The platforms of the index, attestations left out.
    pub(crate) fn platforms(&self) -> Vec<String> {
        let index = self.json(&["manifest", &self.reference]);
        let manifests = index["manifests"].as_array().cloned().unwrap_or_default();
        let name =
            |m: &Value| format!("{}/{}", text(&m["platform"]["os"]), text(&m["platform"]["architecture"]));
        manifests.iter().map(name).filter(|name| name != "unknown/unknown").collect()
    }

    /// Every path with its mode and owner.
    pub(crate) fn files(&self, platform: &str) -> BTreeMap<String, File> {
        let list = "crane export --insecure --platform \"$1\" \"$2\" - | tar --numeric-owner -tvf -";
        let listing = Process::new("sh").args(["-ec", list, "sh", platform, &self.reference]).stdout();
        listing.lines().map(entry).collect()
    }

    /// What a file says.
    pub(crate) fn text(&self, platform: &str, path: &str) -> String {
        let pick = "crane export --insecure --platform \"$1\" \"$2\" - | tar -xOf - \"${3#/}\"";
        Process::new("sh").args(["-ec", pick, "sh", platform, &self.reference, path]).stdout()
    }

    /// The digests of our layers by role, as the history tells them.
    pub(crate) fn layers(&self, platform: &str) -> Vec<(String, String)> {
        let config = self.config(platform);
        let history = config["history"].as_array().cloned().unwrap_or_default();
        let full = history.iter().filter(|entry| entry["empty_layer"] != true);
        let manifest = self.manifest(platform);
        let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
        assert_eq!(full.clone().count(), layers.len(), "one history entry for each layer: {config:#}");
        full.zip(&layers)
            .filter_map(|(entry, layer)| {
                let role = entry["comment"].as_str()?.strip_prefix("io.cofferdam.layer=")?;
                (role != "base").then(|| (role.to_owned(), text(&layer["digest"]).to_owned()))
            })
            .collect()
    }

    /// The bytes that are transferred beside the layers of a role.
    pub(crate) fn size_beside(&self, role: &str, platform: &str) -> u64 {
        let theirs: Vec<String> =
            self.layers(platform).into_iter().filter(|layer| layer.0 == role).map(|layer| layer.1).collect();
        let manifest = self.manifest(platform);
        let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
        let others = layers.iter().filter(|layer| !theirs.iter().any(|digest| layer["digest"] == **digest));
        others.filter_map(|layer| layer["size"].as_u64()).sum()
    }

    /// Our report for a platform.
    pub(crate) fn report(&self, platform: &str) -> Value {
        let report = &self.metadata["frontend.cofferdam.report"];
        let report = match report {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        };
        assert!(report[platform].is_object(), "no report for {platform}: {:#}", self.metadata);
        report[platform].clone()
    }

    /// The bill of materials, as buildx finds it at the registry.
    pub(crate) fn sbom(&self, platform: &str) -> Value {
        let format = if self.platforms().len() > 1 {
            format!("{{{{json (index .SBOM \"{platform}\").SPDX}}}}")
        } else {
            "{{json .SBOM.SPDX}}".to_owned()
        };
        let text = buildx().args(["imagetools", "inspect", &self.reference, "--format", &format]).stdout();
        serde_json::from_str(&text).unwrap()
    }

    #[expect(clippy::unused_self, reason = "reads as a question to the image")]
    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&crane(args).stdout()).unwrap()
    }
}

fn crane(args: &[&str]) -> Process {
    Process::new("crane").args(["--insecure"]).args(args)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A line of tar's listing: mode, owner, size, date, time, name, and for links where they lead.
fn entry(line: &str) -> (String, File) {
    let mut words = line.split_whitespace();
    let (mode, owner) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let name: Vec<&str> = words.skip(3).take_while(|word| *word != "->").collect();
    let path = format!("/{}", name.join(" ").trim_start_matches("./").trim_matches('/'));
    (path, File { mode: mode.to_owned(), owner: owner.to_owned() })
}
