//! The interpreter that a virtual environment stands on (PEP 405, `pyvenv.cfg`).

use std::io;

use super::super::Scene;
use crate::sbom::inventory::{Component, Inventory, Kind};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, limits};
use crate::tree::FilePath;

/// Lists the interpreters of all virtual environments, each with its standard library.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for file in scene.files.all().iter().filter(|file| file.path.name() == b"pyvenv.cfg") {
        let Some(text) = scene.read(file.path.as_bytes(), limits::METADATA, inventory)? else { continue };
        let value = |key: &str| {
            let lines = text.split(|&b| b == b'\n');
            let mut pairs = lines.filter_map(|line| {
                let at = line.iter().position(|&b| b == b'=')?;
                Some((line[..at].trim_ascii(), line[at + 1..].trim_ascii()))
            });
            pairs.find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
        };
        let (Some(home), Some(version)) = (value("home"), value("version").and_then(clean::some_line)) else {
            inventory.gap(&file.path, "it does not say which interpreter it stands on");
            continue;
        };
        add(scene, inventory, &FilePath::new(home), version);
    }
    Ok(())
}

fn add(scene: &Scene<'_>, inventory: &mut Inventory, home: &FilePath, version: String) {
    let short: Vec<&str> = version.split('.').take(2).collect();
    let name = format!("python{}", short.join("."));
    let Some(prefix) = home.parent() else { return };
    let library = prefix.join(b"lib").join(name.as_bytes());
    let (program, third_party) = (home.join(name.as_bytes()), library.join(b"site-packages"));
    let shared = [b"lib".as_slice(), name.as_bytes(), b".so"].concat();
    let is_own = |path: &FilePath| {
        let in_library = path.below(&library).is_some() && path.below(&third_party).is_none();
        let is_shared = path.name().starts_with(&shared) && path.parent() == Some(prefix.join(b"lib"));
        in_library || is_shared || *path == program
    };
    let component = Component {
        name: "python".to_owned(),
        purl: Some(Purl::new("generic", "python", Some(&version)).text()),
        version: Some(version),
        kind: Kind::Program,
        licence: Some("PSF-2.0".to_owned()),
        source: Some("the interpreter of the builder image, copied with its standard library".to_owned()),
        ..Component::default()
    };
    let Some(id) = inventory.add(component) else { return };
    for (index, _) in scene.files.all().iter().enumerate().filter(|(_, file)| is_own(&file.path)) {
        inventory.own(id, index);
    }
}
