//! Components and how they hang together, before they become SPDX.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::FilePath;

/// What identifies a component: its package URL, or its name and version where it has none.
pub(super) type Key = String;

/// A package, module or crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) purl: Option<String>,
    /// An SPDX licence expression, where the metadata states one.
    pub(super) licence: Option<String>,
    /// Who distributes it, in SPDX's form (`Organization: …`).
    pub(super) supplier: Option<String>,
    /// The SHA-256 of its archive in hexadecimal.
    pub(super) sha256: Option<String>,
    /// From what this is known, and checksums that SPDX has no field for.
    pub(super) source: Option<String>,
    /// The files that belong to it.
    pub(super) contains: BTreeSet<FilePath>,
    /// The files that were built from it.
    pub(super) built: BTreeSet<FilePath>,
    /// What it needs at run time (for linked code: what was linked).
    pub(super) depends_on: BTreeSet<Key>,
    /// What only its build needed.
    pub(super) build_depends_on: BTreeSet<Key>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    pub(super) components: BTreeMap<Key, Component>,
    /// Licences that SPDX's list does not have: identifier and the name in the metadata.
    pub(super) licences: BTreeMap<String, String>,
}

impl Component {
    pub(super) fn key(&self) -> Key {
        match (&self.purl, &self.version) {
            (Some(purl), _) => purl.clone(),
            (None, Some(version)) => format!("{}@{version}", self.name),
            (None, None) => self.name.clone(),
        }
    }
}

impl Catalog {
    /// Adds a component, or adds to the known one what it does not say yet, and returns its key.
    pub(super) fn add(&mut self, component: Component) -> Key {
        let key = component.key();
        let known = self.components.entry(key.clone()).or_default();
        known.name = component.name;
        known.version = component.version;
        known.purl = component.purl;
        known.licence = known.licence.take().or(component.licence);
        known.supplier = known.supplier.take().or(component.supplier);
        known.sha256 = known.sha256.take().or(component.sha256);
        known.source = known.source.take().or(component.source);
        known.contains.extend(component.contains);
        known.built.extend(component.built);
        known.depends_on.extend(component.depends_on);
        known.build_depends_on.extend(component.build_depends_on);
        key
    }
}
