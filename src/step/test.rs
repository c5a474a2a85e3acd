//! What a test is asked: one claim about the finished image, and how the image runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The request of a test step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRequest {
    /// The user id of the image's processes.
    pub uid: u32,
    /// The group id of the image's processes.
    pub gid: u32,
    /// The working directory, absolute.
    pub workdir: String,
    /// The image's environment.
    pub env: BTreeMap<String, String>,
    /// What the image starts: the entrypoint followed by its arguments.
    pub argv: Vec<String>,
    /// What is claimed.
    pub test: Test,
}

/// A claim about the finished image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Test {
    /// A command ends like this.
    Run {
        /// The program and its arguments.
        argv: Vec<String>,
        /// The exit code.
        exit: u8,
        /// What it writes to its standard output.
        stdout: Output,
        /// What it writes to its standard error.
        stderr: Output,
        /// The seconds that it may take.
        timeout: u16,
    },
    /// There is such a file or directory.
    File {
        /// Its path in the image, absolute.
        path: String,
        /// What it is like; `None` where there is to be nothing.
        like: Option<FileState>,
    },
    /// What the image starts answers a request.
    Http {
        /// The path and query.
        path: String,
        /// The port on loopback.
        port: u16,
        /// The status code of the answer.
        status: u16,
        /// The seconds that may pass until the answer is there.
        timeout: u16,
    },
}

/// What a text is like; what is not said may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// It has this in it.
    pub contains: Option<String>,
    /// It is this, but for a line break at its end.
    pub equals: Option<String>,
    /// It is this, but for a line break at its end, where each `*` stands for anything.
    pub matches: Option<String>,
}

/// What a file or directory is like; what is not said may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileState {
    /// Its permission bits.
    pub mode: Option<u32>,
    /// The owner's user id.
    pub uid: Option<u32>,
    /// The owner's group id.
    pub gid: Option<u32>,
}

impl std::fmt::Display for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Test::Run { argv, .. } => write!(f, "run {}", argv.join(" ")),
            Test::File { path, .. } => write!(f, "look at {path}"),
            Test::Http { path, port, .. } => write!(f, "GET http://127.0.0.1:{port}{path}"),
        }
    }
}
