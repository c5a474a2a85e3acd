//! Bills of materials as attestations (BuildKit `docs/attestations`; in-toto predicate type of SPDX).

use std::collections::BTreeMap;

use crate::step::{self, scan};
use crate::wire::gateway;

const SPDX: &str = "https://spdx.dev/Document";

/// The attestations of an image; `None` where it has none: the daemon does not survive an empty list.
pub(super) fn all(
    bill: Option<gateway::Ref>,
    scan: Option<gateway::Ref>,
    in_full: bool,
) -> Option<gateway::Attestations> {
    let bill = bill.map(|tree| bill_of_materials(tree, in_full));
    let attestation: Vec<_> = bill.into_iter().chain(scan.map(scanned)).collect();
    (!attestation.is_empty()).then_some(gateway::Attestations { attestation })
}

/// The attestation whose predicate lies in a tree.
///
/// Unless it was asked for in full it goes only where it can go along inside (a push), so that exports that
/// cannot hold attestations stay whole.
fn bill_of_materials(tree: gateway::Ref, in_full: bool) -> gateway::Attestation {
    let mut metadata = reason();
    if !in_full {
        metadata.insert("inline-only".to_owned(), b"true".to_vec());
    }
    gateway::Attestation {
        kind: gateway::AttestationKind::InToto.into(),
        metadata,
        r#ref: Some(tree),
        path: format!("/{}", step::SBOM_FILE),
        in_toto_predicate_type: SPDX.to_owned(),
        in_toto_subjects: Vec::new(),
    }
}

/// What the client's scanner wrote: one statement in each file of a tree, as BuildKit's own frontend returns it.
fn scanned(tree: gateway::Ref) -> gateway::Attestation {
    let mut metadata = reason();
    // Of several, clients show this one first; the daemon adds to its files the layers that they are in.
    metadata.insert("sbom-core".to_owned(), scan::NAME.as_bytes().to_vec());
    gateway::Attestation {
        kind: gateway::AttestationKind::Bundle.into(),
        metadata,
        r#ref: Some(tree),
        in_toto_predicate_type: SPDX.to_owned(),
        ..Default::default()
    }
}

fn reason() -> BTreeMap<String, Vec<u8>> {
    BTreeMap::from([("reason".to_owned(), b"sbom".to_vec())])
}
