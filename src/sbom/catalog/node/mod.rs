//! Packages of npm as they are installed, the application's own, and Node itself.

mod runtime;

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use super::Scene;
use crate::sbom::inventory::{Component, Id, Inventory, Kind};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, licence, limits};
use crate::tree::FilePath;

/// The name of the file that makes a directory a package.
const MANIFEST: &[u8] = b"package.json";
const MODULES: &[u8] = b"node_modules";

/// Lists the packages with their files.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    let mut packages: BTreeMap<FilePath, Id> = BTreeMap::new();
    for file in scene.files.all().iter().filter(|file| file.path.name() == MANIFEST) {
        let directory = file.path.parent().unwrap_or_default();
        let Some(place) = place(&directory) else { continue };
        let Some(text) = scene.read(file.path.as_bytes(), limits::METADATA, inventory)? else { continue };
        // A file of that name need not be what npm means by it.
        let Ok(manifest) = serde_json::from_slice::<Value>(&text) else { continue };
        if let Some(id) = component(&manifest, place).and_then(|component| inventory.add(component)) {
            packages.insert(directory, id);
        }
    }
    for (index, file) in scene.files.all().iter().enumerate() {
        let mut above = std::iter::successors(file.path.parent(), FilePath::parent);
        if let Some(id) = above.find_map(|directory| packages.get(&directory)) {
            inventory.own(*id, index);
        }
    }
    runtime::catalog(scene, inventory)
}

/// Where a package lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a `node_modules`: it was installed.
    Installed,
    /// Elsewhere: it is the application's own.
    Own,
}

/// Where the package of a directory lies; `None` for a directory inside of an installed package.
fn place(directory: &FilePath) -> Option<Place> {
    let parts: Vec<&[u8]> = directory.parts().collect();
    let Some(modules) = parts.iter().rposition(|part| *part == MODULES) else { return Some(Place::Own) };
    match &parts[modules + 1..] {
        [scope, _] if scope.starts_with(b"@") => Some(Place::Installed),
        [name] if !name.starts_with(b"@") => Some(Place::Installed),
        _ => None,
    }
}

/// What a `package.json` with a name and a version says.
fn component(manifest: &Value, place: Place) -> Option<Component> {
    let text = |name: &str| clean::some_line(manifest.get(name)?.as_str()?.as_bytes());
    let (name, version) = (text("name")?, text("version")?);
    let written = text("license")
        .or_else(|| clean::some_line(manifest.get("license")?.get("type")?.as_str()?.as_bytes()));
    let licence = written.as_deref().and_then(licence::expression);
    Some(Component {
        // Nobody else need have a package of the application's own name.
        purl: (place == Place::Installed).then(|| Purl::new("npm", &name, Some(&version)).text()),
        name,
        version: Some(version),
        kind: Kind::Library,
        licence_comment: written.filter(|_| licence.is_none()),
        licence,
        ..Component::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_top_of_a_package_is_one() {
        for (path, expected) in [
            ("/app", Some(Place::Own)),
            ("/app/node_modules/express", Some(Place::Installed)),
            ("/app/node_modules/@types/node", Some(Place::Installed)),
            ("/app/node_modules/.pnpm/a@1/node_modules/a", Some(Place::Installed)),
            ("/app/node_modules/a/node_modules/b", Some(Place::Installed)),
            ("/app/node_modules/@types", None),
            ("/app/node_modules/a/dist/esm", None),
            ("/app/node_modules", None),
        ] {
            assert_eq!(place(&FilePath::new(path)), expected, "{path}");
        }
    }
}
