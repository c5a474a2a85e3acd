//! How a scanner of the client's is run on the finished image (BuildKit `docs/attestations/sbom-protocol.md`).
//!
//! It is no step of our own binary; what lowers it and what proves it must agree on where it sees what.

/// The name of what it is to find.
pub const NAME: &str = "sbom";
/// Where the scanner sees the finished file system, read-only; the last part is the name.
pub const SOURCE_MOUNT: &str = "/run/src/core/sbom";
/// Where the scanner writes its statements.
pub const DESTINATION_MOUNT: &str = "/run/out";
/// Where the scanner has memory to write to.
pub const MEMORY: &str = "/tmp";
/// What tells the scanner where it sees and writes what, with the very values that BuildKit gives.
pub const PLACES: [(&str, &str); 2] =
    [("BUILDKIT_SCAN_DESTINATION", "/run/out/"), ("BUILDKIT_SCAN_SOURCE", SOURCE_MOUNT)];
/// What the names of the scanner's parameters begin with.
pub const PARAMETER_PREFIX: &str = "BUILDKIT_SCAN_";
