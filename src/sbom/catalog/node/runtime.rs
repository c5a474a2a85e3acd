//! Node itself, which tells the address of its own source.

use std::io;

use super::Scene;
use crate::sbom::catalog::embedded;
use crate::sbom::inventory::{Component, Inventory, Kind};
use crate::sbom::purl::Purl;

/// What stands before the version in that address (Node's `process.release.headersUrl`).
const BEFORE: &[u8] = b"/node-v";
/// What follows it.
const AFTER: &[u8] = b"-headers.tar.gz";

/// Lists the programs of the name `node` that are Node.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for (index, file) in scene.files.elf().filter(|(_, file)| file.path.name() == b"node") {
        let content = scene.tree.open(&file.path)?;
        let Some(version) = embedded::version(content.as_ref(), BEFORE, AFTER)? else { continue };
        let node = Component {
            name: "node".to_owned(),
            purl: Some(Purl::new("generic", "node", Some(&version)).text()),
            version: Some(version),
            program: Some(file.path.clone()),
            kind: Kind::Program,
            licence: Some("MIT".to_owned()),
            ..Component::default()
        };
        if let Some(id) = inventory.add(node) {
            inventory.own(id, index);
        }
    }
    Ok(())
}
