//! What our binary does when the graph runs it: stage, inspect, test.
//!
//! A step succeeds whenever it could do its work. What is wrong with the image stands in its report.

mod output;
mod stage;
mod test;

pub use stage::stage;

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::de::DeserializeOwned;

use crate::diagnostic::{internal, panicked};
use crate::inspect::inspect;
use crate::sbom;
use crate::step::{
    BASE_MOUNT, FINAL_MOUNT, Finding, INPUT_MOUNT, InspectRequest, OUTPUT_MOUNT, REPORT_FILE, REPORT_MOUNT,
    REQUEST_FILE, REQUEST_MOUNT, Report, SBOM_FILE, StageRequest, Step, TestRequest, code, decode, encode,
};
use crate::tree::{Directory, Files, Index, both};

/// A request larger than this is not ours.
const LARGEST_REQUEST: u64 = 64 << 20;

/// Where a step's mounts are: on an empty root in the graph, in a temporary directory in a test.
#[derive(Debug, Clone)]
pub struct Mounts {
    /// The directory with the request.
    pub request: PathBuf,
    /// A builder's output.
    pub input: PathBuf,
    /// The finished image's file system.
    pub image: PathBuf,
    /// The base's file system.
    pub base: PathBuf,
    /// Where the step writes its tree.
    pub output: PathBuf,
    /// Where the step writes its report.
    pub report: PathBuf,
}

/// Why a step could not do its work.
#[derive(Debug)]
pub enum StepError {
    /// The command line names no step.
    Usage,
    /// The request cannot be understood.
    Request(String),
    /// Something could not be read or written.
    Io(&'static str, io::Error),
}

/// Runs the step that the arguments after `inside` name, with the mounts of the graph, and returns the program's
/// exit code; what went wrong is told in one line on stderr, which is the step's log.
pub fn run(arguments: &[String]) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| tell(&internal(&panicked(panic)))));
    match find(arguments).and_then(|step| work(&Mounts::of(step), step)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn tell(text: &str) {
    // Nobody is left to tell where even stderr is closed.
    let _ = writeln!(io::stderr(), "cofferdam inside: {text}");
}

/// The step that a command line names.
fn find(arguments: &[String]) -> Result<Step, StepError> {
    let [name] = arguments else { return Err(StepError::Usage) };
    Step::find(name).ok_or(StepError::Usage)
}

/// Runs a step with its mounts anywhere.
pub fn run_in(mounts: &Mounts, arguments: &[String]) -> Result<(), StepError> {
    work(mounts, find(arguments)?)
}

fn work(mounts: &Mounts, step: Step) -> Result<(), StepError> {
    let report = match step {
        Step::Stage => run_stage(mounts)?,
        Step::Inspect => run_inspect(mounts)?,
        Step::Test => run_test(mounts)?,
    };
    write(&mounts.report.join(REPORT_FILE), &encode(&report))
}

fn run_stage(mounts: &Mounts) -> Result<Report, StepError> {
    let request: StageRequest = read_request(mounts)?;
    let input = open(&mounts.input)?;
    stage(&input, &mounts.output, &request).map_err(|error| StepError::Io("the artifacts", error))
}

fn run_inspect(mounts: &Mounts) -> Result<Report, StepError> {
    let request: InspectRequest = read_request(mounts)?;
    let (image, base) = (open(&mounts.image)?, open(&mounts.base)?);
    let failed = |error| StepError::Io("the image's file system", error);
    let (image, base) = both(|| Index::of(&image), || Index::of(&base));
    let (image, base) = (image.map_err(failed)?, base.map_err(failed)?);
    let files = Files::read(&image, &base).map_err(failed)?;
    let (report, sbom) = both(
        || inspect(&image, &files, &base, &request),
        || request.sbom.as_ref().map(|wanted| sbom::document(&image, &files, &request, wanted)).transpose(),
    );
    let mut report = report.map_err(failed)?;
    if let Some(sbom) = sbom.map_err(failed)? {
        report.summary.components = sbom.components;
        // What the document cannot tell is no breach of a rule, but whoever relies on it should know.
        let gaps = sbom.gaps.into_iter().map(|gap| Finding::new(code::SBOM_GAP, &gap.path, gap.reason));
        report.notes.extend(gaps);
        write(&mounts.output.join(SBOM_FILE), &sbom.bytes)?;
    }
    Ok(report)
}

fn run_test(mounts: &Mounts) -> Result<Report, StepError> {
    let request: TestRequest = read_request(mounts)?;
    let image = open(&mounts.image)?;
    test::test(&image, &mounts.report, &request).map_err(|error| StepError::Io("the test", error))
}

fn read_request<T: DeserializeOwned>(mounts: &Mounts) -> Result<T, StepError> {
    let path = mounts.request.join(REQUEST_FILE);
    let failed = |error| StepError::Io("the request", error);
    if fs::metadata(&path).map_err(failed)?.len() > LARGEST_REQUEST {
        return Err(StepError::Request("it is too large".to_owned()));
    }
    let bytes = fs::read(&path).map_err(failed)?;
    decode(&bytes).map_err(|error| StepError::Request(error.to_string()))
}

fn open(root: &Path) -> Result<Directory, StepError> {
    Directory::open(root).map_err(|error| StepError::Io("the mounted tree", error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), StepError> {
    fs::write(path, bytes).map_err(|error| StepError::Io("the result", error))
}

impl Mounts {
    /// Where the graph mounts what a step uses.
    fn of(step: Step) -> Mounts {
        let at = |mount| step.at(mount).into();
        Mounts {
            request: at(REQUEST_MOUNT),
            input: at(INPUT_MOUNT),
            image: at(FINAL_MOUNT),
            base: at(BASE_MOUNT),
            output: at(OUTPUT_MOUNT),
            report: at(REPORT_MOUNT),
        }
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StepError::Usage => {
                f.write_str("say which step to run: ")?;
                f.write_str(&Step::ALL.map(Step::name).join(" or "))
            }
            StepError::Request(reason) => write!(f, "the request cannot be understood: {reason}"),
            StepError::Io(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

impl std::error::Error for StepError {}
