//! Tests of the finished image, run in it: one claim, held against what the image does.
//!
//! This program is the first process of the step, and root. What it starts runs as the image's user, and whatever is
//! left of that ends with the step.

#![allow(
    clippy::disallowed_methods,
    reason = "a test ends at its deadline; no byte of an image comes from here"
)]

mod child;
mod file;
mod home;
mod http;
mod terminal;
mod text;

use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use child::{Child, last_lines};

use crate::step::{Finding, Report, Test, TestRequest, code};
use crate::tree::Tree;

/// What the test found, with the last lines that its process wrote; `image` is the image's file system, and files of
/// the test's own are in `directory`.
pub(super) fn test(image: &dyn Tree, directory: &Path, request: &TestRequest) -> io::Result<Report> {
    let deadline = |seconds: u16| Instant::now() + Duration::from_secs(seconds.into());
    let request = &at_home(image, request)?;
    let (outcome, lines) = match &request.test {
        Test::File { path, like } => (file::check(image, path, *like)?, Vec::new()),
        Test::Run { argv, exit, stdout, stderr, timeout } => watched(directory, request, argv, &|child| {
            let Some(end) = child.wait(deadline(*timeout))? else {
                return Ok(Err(format!("it still runs after {timeout} s")));
            };
            let (out, err) = (child.stdout()?, child.stderr()?);
            Ok(end
                .expect(*exit)
                .and_then(|()| text::check("standard output", &out, stdout))
                .and_then(|()| text::check("standard error", &err, stderr)))
        })?,
        Test::Http { path, port, status, timeout } => watched(directory, request, &request.argv, &|child| {
            http::check(child, *port, path, *status, deadline(*timeout))
        })?,
    };
    let Err(wrong) = outcome else { return Ok(Report::default()) };
    let line = |line| Finding::new(code::TEST_OUTPUT, &"", line);
    let finding = Finding::new(code::TEST_FAILED, &request.test, wrong);
    Ok(Report { findings: vec![finding], notes: lines.into_iter().map(line).collect(), ..Report::default() })
}

/// The request with the variable that container runtimes add to an image's.
fn at_home(image: &dyn Tree, request: &TestRequest) -> io::Result<TestRequest> {
    let mut request = request.clone();
    if !request.env.contains_key("HOME") {
        request.env.insert("HOME".to_owned(), home::of(image, request.uid)?);
    }
    Ok(request)
}

/// What comes of a look at a process, and the last lines that it wrote; the process ends with the look.
fn watched(
    directory: &Path,
    request: &TestRequest,
    argv: &[String],
    look: &dyn Fn(&mut Child) -> io::Result<Result<(), String>>,
) -> io::Result<(Result<(), String>, Vec<String>)> {
    let mut child = match Child::start(request, argv, directory) {
        Ok(child) => child,
        Err(error) => return Ok((Err(format!("it cannot be started: {error}")), Vec::new())),
    };
    let outcome = look(&mut child)?;
    child.end()?;
    let mut lines = Vec::new();
    for text in [child.stdout()?, child.stderr()?] {
        // The log is for people; a test does not depend on it.
        let _ = io::stdout().write_all(text.as_bytes());
        lines.extend(last_lines(&text));
    }
    Ok((outcome, lines))
}
