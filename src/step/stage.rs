//! What staging is asked: which artifacts of a builder's output cross, and where they go.

use serde::{Deserialize, Serialize};

/// The request of a stage step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRequest {
    /// What crosses; nothing else does.
    pub artifacts: Vec<Artifact>,
    /// Files that are put together from several.
    pub bundles: Vec<Bundle>,
    /// Directories that are made, not copied.
    pub directories: Vec<Directory>,
    /// Symbolic links that are made, not copied.
    pub links: Vec<Link>,
    /// Where the builder saw its output mounted, so that absolute links into it are understood; for the build context the
    /// root, or where a builder would have seen it.
    pub seen_at: String,
}

/// One declared artifact: a file, or a directory with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Its path relative to the output's root; empty or `.` for the whole output.
    pub from: String,
    /// Its absolute path in the image.
    pub to: String,
    /// The permission bits of its regular files; where absent, 0755 for executables and 0644 for others.
    pub mode: Option<u32>,
    /// Whether a file keeps its name below `to`, as a directory's content always does.
    pub into: bool,
    /// The SHA-256 that a file's content must have, in hexadecimal digits; any content where it is absent.
    pub sha256: Option<String>,
    /// Whether its absence is an error.
    pub required: bool,
    /// What of a directory stays behind; absent where all of it crosses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave_out: Option<LeaveOut>,
}

/// What of a directory stays behind, by patterns of paths below it: `*` within a part, `**` across parts. Directories that
/// nothing crosses from stay behind then, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveOut {
    /// Of whatever is there; what lies below a directory goes with it.
    pub paths: Vec<String>,
    /// Of what is no directory: patterns in small letters, for paths written in such letters.
    pub files: Vec<String>,
}

/// One file that is put together from several texts, a line break between each two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The paths of the parts, relative to the output's root.
    pub parts: Vec<String>,
    /// Its absolute path in the image.
    pub to: String,
}

/// One symbolic link that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its absolute path in the image.
    pub path: String,
    /// The absolute path that it leads to.
    pub target: String,
}

/// One directory that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Its absolute path in the image.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}
