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

use crate::inspect::inspect;
use crate::sbom;
use crate::step::{
    BASE_MOUNT, FILES_FILE, FINAL_MOUNT, Finding, INPUT_MOUNT, InspectRequest, OUTPUT_MOUNT, REPORT_FILE,
    REPORT_MOUNT, REQUEST_FILE, REQUEST_MOUNT, Report, SBOM_FILE, STAGED_MOUNT, StageRequest, Step,
    TestRequest, code, decode, encode,
};
use crate::tree::{Directory, Files, Index, Known, Listed, both};

/// A request, or a report, larger than this is not ours.
const LARGEST: u64 = 64 << 20;

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
    /// The reports of staging, each in a directory by its layer's number.
    pub staged: PathBuf,
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
    /// A request or a report cannot be understood.
    Foreign(&'static str, String),
    /// Something could not be read or written.
    Io(&'static str, io::Error),
}

/// Runs the step that the arguments after `inside` name, with the mounts of the graph, and returns the program's
/// exit code; what went wrong is told in one line on stderr.
pub fn run(arguments: &[String]) -> ExitCode {
    match find(arguments).and_then(|step| work(&Mounts::of(step), step)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell where even stderr is closed.
            let _ = writeln!(io::stderr(), "cofferdam inside: {error}");
            ExitCode::FAILURE
        }
    }
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
    let request: StageRequest = read(&mounts.request, REQUEST_FILE)?;
    let input = open(&mounts.input)?;
    let failed = |error| StepError::Io("the artifacts", error);
    let report = stage(&input, &mounts.output, &request).map_err(failed)?;
    let output = open(&mounts.output)?;
    let files = Index::of(&output).and_then(|tree| Files::read(&tree, Known::default())).map_err(failed)?;
    write(&mounts.report.join(FILES_FILE), &files.list())?;
    Ok(report)
}

fn run_inspect(mounts: &Mounts) -> Result<Report, StepError> {
    let request: InspectRequest = read(&mounts.request, REQUEST_FILE)?;
    let (image, base) = (open(&mounts.image)?, open(&mounts.base)?);
    let failed = |error| StepError::Io("the image's file system", error);
    let (image, base) = both(|| Index::of(&image), || Index::of(&base));
    let (image, base) = (image.map_err(failed)?, base.map_err(failed)?);
    let staged: Vec<PathBuf> =
        (0..request.layers).map(|layer| mounts.staged.join(layer.to_string())).collect();
    let mut listed = Listed::default();
    for layer in staged.iter().filter(|_| request.lists_count) {
        fs::read(layer.join(FILES_FILE)).and_then(|list| listed.add(&list)).map_err(failed)?;
    }
    let files = Files::read(&image, Known { base: Some(&base), listed: Some(&listed) }).map_err(failed)?;
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
    for layer in staged {
        let Report { findings, notes, .. } = read(&layer, REPORT_FILE)?;
        report.staged.push(findings);
        report.notes.extend(notes);
    }
    Ok(report)
}

fn run_test(mounts: &Mounts) -> Result<Report, StepError> {
    let request: TestRequest = read(&mounts.request, REQUEST_FILE)?;
    let image = open(&mounts.image)?;
    test::test(&image, &mounts.report, &request).map_err(|error| StepError::Io("the test", error))
}

/// What our own binary wrote into a directory: a request, or a report.
fn read<T: DeserializeOwned>(directory: &Path, name: &'static str) -> Result<T, StepError> {
    let path = directory.join(name);
    let failed = |error| StepError::Io(name, error);
    if fs::metadata(&path).map_err(failed)?.len() > LARGEST {
        return Err(StepError::Foreign(name, "it is too large".to_owned()));
    }
    let bytes = fs::read(&path).map_err(failed)?;
    decode(&bytes).map_err(|error| StepError::Foreign(name, error.to_string()))
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
            staged: at(STAGED_MOUNT),
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
            StepError::Foreign(what, reason) => write!(f, "{what} cannot be understood: {reason}"),
            StepError::Io(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

impl std::error::Error for StepError {}
