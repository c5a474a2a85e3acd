//! Proofs on a marshalled graph, by a verifier that does not trust the lowering.
