//! `unpinned-source`: every image, download and repository is named by what is in it.

use super::Proof;
use crate::name::Digest;
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::shape::Shape;
use crate::verify::shape::source::{Kind, Source};

/// How breaches are reported.
static LAW: Law = Law::of(&rule::UNPINNED_SOURCE);

/// Looks at every source.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for (vertex, shape) in proof.subject.shapes.iter().enumerate() {
        let Shape::Source(source) = shape else { continue };
        if !is_pinned(source) {
            let text = format!("is not pinned: {}", quoted(source.identifier));
            proof.subject.report(vertex, &LAW, text, found);
        }
    }
}

fn is_pinned(source: &Source<'_>) -> bool {
    let attribute = |key: &str| source.op.attrs.get(key).map(String::as_str);
    match source.kind {
        Kind::Local => true,
        Kind::Image | Kind::Layout => source.digest().is_some(),
        // What the client sends on standard input is as much its own as a directory is.
        Kind::Http if source.identifier.starts_with("http://buildkit-session/") => true,
        Kind::Http => attribute("http.checksum").is_some_and(|digest| Digest::parse(digest).is_ok()),
        Kind::Git => {
            let fragment = source.identifier.split_once('#').map_or("", |(_, fragment)| fragment);
            let reference = fragment.split(':').next().unwrap_or_default();
            is_commit(reference) || attribute("git.checksum").is_some_and(is_commit)
        }
    }
}

/// Whether a text is the full name of a commit (SHA-1 or SHA-256).
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
