//! The server nginx, which tells its own version.

use std::io;

use super::{Scene, embedded};
use crate::sbom::inventory::{Component, Inventory, Kind};
use crate::sbom::purl::Purl;

/// What stands around the version in the text that `nginx -v` prints.
const BEFORE: &[u8] = b"nginx version: nginx/";
const AFTER: &[u8] = b"\n";
/// The table of media types that is copied with it.
const TYPES: &[u8] = b"/usr/share/nginx/mime.types";

/// Lists the programs of the name `nginx` that are nginx.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for (index, file) in scene.files.elf().filter(|(_, file)| file.path.name() == b"nginx") {
        let content = scene.tree.open(&file.path)?;
        let Some(version) = embedded::version(content.as_ref(), BEFORE, AFTER)? else { continue };
        let nginx = Component {
            name: "nginx".to_owned(),
            purl: Some(Purl::new("generic", "nginx", Some(&version)).text()),
            version: Some(version),
            program: Some(file.path.clone()),
            kind: Kind::Program,
            licence: Some("BSD-2-Clause".to_owned()),
            ..Component::default()
        };
        let Some(id) = inventory.add(nginx) else { continue };
        inventory.own(id, index);
        if let Some(types) = scene.locate(TYPES)?.and_then(|path| scene.files.find(&path)) {
            inventory.own(id, types);
        }
    }
    Ok(())
}
