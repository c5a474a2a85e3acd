//! What a scanner may look at and run in: the image, in an image of its own.

use super::{Kind, Subject};
use crate::verify::findings::Findings;
use crate::verify::rules::scanner_leak;
use crate::verify::shape::Scan;

impl Subject<'_> {
    /// What a scanner's step gives.
    pub(super) fn scan(&self, scan: &Scan, vertex: usize, found: &mut Findings<'_>) -> Vec<Kind> {
        let law = &scanner_leak::LAW;
        let root = self.kind(scan.root);
        if !matches!(root, Kind::Image | Kind::Unknown) {
            self.report(vertex, root.law(law), format!("runs a scanner in {}", root.name()), found);
        }
        // Which outputs there are, its shape says: the root, since the daemon knows no other writable one, and this.
        (0..2).map(|output| if output == scan.written { Kind::Scan } else { Kind::Closed(law) }).collect()
    }
}
