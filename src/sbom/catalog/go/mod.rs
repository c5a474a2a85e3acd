//! Go programs, from what Go's linker writes into them.

mod buildinfo;

use std::io;

use self::buildinfo::{BuildInfo, Dependency, Found, Module};
use super::Scene;
use crate::sbom::clean;
use crate::sbom::inventory::{Component, Id, Inventory, Kind, Relation};
use crate::sbom::purl::Purl;
use crate::tree::FilePath;

const OLD: &str = "it is a program of Go 1.17 or older, whose modules are not read";

/// Lists the programs with the modules and the standard library in them.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    for (index, file) in scene.files.elf() {
        match buildinfo::read(scene.tree.open(&file.path)?.as_ref())? {
            Found::Nothing => {}
            Found::Old => inventory.gap(&file.path, OLD),
            Found::Info(info) => {
                let Some(program) = inventory.add(program(&file.path, &info)) else { continue };
                inventory.own(program, index);
                add_parts(inventory, program, &info);
            }
        }
    }
    Ok(())
}

fn add_parts(inventory: &mut Inventory, program: Id, info: &BuildInfo) {
    let parts = info.dependencies.iter().map(dependency).chain(standard_library(&info.version));
    for part in parts {
        if let Some(part) = inventory.add(part) {
            inventory.relate(program, Relation::Contains, part);
        }
    }
}

/// The program: its main module, or its file where it belongs to none.
fn program(path: &FilePath, info: &BuildInfo) -> Component {
    let component = match &info.main {
        Some(main) => module(main),
        None => Component { name: clean::line(path.name()), ..Component::default() },
    };
    let settings = info.settings.join(" ");
    Component {
        program: Some(path.clone()),
        kind: Kind::Program,
        comment: clean::some_line(settings.as_bytes())
            .map(|settings| format!("Go build settings: {settings}")),
        source: info.package.as_ref().map(|package| format!("Go package {package}")),
        ..component
    }
}

fn dependency(dependency: &Dependency) -> Component {
    match &dependency.replacement {
        None => module(&dependency.module),
        // A directory has no version, and is not what the module's name and version say.
        Some(local) if local.version.is_none() => Component {
            comment: Some(clean::line(format!("replaced by the directory {}", local.path).as_bytes())),
            ..module(&Module { version: None, sum: None, ..dependency.module.clone() })
        },
        Some(other) => Component {
            comment: Some(clean::line(format!("in the place of {}", dependency.module.path).as_bytes())),
            ..module(other)
        },
    }
}

fn module(module: &Module) -> Component {
    // The type's definition wants lower case, although module paths tell cases apart.
    let purl = Purl::new("golang", &module.path.to_lowercase(), module.version.as_deref());
    Component {
        name: module.path.clone(),
        version: module.version.clone(),
        purl: Some(purl.text()),
        kind: Kind::Library,
        source: module.sum.as_ref().map(|sum| format!("go.sum {sum}")),
        ..Component::default()
    }
}

/// The standard library of a compiler's version, such as `go1.26.8 X:boringcrypto`.
fn standard_library(version: &str) -> Option<Component> {
    let version = version.split_whitespace().find_map(|word| word.strip_prefix("go"))?;
    Some(Component {
        name: "stdlib".to_owned(),
        purl: Some(Purl::new("golang", "stdlib", Some(version)).text()),
        version: Some(version.to_owned()),
        kind: Kind::Library,
        licence: Some("BSD-3-Clause".to_owned()),
        source: Some("the Go toolchain's standard library and runtime".to_owned()),
        ..Component::default()
    })
}
