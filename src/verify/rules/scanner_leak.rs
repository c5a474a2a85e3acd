//! `scanner-leak`: the client's scanner runs in its own image, sees the finished image, and only reports.
//!
//! That nothing else comes out of a scan is its shape, and that nothing takes what it wrote for files is its kind.

use super::Proof;
use crate::rule;
use crate::verify::findings::{Findings, Law};
use crate::verify::graph::Link;
use crate::verify::shape::{Scan, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::SCANNER_LEAK);

/// Looks at every scan.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let shapes = proof.subject.shapes.iter().enumerate();
    let scans = shapes.filter_map(|(vertex, shape)| match shape {
        Shape::Scan(scan) => Some((vertex, scan)),
        _ => None,
    });
    for (number, (vertex, scan)) in scans.enumerate() {
        if let Some(text) = misused(proof, vertex, scan).or((number > 0).then_some("is one scan too many")) {
            proof.subject.report(vertex, &LAW, text, found);
        }
    }
}

fn misused(proof: &Proof<'_>, vertex: usize, scan: &Scan) -> Option<&'static str> {
    let image = match proof.subject.shape(scan.root.vertex) {
        Shape::Source(source) => Some(source.identifier),
        _ => None,
    };
    if image.is_none() || image != proof.case.client.scanner {
        return Some("scans, and is not the scanner that the client names");
    }
    if scan.tree != proof.subject.graph.image {
        return Some("scans another tree than the image");
    }
    let is_asked = proof.subject.graph.reports.contains(&Link { vertex, output: scan.written });
    (!is_asked).then_some("scans the image, and nobody asks for what it finds")
}
