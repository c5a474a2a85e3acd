//! The bill of materials as an attestation (BuildKit `docs/attestations`; in-toto predicate type of SPDX).

use std::collections::BTreeMap;

use crate::step;
use crate::wire::gateway;

const SPDX: &str = "https://spdx.dev/Document";

/// The attestation whose predicate lies in a tree.
///
/// Unless it was asked for in full it goes only where it can go along inside (a push), so that exports that
/// cannot hold attestations stay whole.
pub(super) fn bill_of_materials(tree: gateway::Ref, in_full: bool) -> gateway::Attestations {
    let mut metadata = BTreeMap::from([("reason".to_owned(), b"sbom".to_vec())]);
    if !in_full {
        metadata.insert("inline-only".to_owned(), b"true".to_vec());
    }
    let attestation = gateway::Attestation {
        kind: gateway::AttestationKind::InToto.into(),
        metadata,
        r#ref: Some(tree),
        path: format!("/{}", step::SBOM_FILE),
        in_toto_predicate_type: SPDX.to_owned(),
        in_toto_subjects: Vec::new(),
    };
    gateway::Attestations { attestation: vec![attestation] }
}
