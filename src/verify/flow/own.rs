//! What our own steps may look at: staging a builder's files, inspection and tests the image.

use super::{Kind, Subject};
use crate::step::Step;
use crate::verify::findings::Findings;
use crate::verify::rules::{staging_leak, tests_leak, uninspected};
use crate::verify::shape::Own;

impl Subject<'_> {
    /// What one of our own steps gives.
    pub(super) fn own(&self, own: &Own, vertex: usize, found: &mut Findings<'_>) -> Vec<Kind> {
        let tree = own.tree.map(|tree| self.kind(tree));
        let (law, written, report) = match own.step {
            Step::Stage => (&staging_leak::LAW, Kind::Staged, Kind::Report),
            Step::Inspect => (&uninspected::LAW, Kind::Bill, Kind::Report),
            Step::Test => (&tests_leak::LAW, Kind::Verdict, Kind::Verdict),
        };
        let fits = match (own.step, tree) {
            (_, None | Some(Kind::Unknown)) => true,
            (Step::Stage, Some(kind)) => matches!(kind, Kind::Files(_)),
            // That it is the very image which ships is proved where that image is known.
            (Step::Inspect | Step::Test, Some(kind)) => {
                matches!(kind, Kind::Image | Kind::Layer | Kind::Stack | Kind::Merged)
            }
        };
        if let Some(tree) = tree.filter(|_| !fits) {
            self.report(vertex, tree.law(law), format!("looks at {}", tree.name()), found);
        }
        // Its root is an output too, since the daemon knows no other writable root.
        let kind = |output| match output {
            output if Some(output) == own.written => written,
            output if output == own.report => report,
            _ => Kind::Closed(law),
        };
        (0..own.outputs).map(kind).collect()
    }
}
