//! The components of a file system, and the SPDX document that lists them.
// To the engineer of branch `inside`: the bill of materials is being written on branch `sbom` by somebody else, to
// spread the work. Do not write this module; leave this file as it is (uncommitted) and call, from `inside::inspect`,
// `sbom::document(tree: &dyn Tree (or your trait), request: &step::InspectRequest, sbom: &step::SbomRequest) -> sbom::Sbom { bytes: Vec<u8>, components: u64 }`
// once it is merged; until then write no SBOM. Finish stage first and commit it at once, then inspect, then stop.
