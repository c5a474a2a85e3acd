//! The server nginx, which tells its own version.

use std::io;

use super::Scene;
use super::embedded::Program;
use crate::sbom::inventory::Inventory;

/// The version stands in the text that `nginx -v` prints.
const NGINX: Program =
    Program { name: "nginx", before: b"nginx version: nginx/", after: b"\n", licence: "BSD-2-Clause" };
/// The table of media types that is copied with it.
const TYPES: &[u8] = b"/usr/share/nginx/mime.types";

/// Lists the programs of the name `nginx` that are nginx.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for id in NGINX.catalog(scene, inventory)? {
        if let Some(types) = scene.locate(TYPES)?.and_then(|path| scene.files.find(&path)) {
            inventory.own(id, types);
        }
    }
    Ok(())
}
