//! The steps that our own binary runs inside the graph: their requests and their reports.
//!
//! A step runs without network, on an empty root or, to test the image, on the image itself, which it cannot change.
//! The frontend writes a request, mounts it with the trees to look at, and reads the report back. A broken rule is a
//! finding in the report and not an exit code, so that the frontend can say which line of the manifest caused it.

pub mod code;
mod inspect;
mod report;
pub mod scan;
mod stage;
mod test;

pub use inspect::{BaseImage, BuilderImage, CargoLock, InspectRequest, Process, SbomRequest};
pub use report::{Finding, Report, Summary};
pub use stage::{Artifact, Bundle, Directory, LeaveOut, Link, StageRequest};
pub use test::{FileState, Output, Test, TestRequest};

use serde::{Serialize, de::DeserializeOwned};

/// Where the image that carries our binary is mounted, read-only.
pub const PROGRAM_MOUNT: &str = "/cofferdam";
/// Our binary's path inside the image that carries it.
pub const PROGRAM_IN_IMAGE: &str = "/cofferdam";
/// Where the directory with the request is mounted, read-only.
pub const REQUEST_MOUNT: &str = "/request";
/// The request's name in [`REQUEST_MOUNT`].
pub const REQUEST_FILE: &str = "request.json";
/// Where a builder's output is mounted, read-only (stage).
pub const INPUT_MOUNT: &str = "/in";
/// Where the finished image's file system is mounted, read-only (inspect, test).
pub const FINAL_MOUNT: &str = "/final";
/// Where the base's file system is mounted, read-only (inspect); empty where the base is.
pub const BASE_MOUNT: &str = "/base";
/// Where a step writes its tree: the staged artifacts, or the SBOM.
pub const OUTPUT_MOUNT: &str = "/out";
/// Where a step writes its report.
pub const REPORT_MOUNT: &str = "/report";
/// The report's name in [`REPORT_MOUNT`].
pub const REPORT_FILE: &str = "report.json";
/// The SPDX document's name in [`OUTPUT_MOUNT`] of an inspection.
pub const SBOM_FILE: &str = "sbom.spdx.json";
/// Where a test has what other steps have at the root, which is the image's there.
const TEST_PREFIX: &str = "/run/cofferdam";
/// Where a test has memory to write to.
pub const TEST_MEMORY: &str = "/tmp";

/// The word that tells our binary that the graph runs it.
pub const INSIDE: &str = "inside";

/// One of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Copies exactly the declared artifacts of a builder's output.
    Stage,
    /// Proves the output rules on the finished file system and lists its components.
    Inspect,
    /// Tests the image in the image.
    Test,
}

/// Bytes that are not the request or report they should be.
#[derive(Debug)]
pub struct DecodeError(serde_json::Error);

impl Step {
    /// Every step.
    pub const ALL: [Step; 3] = [Step::Stage, Step::Inspect, Step::Test];

    /// The step's word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Step::Stage => "stage",
            Step::Inspect => "inspect",
            Step::Test => "test",
        }
    }

    /// The step of that name.
    pub fn find(name: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.name() == name)
    }

    /// Where the step has one of the mounts.
    pub fn at(self, mount: &str) -> String {
        match self {
            Step::Stage | Step::Inspect => mount.to_owned(),
            Step::Test => format!("{TEST_PREFIX}{mount}"),
        }
    }

    /// The whole command line: the program as it is mounted, then what it shall do.
    pub fn argv(self) -> Vec<String> {
        let program = self.at(PROGRAM_MOUNT) + PROGRAM_IN_IMAGE;
        vec![program, INSIDE.to_owned(), self.name().to_owned()]
    }
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for DecodeError {}

/// The JSON form: same value, same bytes, because fields have a fixed order and maps are sorted.
///
/// The plain types of this module always encode; should one ever not, the empty result is refused by [`decode`].
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// The value of a JSON form; unknown fields are errors, because both sides are the same binary.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(bytes).map_err(DecodeError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspect_request() -> InspectRequest {
        InspectRequest {
            platform: "linux/arm64".to_owned(),
            uid: 65532,
            gid: 65532,
            workdir: "/app".to_owned(),
            env: [("PATH".to_owned(), "/bin".to_owned()), ("A".to_owned(), "b".to_owned())].into(),
            processes: vec![Process { name: "web".to_owned(), argv: vec!["/app/web".to_owned()] }],
            base: BaseImage { name: "scratch".to_owned(), digest: None },
            extended: Vec::new(),
            sbom: Some(SbomRequest { name: "web".to_owned(), ..SbomRequest::default() }),
        }
    }

    #[test]
    fn requests_survive_the_journey_and_have_one_form() {
        let request = inspect_request();
        let bytes = encode(&request);
        assert_eq!(decode::<InspectRequest>(&bytes).unwrap(), request);
        assert!((0..25).all(|_| encode(&inspect_request()) == bytes));
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(r#""env":{"A":"b","PATH":"/bin"}"#), "{text}");
    }

    #[test]
    fn what_is_not_a_request_is_refused() {
        for wrong in ["", "{}", r#"{"artifacts":[],"seen_at":"/o","more":1}"#, "[1]"] {
            assert!(decode::<StageRequest>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_command_line_names_its_step() {
        assert_eq!(Step::Stage.argv(), ["/cofferdam/cofferdam", "inside", "stage"]);
        assert_eq!(Step::Test.argv(), ["/run/cofferdam/cofferdam/cofferdam", "inside", "test"]);
        assert!(Step::ALL.into_iter().all(|step| Step::find(step.name()) == Some(step)));
        assert_eq!(Step::find("serve"), None);
    }
}
