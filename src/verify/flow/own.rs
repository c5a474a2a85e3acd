//! What our own steps may look at: staging a builder's files, inspection the image.

use super::{Kind, Subject};
use crate::step::Step;
use crate::verify::findings::Findings;
use crate::verify::rules::{staging_leak, uninspected};
use crate::verify::shape::Own;

impl Subject<'_> {
    /// What one of our own steps gives.
    pub(super) fn own(&self, own: &Own, vertex: usize, found: &mut Findings<'_>) -> Vec<Kind> {
        let tree = own.tree.map(|tree| self.kind(tree));
        let (law, written) = match own.step {
            Step::Stage => (&staging_leak::LAW, Kind::Staged),
            Step::Inspect => (&uninspected::LAW, Kind::Bill),
        };
        let fits = match (own.step, tree) {
            (_, None | Some(Kind::Unknown)) | (Step::Stage, Some(Kind::Files(_))) => true,
            // That it is the very image which ships is proved where that image is known.
            (Step::Inspect, Some(Kind::Image | Kind::Layer | Kind::Stack | Kind::Merged)) => true,
            _ => false,
        };
        if let Some(tree) = tree.filter(|_| !fits) {
            self.report(vertex, law, format!("looks at {}", tree.name()), found);
        }
        let mut kinds = vec![Kind::Report; 2];
        if let Some(slot) = kinds.get_mut(own.written) {
            *slot = written;
        }
        kinds
    }
}
