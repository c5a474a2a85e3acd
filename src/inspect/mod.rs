//! Proofs on a finished file system: the rules that only the output can break.
