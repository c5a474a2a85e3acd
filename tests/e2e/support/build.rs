//! Builds as users start them.

use std::collections::BTreeSet;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Context, Daemon, Finished, Image, Process, lab};

/// A build of a context by `docker buildx build`.
#[derive(Clone)]
pub(crate) struct Build<'a> {
    context: &'a Context,
    daemon: Daemon,
    flags: Vec<String>,
    git_info: bool,
}

/// A build that failed, as it should have.
#[derive(Debug)]
pub(crate) struct Failed {
    /// Everything that the client printed.
    pub(crate) text: String,
    /// The client's exit code.
    pub(crate) code: Option<i32>,
}

impl<'a> Build<'a> {
    pub(crate) fn of(context: &'a Context) -> Build<'a> {
        Build { context, daemon: Daemon::Main, flags: Vec::new(), git_info: false }
    }

    /// The same build with a flag of buildx.
    pub(crate) fn flag(mut self, flag: impl Into<String>) -> Build<'a> {
        self.flags.push(flag.into());
        self
    }

    pub(crate) fn arg(self, name: &str, value: &str) -> Build<'a> {
        self.flag(format!("--build-arg={name}={value}"))
    }

    /// The same build by a client that tells which commit the context is.
    pub(crate) fn with_git_info(mut self) -> Build<'a> {
        self.git_info = true;
        self
    }

    pub(crate) fn on(mut self, daemon: Daemon) -> Build<'a> {
        self.daemon = daemon;
        self
    }

    /// The command line, with a given output.
    pub(crate) fn command(&self, output: &[String]) -> Command {
        let context = self.context.path();
        buildx()
            .args(["build", "--progress=plain", "--builder", self.daemon.builder(), "-f"])
            .args([context.join("cofferdam.yaml")])
            .args(&self.flags)
            .args(output)
            .args([context])
            .env("NO_COLOR", "1")
            .env("BUILDX_GIT_INFO", self.git_info.to_string())
            .without_env("SOURCE_DATE_EPOCH")
            .into_command()
    }

    /// Runs the build with a given output, however it ends.
    pub(crate) fn finish(&self, output: &[String]) -> Finished {
        Process::from(self.command(output)).finish()
    }

    /// Runs the build, which must succeed, and throws the image away; returns what was printed.
    pub(crate) fn succeed(&self, output: &[String]) -> String {
        let finished = self.finish(output);
        assert!(finished.success, "the build failed:\n{}", finished.all());
        finished.all()
    }

    /// The image in the registry.
    pub(crate) fn push(&self) -> Image {
        let reference = lab().reference(&format!("e2e/{}:{}", self.context.name, self.daemon.builder()));
        let metadata = self.context.path().with_extension("metadata.json");
        let metadata_flag = format!("--metadata-file={}", metadata.display());
        let log = self.succeed(&[format!("--tag={reference}"), "--push".to_owned(), metadata_flag]);
        let text = std::fs::read_to_string(&metadata).unwrap();
        let _ = std::fs::remove_file(&metadata);
        Image::new(reference, serde_json::from_str::<Value>(&text).unwrap(), log)
    }

    /// Runs the build, which must fail and write nothing.
    pub(crate) fn fail(&self) -> Failed {
        let image = self.context.path().with_extension("tar");
        let finished = self.finish(&[format!("--output=type=oci,dest={}", image.display())]);
        let text = finished.all();
        assert!(!finished.success, "the build succeeded:\n{text}");
        // The client opens the file before it asks for a build.
        let written = std::fs::metadata(&image).map_or(0, |file| file.len());
        let _ = std::fs::remove_file(&image);
        assert_eq!(written, 0, "a part of an image was written:\n{text}");
        Failed { text, code: finished.code }
    }
}

impl Failed {
    /// Panics unless the output has all of these texts.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Failed {
        for text in texts {
            assert!(self.text.contains(text), "nothing says {text:?}:\n{}", self.text);
        }
        self
    }

    /// Panics if the output has one of these texts.
    #[track_caller]
    pub(crate) fn lacks(self, texts: &[&str]) -> Failed {
        for text in texts {
            assert!(!self.text.contains(text), "something says {text:?}:\n{}", self.text);
        }
        self
    }

    /// Panics unless the client shows this line of the manifest.
    #[track_caller]
    pub(crate) fn at_line(self, line: usize) -> Failed {
        self.says(&[&format!("cofferdam.yaml:{line}")])
    }

    /// Panics unless the error is one for users: no bug of ours, no dead process, no lost connection.
    #[track_caller]
    pub(crate) fn clear(self) -> Failed {
        assert_eq!(self.code, Some(1), "buildx's exit code for a build that failed:\n{}", self.text);
        // The client marks the syntax line for errors that have no place, and when the frontend died.
        for bad in ["panicked", "internal error", ">>> # syntax=", "frontend grpc server closed"] {
            assert!(!self.text.contains(bad), "{bad:?} is in no error for users:\n{}", self.text);
        }
        self
    }
}

/// Buildx, as Docker's plugin where there is a client.
pub(crate) fn buildx() -> Process {
    let plugin = Process::new("sh").args(["-c", "command -v docker"]).finish().success;
    if plugin { Process::new("docker").args(["buildx"]) } else { Process::new("buildx") }
}

/// Makes the client tell its progress as [`steps`] and [`cached`] read it.
pub(crate) const AS_JSON: &str = "--progress=rawjson";

/// Every step that a build tells of, as JSON; one that goes on is told of more than once.
pub(crate) fn steps(log: &str) -> Vec<Value> {
    let statuses = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    statuses.flat_map(|status| status["vertexes"].as_array().cloned().unwrap_or_default()).collect()
}

/// Whether a step of a build, told by words of its name, was cached; there must be one.
///
/// Beside what happens now, progress replays the steps that made what is cached: those are not marked.
#[track_caller]
pub(crate) fn cached(log: &str, words: &str) -> bool {
    let steps = steps(log);
    let named = steps.iter().filter(|step| step["name"].as_str().is_some_and(|name| name.contains(words)));
    let named: Vec<&Value> = named.collect();
    assert!(!named.is_empty(), "no {words}:\n{log}");
    named.iter().any(|step| step["cached"] == true)
}

/// What a step of a build, told by words of its name, wrote.
pub(crate) fn said(log: &str, words: &str) -> String {
    let steps = steps(log);
    let named = steps.iter().filter(|step| step["name"].as_str().is_some_and(|name| name.contains(words)));
    let named: BTreeSet<&str> = named.filter_map(|step| step["digest"].as_str()).collect();
    let statuses = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let lines = statuses.flat_map(|status| status["logs"].as_array().cloned().unwrap_or_default());
    let lines = lines.filter(|line| line["vertex"].as_str().is_some_and(|vertex| named.contains(vertex)));
    let bytes = lines.flat_map(|line| STANDARD.decode(line["data"].as_str().unwrap()).unwrap());
    String::from_utf8(bytes.collect()).unwrap()
}

/// What `buildx imagetools inspect` says in a format.
pub(crate) fn buildx_inspect(reference: &str, format: &str) -> String {
    buildx().args(["imagetools", "inspect", reference, "--format", format]).stdout()
}
