//! The document's relationships (SPDX 2.3, section 11), each once, in one order.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::ids;
use super::model::Relationship;
use super::packages::Packages;
use crate::sbom::catalog::Scene;
use crate::sbom::inventory::{Finished, Relation};
use crate::tree::{Bounds, FilePath, Resolved, resolve};

/// All relationships.
pub(super) fn all(
    scene: &Scene<'_>,
    inventory: &Finished,
    packages: &Packages,
    files: &[(usize, String)],
) -> io::Result<Vec<Relationship>> {
    let mut writer = Writer { scene, inventory, packages, files, out: BTreeSet::new() };
    writer.image();
    writer.components();
    writer.files();
    writer.builders()?;
    Ok(writer.out.into_iter().collect())
}

struct Writer<'a, 'b> {
    scene: &'a Scene<'b>,
    inventory: &'a Finished,
    packages: &'a Packages,
    /// The listed files with their identifiers, in order.
    files: &'a [(usize, String)],
    out: BTreeSet<Relationship>,
}

impl Writer<'_, '_> {
    fn add(&mut self, element: &str, relationship_type: &'static str, related: &str) {
        self.out.insert(Relationship {
            spdx_element_id: element.to_owned(),
            relationship_type,
            related_spdx_element: related.to_owned(),
        });
    }

    fn image(&mut self) {
        let packages = self.packages;
        self.add(ids::DOCUMENT, "DESCRIBES", packages.image());
        if let Some(base) = packages.base() {
            self.add(packages.image(), "DESCENDANT_OF", base);
        }
    }

    /// What is in the image and in nothing else of it is the image's own.
    fn components(&mut self) {
        let packages = self.packages;
        let mut inner = BTreeSet::new();
        for &(one, relation, other) in &self.inventory.relations {
            let name = match relation {
                Relation::Contains => {
                    inner.insert(other);
                    "CONTAINS"
                }
                // It served to build, and is not in the image.
                Relation::BuildDependencyOf => {
                    inner.insert(one);
                    "BUILD_DEPENDENCY_OF"
                }
            };
            self.add(packages.component(one), name, packages.component(other));
        }
        for id in (0..self.inventory.components.len()).filter(|id| !inner.contains(id)) {
            self.add(packages.image(), "CONTAINS", packages.component(id));
        }
    }

    fn files(&mut self) {
        let packages = self.packages;
        let mut owners: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &(component, file) in &self.inventory.owned {
            owners.entry(file).or_default().push(component);
        }
        for (file, id) in self.files {
            match owners.get(file) {
                None => self.add(packages.image(), "CONTAINS", id),
                Some(owners) => {
                    for &owner in owners {
                        self.add(packages.component(owner), "CONTAINS", id);
                    }
                }
            }
        }
    }

    /// A builder is a tool of the programs and files below the paths that it produced; of the image where
    /// nothing is known, or nothing is there.
    fn builders(&mut self) -> io::Result<()> {
        let packages = self.packages;
        let produced = self.produced()?;
        let mut idle: BTreeSet<usize> = (0..self.scene.sbom.builders.len()).collect();
        let makers = |path: &FilePath| -> BTreeSet<usize> {
            let above = std::iter::successors(Some(path.clone()), FilePath::parent);
            above.filter_map(|path| produced.get(&path)).flatten().copied().collect()
        };
        let programs = self.inventory.components.iter().enumerate().filter_map(|(id, component)| {
            Some((component.program.as_ref()?, packages.component(id).to_owned()))
        });
        let files = self.files.iter().map(|(file, id)| (&self.scene.files.all()[*file].path, id.clone()));
        for (path, id) in programs.chain(files).collect::<Vec<_>>() {
            for builder in makers(path) {
                idle.remove(&builder);
                self.add(packages.builder(builder), "BUILD_TOOL_OF", &id);
            }
        }
        for builder in idle {
            self.add(packages.builder(builder), "BUILD_TOOL_OF", packages.image());
        }
        Ok(())
    }

    /// The builders by the places that they produced.
    fn produced(&self) -> io::Result<BTreeMap<FilePath, BTreeSet<usize>>> {
        let mut places: BTreeMap<FilePath, BTreeSet<usize>> = BTreeMap::new();
        for (at, builder) in self.scene.sbom.builders.iter().enumerate() {
            for path in &builder.produced {
                let found = resolve(self.scene.tree, &FilePath::root(), path, Bounds::World)?;
                if let Resolved::Found(path, _) = found {
                    places.entry(path).or_default().insert(at);
                }
            }
        }
        Ok(places)
    }
}
