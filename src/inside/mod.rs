//! What our binary does when the graph runs it: stage, inspect.

mod inspect;
mod output;
mod stage;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use stage::stage;

use crate::step::{self, Report, Step};
use crate::tree::Directory;

/// Runs the step that the arguments name, on the mounts of the graph.
///
/// The exit code is 0 whenever the step could do its work: what breaks a rule stands in the report.
pub fn run(arguments: &[String]) -> ExitCode {
    match arguments.first().and_then(|name| Step::find(name)) {
        Some(step) => match perform(step, Path::new("/")) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&format!("{}: {error}", step.name())),
        },
        None => complain("there is no such step"),
    }
}

/// Runs a step whose mounts lie below `root`; an error only where a mount is damaged or the disk fails.
pub fn perform(step: Step, root: &Path) -> io::Result<()> {
    let mount = |path: &str| root.join(path.trim_start_matches('/'));
    let request = fs::read(mount(step::REQUEST_MOUNT).join(step::REQUEST_FILE))?;
    let out = mount(step::OUTPUT_MOUNT);
    let report = match step {
        Step::Stage => stage(&open(mount(step::INPUT_MOUNT))?, &out, &decoded(&request)?)?,
        Step::Inspect => inspect::inspect(&open(mount(step::FINAL_MOUNT))?, &out, &decoded(&request)?)?,
    };
    write(&mount(step::REPORT_MOUNT), &report)
}

fn open(path: PathBuf) -> io::Result<Directory> {
    Directory::open(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    step::decode(bytes)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("the request: {error}")))
}

fn write(directory: &Path, report: &Report) -> io::Result<()> {
    fs::write(directory.join(step::REPORT_FILE), step::encode(report))
}

/// Says why the step could not do its work; this is shown with the failing step.
#[allow(clippy::print_stderr)]
fn complain(message: &str) -> ExitCode {
    eprintln!("cofferdam: {message}");
    ExitCode::FAILURE
}
