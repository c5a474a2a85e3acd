//! What an inspection is asked: how the image will be started, and what is known of its origin.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The request of an inspect step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectRequest {
    /// The platform that the image is for, as `os/architecture[/variant]`.
    pub platform: String,
    /// The user id of the image's processes.
    pub uid: u32,
    /// The group id of the image's processes.
    pub gid: u32,
    /// The working directory, absolute.
    pub workdir: String,
    /// The image's environment.
    pub env: BTreeMap<String, String>,
    /// Every way in which the image is started.
    pub processes: Vec<Process>,
    /// What the image stands on.
    pub base: BaseImage,
    /// The files that the manifest asks to extend, which may take the place of the base's.
    pub extended: Vec<String>,
    /// What the SBOM shall say; without it none is written.
    pub sbom: Option<SbomRequest>,
}

/// One way to start the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// The process type's name, such as `web`.
    pub name: String,
    /// The entrypoint followed by its arguments.
    pub argv: Vec<String>,
}

/// The base of the image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseImage {
    /// Its name as users know it: `scratch`, or an image reference.
    pub name: String,
    /// Its digest; scratch has none.
    pub digest: Option<String>,
}

/// What the SBOM says beyond what the file system tells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomRequest {
    /// The image's name.
    pub name: String,
    /// The image's version, where the build knows one.
    pub version: Option<String>,
    /// The document's creation time in seconds since 1970 (`SOURCE_DATE_EPOCH`, else 0).
    pub created: i64,
    /// The images whose programs produced files of this one.
    pub builders: Vec<BuilderImage>,
    /// Cargo lock files of the Rust programs in the image.
    pub cargo_locks: Vec<CargoLock>,
}

/// A builder image, as SPDX's `BUILD_TOOL_OF` wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuilderImage {
    /// Its reference as users know it.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// The paths in the image that it produced, files or directories; empty for the image as a whole.
    pub produced: Vec<String>,
}

/// A lock file and the programs that were built with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CargoLock {
    /// The paths of the programs in the image.
    pub programs: Vec<String>,
    /// The lock file's text.
    pub text: String,
}
