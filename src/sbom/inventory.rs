//! What was found: components, what they contain, which files are theirs, and what is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gap, limits};
use crate::tree::FilePath;

/// A component of the image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) version: Option<String>,
    /// Its package URL; none where it comes from no place that has package URLs.
    pub(super) purl: Option<String>,
    /// The program that it is, where it is one.
    pub(super) program: Option<FilePath>,
    pub(super) kind: Kind,
    /// SHA-256 of the archive that it came in, as hexadecimal digits.
    pub(super) sha256: Option<String>,
    /// Where it came from, as SPDX's download location.
    pub(super) download: Option<String>,
    /// Who distributes it, as SPDX's supplier.
    pub(super) supplier: Option<String>,
    /// Its declared licence as an SPDX expression.
    pub(super) licence: Option<String>,
    /// What its metadata says of licences, in its own words.
    pub(super) licence_comment: Option<String>,
    /// What it was made from.
    pub(super) source: Option<String>,
    /// Anything else.
    pub(super) comment: Option<String>,
}

/// The kinds of components that SPDX tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Kind {
    /// A package of a distribution.
    #[default]
    Package,
    /// A program.
    Program,
    /// A part of programs.
    Library,
}

/// The place of a component in its inventory.
pub(super) type Id = usize;

/// What one component has to do with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// The other one is a part of it.
    Contains,
    /// It ran, or was compiled into what ran, when the other one was built.
    BuildDependencyOf,
}

/// A growing inventory.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    components: Vec<Component>,
    known: BTreeMap<Identity, Id>,
    relations: BTreeSet<(Id, Relation, Id)>,
    owned: BTreeSet<(Id, usize)>,
    gaps: BTreeSet<Gap>,
    left_out: usize,
    unrelated: usize,
}

/// An inventory that is complete: components are sorted, and ids are their indexes.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) components: Vec<Component>,
    pub(super) relations: BTreeSet<(Id, Relation, Id)>,
    /// Components and the indexes of their files.
    pub(super) owned: BTreeSet<(Id, usize)>,
    pub(super) gaps: Vec<Gap>,
}

/// What makes two findings the same component.
type Identity = (Option<FilePath>, String, Option<String>, Option<String>);

impl Inventory {
    pub(super) fn new() -> Inventory {
        Inventory::default()
    }

    /// Adds a component, or what is new about one that is known; `None` where there are too many already.
    pub(super) fn add(&mut self, component: Component) -> Option<Id> {
        let identity = (
            component.program.clone(),
            component.name.clone(),
            component.version.clone(),
            component.purl.clone(),
        );
        if let Some(&id) = self.known.get(&identity) {
            self.components[id].learn(component);
            return Some(id);
        }
        if self.components.len() == limits::COMPONENTS {
            self.left_out += 1;
            return None;
        }
        let id = self.components.len();
        self.components.push(component);
        self.known.insert(identity, id);
        Some(id)
    }

    /// Relates two components.
    pub(super) fn relate(&mut self, one: Id, relation: Relation, other: Id) {
        if one != other && self.relations.len() < limits::RELATIONS {
            self.relations.insert((one, relation, other));
        } else if one != other {
            self.unrelated += 1;
        }
    }

    /// Gives a file to a component.
    pub(super) fn own(&mut self, component: Id, file: usize) {
        if self.owned.len() < limits::RELATIONS {
            self.owned.insert((component, file));
        } else {
            self.unrelated += 1;
        }
    }

    /// Notes what cannot be told.
    pub(super) fn gap(&mut self, path: &FilePath, reason: impl Into<String>) {
        if self.gaps.len() <= limits::GAPS {
            self.gaps.insert(Gap { path: path.to_string(), reason: reason.into() });
        }
    }

    /// The inventory in an order that does not depend on who found what first.
    pub(super) fn finish(mut self) -> Finished {
        for (count, what) in [(self.left_out, "components"), (self.unrelated, "relations")] {
            if count > 0 {
                let gap = Gap {
                    path: "/".to_owned(),
                    reason: format!("{count} more {what} were found than a document lists"),
                };
                self.gaps.insert(gap);
            }
        }
        let mut order: Vec<Id> = (0..self.components.len()).collect();
        order.sort_by(|&a, &b| self.components[a].cmp(&self.components[b]));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| place[old] = new);
        Finished {
            components: order.iter().map(|&old| std::mem::take(&mut self.components[old])).collect(),
            relations: self.relations.iter().map(|&(a, r, b)| (place[a], r, place[b])).collect(),
            owned: self.owned.iter().map(|&(id, file)| (place[id], file)).collect(),
            gaps: self.gaps.into_iter().collect(),
        }
    }
}

impl Component {
    /// Fills what is not known yet from another finding of the same component.
    fn learn(&mut self, other: Component) {
        let fill = |mine: &mut Option<String>, theirs| *mine = mine.take().or(theirs);
        fill(&mut self.sha256, other.sha256);
        fill(&mut self.download, other.download);
        fill(&mut self.supplier, other.supplier);
        fill(&mut self.licence, other.licence);
        fill(&mut self.licence_comment, other.licence_comment);
        fill(&mut self.source, other.source);
        fill(&mut self.comment, other.comment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Component {
        Component { name: name.to_owned(), ..Component::default() }
    }

    #[test]
    fn the_same_component_is_listed_once_and_order_does_not_matter() {
        let mut one = Inventory::new();
        let (b, a) = (one.add(named("b")).unwrap(), one.add(named("a")).unwrap());
        let again = one.add(Component { sha256: Some("1".to_owned()), ..named("b") }).unwrap();
        assert_eq!(b, again);
        one.relate(b, Relation::Contains, a);
        one.relate(b, Relation::Contains, b);
        one.own(a, 7);
        let finished = one.finish();
        assert_eq!(finished.components[1].sha256.as_deref(), Some("1"));
        assert_eq!(finished.relations, [(1, Relation::Contains, 0)].into());
        assert_eq!(finished.owned, [(0, 7)].into());
    }

    #[test]
    fn too_many_components_are_a_gap() {
        let mut many = Inventory::new();
        let added = (0..limits::COMPONENTS + 5).filter_map(|i| many.add(named(&i.to_string()))).count();
        assert_eq!(added, limits::COMPONENTS);
        let gaps = many.finish().gaps;
        assert_eq!(gaps.len(), 1);
        assert!(gaps[0].reason.starts_with("5 more components"), "{gaps:?}");
    }
}
