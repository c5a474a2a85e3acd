//! The result of a build in the form that exporters want (BuildKit `exporter/containerimage/exptypes`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::Failure;
use super::platform_build::Built;
use crate::name::Platform;
use crate::wire::{gateway, pb};

/// The key under which clients find our report in their metadata file.
const REPORT: &str = "frontend.cofferdam.report";

/// The result for all platforms.
pub(super) fn result(built: Vec<Built>, several: bool, epoch: i64) -> Result<gateway::Result, Failure> {
    let mut metadata = BTreeMap::new();
    let mut attestations = BTreeMap::new();
    let mut trees = BTreeMap::new();
    metadata.insert("refs.platforms".to_owned(), platforms(&built).to_string().into_bytes());
    let proofs: BTreeMap<String, &_> =
        built.iter().map(|one| (one.platform.to_string(), &one.proof)).collect();
    let report = serde_json::to_vec(&proofs).map_err(|error| Failure::internal(&error.to_string()))?;
    metadata.insert(REPORT.to_owned(), report);
    for one in built {
        let id = one.platform.to_string();
        let suffix = if several { format!("/{id}") } else { String::new() };
        // A part of a build that is no image has no configuration.
        if !one.config.is_empty() {
            metadata.insert(format!("containerimage.config{suffix}"), one.config);
        }
        if let Some(config) = one.base_config {
            metadata.insert(format!("containerimage.base.config{suffix}"), config);
        }
        metadata.insert(format!("source.date.epoch{suffix}"), epoch.to_string().into_bytes());
        for (key, value) in one.annotations {
            let platform = if several { format!("[{id}]") } else { String::new() };
            metadata.insert(format!("annotation-manifest{platform}.{key}"), value.into_bytes());
        }
        attestations.extend(one.attestations.map(|attestation| (id.clone(), attestation)));
        trees.insert(id, present(one.image));
    }
    let result = match (several, trees.pop_first()) {
        (false, Some((_, tree))) => gateway::result::Result::Ref(tree),
        (_, first) => {
            trees.extend(first);
            gateway::result::Result::Refs(gateway::RefMap { refs: trees })
        }
    };
    Ok(gateway::Result { result: Some(result), metadata, attestations })
}

/// A handle that is written even when its tree is empty: the daemon does not survive a missing one.
fn present(tree: gateway::Ref) -> gateway::Ref {
    gateway::Ref { def: tree.def.or_else(|| Some(pb::Definition::default())), ..tree }
}

fn platforms(built: &[Built]) -> Value {
    let entry = |platform: &Platform| {
        let mut value = json!({"architecture": platform.architecture(), "os": platform.os()});
        if !platform.variant().is_empty() {
            value["variant"] = platform.variant().into();
        }
        json!({"ID": platform.to_string(), "Platform": value})
    };
    json!({"Platforms": built.iter().map(|one| entry(&one.platform)).collect::<Vec<_>>()})
}
