//! Java's runtime, which tells what it is in the file `release` (JEP 223, "The `release` file").

use std::io;

use super::super::Scene;
use crate::sbom::inventory::{Component, Inventory, Kind};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, limits};

/// The classes of all its modules, in one file.
const MODULES: &[u8] = b"modules";
const LICENCE: &str = "GPL-2.0-only WITH Classpath-exception-2.0";

/// Lists the runtimes, each with its files.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for file in scene.files.all().iter().filter(|file| file.path.name() == b"release") {
        let home = file.path.parent().unwrap_or_default();
        if scene.files.find(&home.join(b"lib").join(MODULES)).is_none() {
            continue;
        }
        let Some(text) = scene.read(file.path.as_bytes(), limits::METADATA, inventory)? else { continue };
        let value = |name: &str| {
            let text = String::from_utf8_lossy(&text);
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
            clean::some_line(line.trim_matches('"').as_bytes())
        };
        let Some(version) = value("JAVA_VERSION") else { continue };
        let runtime = Component {
            name: "openjdk".to_owned(),
            purl: Some(Purl::new("generic", "openjdk", Some(&version)).text()),
            version: Some(version),
            supplier: value("IMPLEMENTOR").map(|name| format!("Organization: {name}")),
            kind: Kind::Program,
            program: Some(home.join(b"lib").join(MODULES)),
            licence: Some(LICENCE.to_owned()),
            ..Component::default()
        };
        let Some(id) = inventory.add(runtime) else { continue };
        for (index, _) in
            scene.files.all().iter().enumerate().filter(|(_, other)| other.path.below(&home).is_some())
        {
            inventory.own(id, index);
        }
    }
    Ok(())
}
