//! What a merge may use: at the bottom an image, above it layers.

use super::{Kind, Subject};
use crate::verify::findings::Findings;
use crate::verify::graph::Link;
use crate::verify::rules::{merge_shadows_base, staging_leak};
use crate::verify::shape;

impl Subject<'_> {
    /// What a merge gives.
    pub(super) fn merge(&self, trees: &[Link], vertex: usize, found: &mut Findings<'_>) -> Kind {
        let mut kind = Kind::Merged;
        for (position, tree) in trees.iter().enumerate() {
            let (law, text) = match self.kind(*tree) {
                Kind::Layer | Kind::Unknown => continue,
                Kind::Image if position == 0 => continue,
                Kind::Image => (&merge_shadows_base::LAW, "lays an image over something".to_owned()),
                other @ (Kind::Root { .. } | Kind::Files(_) | Kind::Staged) => {
                    (&staging_leak::LAW, format!("takes {}, which is no layer", other.name()))
                }
                other => (other.law(&shape::LAW), format!("merges {}", other.name())),
            };
            self.report(vertex, law, text, found);
            kind = Kind::Unknown;
        }
        kind
    }
}
