//! Node itself, which tells the address of its own source.

use std::io;

use super::Scene;
use crate::sbom::catalog::embedded::Program;
use crate::sbom::inventory::Inventory;

/// The version stands in that address (Node's `process.release.headersUrl`).
const NODE: Program = Program { name: "node", before: b"/node-v", after: b"-headers.tar.gz", licence: "MIT" };

/// Lists the programs of the name `node` that are Node.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    NODE.catalog(scene, inventory).map(drop)
}
