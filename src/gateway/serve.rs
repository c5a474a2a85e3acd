//! The process that the daemon starts: one build, one answer, whatever happens.

use std::process::ExitCode;

use super::bridge::Bridge;
use super::build;
use super::failure::Failure;
use super::guard::guarded;
use super::options::Options;
use super::transport;
use crate::lower::Program;

/// Where the daemon tells which image it started.
const OWN_DEFINITION: &str = "/run/config/buildkit/metadata/frontend.bin";

/// Whether this process was started by a BuildKit daemon.
pub fn is_frontend(variables: &[(String, String)]) -> bool {
    variables
        .iter()
        .any(|(name, _)| name == "BUILDKIT_SESSION_ID" || name.starts_with("BUILDKIT_FRONTEND_OPT_"))
}

/// Serves one build over stdin and stdout; the exit code is 0 when an answer was returned, be it an error.
pub fn serve(variables: Vec<(String, String)>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("cannot start: {error}")),
    };
    runtime.block_on(async {
        tokio::select! {
            outcome = answer(variables) => match outcome {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => complain(failure.message()),
            },
            // The daemon gave up on this build: nothing was returned, so nothing is exported.
            () = terminated() => ExitCode::from(143),
        }
    })
}

/// Builds and returns the result or the error.
async fn answer(variables: Vec<(String, String)>) -> Result<(), Failure> {
    let channel = transport::stdio().await.map_err(|error| Failure::plain(error.to_string()))?;
    let asked = channel.clone();
    let outcome = guarded(async move || {
        let options = Options::from_environment(variables);
        let bridge = Bridge::new(asked, options.cache_imports()?);
        build(&bridge, &options, own_program()?).await
    });
    let outcome = outcome.await;
    Bridge::new(channel, Vec::new()).finish(outcome.map_err(Failure::into_status)).await
}

/// Where our own binary comes from when the graph runs it: the image it was started from, else its bytes.
fn own_program() -> Result<Program, Failure> {
    if let Some(image) = std::fs::read(OWN_DEFINITION).ok().and_then(|bytes| build::own_image(&bytes)) {
        return Ok(Program::Image(image));
    }
    let bytes = std::env::current_exe().and_then(std::fs::read);
    bytes
        .map(Program::Bytes)
        .map_err(|error| Failure::internal(&format!("cannot read the own program: {error}")))
}

/// Ends when the process is asked to terminate.
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Says why there is no answer; this reaches the daemon's log only.
#[allow(clippy::print_stderr)]
fn complain(message: &str) -> ExitCode {
    eprintln!("cofferdam: {message}");
    ExitCode::FAILURE
}
