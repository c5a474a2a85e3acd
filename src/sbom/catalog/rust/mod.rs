//! Rust programs: what `cargo auditable` writes into them, else what their lock files say.
//!
//! A lock file also names what only tests, other platforms or features that are off need: where a program
//! tells by itself which crates it has, the lock file only adds where they came from.

mod auditable;
mod lock;
mod toolchain;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use self::auditable::{Audit, Found};
use self::lock::Lock;
use super::Scene;
use crate::sbom::clean;
use crate::sbom::inventory::{Component, Id, Inventory, Kind, Relation};
use crate::sbom::purl::Purl;
use crate::tree::FilePath;

/// Lists the programs with the crates and the standard library in them.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    let locks = Locks::read(scene, inventory)?;
    for (index, file) in scene.files.elf() {
        let content = scene.tree.open(&file.path)?;
        let version = toolchain::version(content.as_ref())?;
        let program = match auditable::read(content.as_ref())? {
            Found::Audit(audit) => add_audited(inventory, &locks, index, &file.path, &audit),
            Found::Broken(reason) => {
                inventory.gap(&file.path, reason);
                locks.add_program(inventory, index, &file.path, version.is_some())
            }
            Found::Nothing => locks.add_program(inventory, index, &file.path, version.is_some()),
        };
        let Some((program, version)) = program.zip(version) else { continue };
        if let Some(library) = inventory.add(toolchain::standard_library(version)) {
            inventory.relate(program, Relation::Contains, library);
        }
    }
    locks.add_rest(inventory);
    Ok(())
}

fn add_audited(
    inventory: &mut Inventory,
    locks: &Locks,
    index: usize,
    path: &FilePath,
    audit: &Audit,
) -> Option<Id> {
    let component = |package: &auditable::Package| {
        let locked = locks.find(index, &package.name, &package.version);
        locked.unwrap_or_else(|| from_source(&package.name, &package.version, &package.source))
    };
    let main = audit.packages.iter().find(|package| package.root);
    let program = add_program(inventory, main.map_or_else(|| unknown(path), component), path, index)?;
    for package in audit.packages.iter().filter(|package| !package.root) {
        let Some(part) = inventory.add(component(package)) else { continue };
        if package.only_for_building() {
            inventory.relate(part, Relation::BuildDependencyOf, program);
        } else {
            inventory.relate(program, Relation::Contains, part);
        }
    }
    Some(program)
}

/// A program of which nothing but its file is known.
fn unknown(path: &FilePath) -> Component {
    Component { name: clean::line(path.name()), ..Component::default() }
}

fn add_program(inventory: &mut Inventory, main: Component, path: &FilePath, index: usize) -> Option<Id> {
    let program = inventory.add(Component { program: Some(path.clone()), kind: Kind::Program, ..main })?;
    inventory.own(program, index);
    Some(program)
}

/// A crate of which nothing but the kind of source is known. Only the public registry's crates have a package
/// URL: under the same name and version, another source may have something else.
fn from_source(name: &str, version: &str, source: &str) -> Component {
    let registry = source == "crates.io";
    Component {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        purl: registry.then(|| Purl::new("cargo", name, Some(version)).text()),
        kind: Kind::Library,
        source: (!registry).then(|| format!("a crate from the source \"{source}\"")),
        ..Component::default()
    }
}

/// The lock files of the request, by the programs that were built with them.
#[derive(Debug, Default)]
struct Locks {
    all: Vec<Lock>,
    /// The locks of each program's file.
    of_file: BTreeMap<usize, BTreeSet<usize>>,
    /// The locks of which no program is in the image.
    without_program: BTreeSet<usize>,
}

impl Locks {
    fn read(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<Locks> {
        let mut locks = Locks::default();
        for request in &scene.sbom.cargo_locks {
            let lock = match Lock::parse(&request.text) {
                Ok(lock) => lock,
                Err(reason) => {
                    let program = request.programs.first().map(FilePath::new).unwrap_or_default();
                    inventory.gap(&program, reason);
                    continue;
                }
            };
            let at = locks.all.len();
            locks.all.push(lock);
            locks.without_program.insert(at);
            for program in &request.programs {
                let path = scene.locate(program)?;
                let file = path.and_then(|path| scene.files.find(&path));
                if let Some(file) = file.filter(|&file| scene.files.all()[file].elf) {
                    locks.of_file.entry(file).or_default().insert(at);
                    locks.without_program.remove(&at);
                }
            }
        }
        Ok(locks)
    }

    /// What the locks of a program say of a crate.
    fn find(&self, file: usize, name: &str, version: &str) -> Option<Component> {
        let mut locks = self.of_file.get(&file)?.iter().map(|&at| &self.all[at]);
        locks.find_map(|lock| lock.find(name, version)).map(lock::Package::component)
    }

    /// A program that does not tell by itself what is in it; `None` where nothing says that it is a Rust program.
    fn add_program(
        &self,
        inventory: &mut Inventory,
        file: usize,
        path: &FilePath,
        is_rust: bool,
    ) -> Option<Id> {
        let Some(locks) = self.of_file.get(&file) else {
            let comment = "a Rust program that does not tell which crates are in it".to_owned();
            let program = Component { comment: Some(comment), ..unknown(path) };
            return is_rust.then(|| add_program(inventory, program, path, file)).flatten();
        };
        let name = clean::line(path.name());
        let own = locks.iter().find_map(|&at| self.all[at].own_package(&name));
        let main = own.map_or_else(|| unknown(path), lock::Package::component);
        let program = add_program(inventory, main, path, file)?;
        for package in locks.iter().flat_map(|&at| self.all[at].reachable()) {
            let is_program = own.is_some_and(|own| std::ptr::eq(own, package));
            if let Some(part) = (!is_program).then(|| inventory.add(package.component())).flatten() {
                inventory.relate(program, Relation::Contains, part);
            }
        }
        Some(program)
    }

    /// What was locked for programs that are not in the image under the paths that were told.
    fn add_rest(&self, inventory: &mut Inventory) {
        for package in self.without_program.iter().flat_map(|&at| self.all[at].reachable()) {
            inventory.add(package.component());
        }
    }
}
