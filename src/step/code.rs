//! The kinds of errors that a step reports and that are no rules.

/// A declared artifact is not in the builder's output.
pub const ARTIFACT_MISSING: &str = "artifact-missing";
/// An artifact is, or holds, a device, a socket or a named pipe.
pub const ARTIFACT_UNSUPPORTED: &str = "artifact-unsupported";
/// Two artifacts are to become one path of the image.
pub const ARTIFACT_CONFLICT: &str = "artifact-conflict";

/// An artifact has another content than its declared checksum says.
pub const ARTIFACT_DIGEST: &str = "artifact-digest";
/// A part of a certificate bundle holds no certificate.
pub const NO_CERTIFICATE: &str = "no-certificate";
/// A file of the image could not be looked into for the bill of materials.
pub const SBOM_GAP: &str = "sbom-gap";
/// The image does not do what a test says.
pub const TEST_FAILED: &str = "test-failed";
/// A line that a tested process wrote.
pub const TEST_OUTPUT: &str = "test-output";
