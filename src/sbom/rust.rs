//! Rust programs: what cargo-auditable wrote into them, or what their lock file says.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde::Deserialize;

use super::component::{Catalog, Component, Key};
use super::file_at;
use super::files::File;
use super::purl::purl;
use crate::step::CargoLock;
use crate::tree::elf::section;
use crate::tree::{Content, FilePath};

/// As much as cargo-auditable's format document advises to accept.
const LARGEST: usize = 8 << 20;

/// cargo-auditable's record: zlib-compressed JSON in the section `.dep-v0`.
#[derive(Deserialize)]
struct Auditable {
    packages: Vec<AuditablePackage>,
}

#[derive(Deserialize)]
struct AuditablePackage {
    name: String,
    version: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    dependencies: Vec<usize>,
    #[serde(default)]
    root: bool,
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// Adds the crates of a program, if it tells them.
pub(super) fn catalog(content: &dyn Content, file: &File, catalog: &mut Catalog) {
    let Some(packages) = read(content) else { return };
    let keys: Vec<Key> = packages.iter().map(|p| catalog.add(auditable_component(p))).collect();
    for (package, key) in packages.iter().zip(&keys) {
        let Some(component) = catalog.components.get_mut(key) else { continue };
        if package.root {
            component.built.insert(file.path.clone());
        }
        for &index in &package.dependencies {
            let (Some(dependency), Some(known)) = (keys.get(index), packages.get(index)) else { continue };
            let is_build = known.kind == "build" && package.kind != "build";
            let needs = if is_build { &mut component.build_depends_on } else { &mut component.depends_on };
            needs.insert(dependency.clone());
        }
    }
}

/// Adds what a lock file says of the programs that were built with it: checksums, and the crates themselves
/// where a program does not tell them.
pub(super) fn catalog_lock(lock: &CargoLock, files: &[File], catalog: &mut Catalog) {
    // A lock file that cargo accepted is TOML; another adds nothing.
    let Ok(locked) = toml::from_str::<Lock>(&lock.text) else { return };
    let silent: Vec<FilePath> = lock
        .programs
        .iter()
        .map(FilePath::new)
        .filter(|path| file_at(files, path).is_some())
        .filter(|path| !catalog.components.values().any(|component| component.built.contains(path)))
        .collect();
    let keys: Vec<Key> = locked.package.iter().map(|package| locked_component(package).key()).collect();
    for package in &locked.package {
        let component = locked_component(package);
        if !silent.is_empty() || catalog.components.contains_key(&component.key()) {
            catalog.add(component);
        }
    }
    if !silent.is_empty() {
        connect(&locked.package, &keys, &silent, catalog);
    }
}

/// The edges between locked crates, and from the members of the workspace to the programs.
fn connect(packages: &[LockedPackage], keys: &[Key], programs: &[FilePath], catalog: &mut Catalog) {
    let mut by_name: BTreeMap<&str, Vec<(&str, &Key)>> = BTreeMap::new();
    for (package, key) in packages.iter().zip(keys) {
        by_name.entry(&package.name).or_default().push((&package.version, key));
    }
    for (package, key) in packages.iter().zip(keys) {
        let Some(component) = catalog.components.get_mut(key) else { continue };
        if package.source.is_none() {
            component.built.extend(programs.iter().cloned());
        }
        for dependency in &package.dependencies {
            // "name", or "name version" where the name alone is ambiguous.
            let mut words = dependency.split(' ');
            let candidates = by_name.get(words.next().unwrap_or_default());
            let version = words.next();
            let fits = |(known, _): &&(&str, &Key)| version.is_none_or(|version| version == *known);
            if let Some((_, key)) = candidates.and_then(|candidates| candidates.iter().find(fits)) {
                component.depends_on.insert((*key).clone());
            }
        }
    }
}

fn read(content: &dyn Content) -> Option<Vec<AuditablePackage>> {
    let compressed = section(content, b".dep-v0", LARGEST).ok().flatten()?;
    let mut json = Vec::new();
    let limit = LARGEST as u64 + 1;
    flate2::read::ZlibDecoder::new(compressed.as_slice()).take(limit).read_to_end(&mut json).ok()?;
    let auditable: Auditable = serde_json::from_slice(&json).ok()?;
    Some(auditable.packages)
}

fn auditable_component(package: &AuditablePackage) -> Component {
    let source = match package.source.as_str() {
        "" | "crates.io" | "registry" => "cargo-auditable".to_owned(),
        other => format!("cargo-auditable, from {other}"),
    };
    component(&package.name, &package.version, source)
}

fn locked_component(package: &LockedPackage) -> Component {
    let source = match &package.source {
        Some(source) if !source.starts_with("registry+") => format!("Cargo.lock, from {source}"),
        _ => "Cargo.lock".to_owned(),
    };
    Component { sha256: package.checksum.clone(), ..component(&package.name, &package.version, source) }
}

fn component(name: &str, version: &str, source: String) -> Component {
    Component {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        purl: Some(purl("cargo", name, Some(version), &[])),
        source: Some(source),
        ..Component::default()
    }
}
