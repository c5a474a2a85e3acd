//! Why a build fails, as the daemon and its clients understand it (BuildKit `errdefs`, "Source").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde_json::json;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, internal};
use crate::report;
use crate::step::Step;
use crate::text::{Source, Span};
use crate::wire::{Any, rpc};

/// Why a build fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure(rpc::Status);

/// gRPC's code for errors that are shown by their message alone.
const UNKNOWN: i32 = 2;
/// gRPC's code for what does not exist.
const NOT_FOUND: i32 = 5;
/// gRPC's code for bugs of ours.
const INTERNAL: i32 = 13;
/// What to do where a step of ours came to no end.
const OWN_STEP: &str = "the step is Cofferdam's own: unless what it said above is about the disk or the memory, please \
    report it with the manifest";
/// How the daemon knows a located error.
const SOURCE_TYPE: &str = "github.com/moby/buildkit/errdefs.Source+json";

impl Failure {
    /// A failure without a place.
    pub fn plain(message: impl Into<String>) -> Failure {
        Failure(rpc::Status { code: UNKNOWN, message: message.into(), details: Vec::new() })
    }

    /// A bug of ours.
    pub fn internal(message: &str) -> Failure {
        Failure(rpc::Status { code: INTERNAL, message: internal(message), details: Vec::new() })
    }

    /// The errors of a manifest: one text for all, and a place for each.
    pub fn diagnostics(found: &Diagnostics, source: &Source) -> Failure {
        let errors: Vec<&Diagnostic> = found.iter().filter(|item| item.severity == Severity::Error).collect();
        let mut spans: Vec<Span> = errors.iter().map(|error| error.span.unwrap_or_default()).collect();
        // Clients print one snippet per place; two errors at the same lines need it once.
        spans.sort();
        spans.dedup_by_key(|span| (source.positions(*span).0.line, source.positions(*span).1.line));
        let details = spans.into_iter().map(|span| location(source, span)).collect();
        Failure(rpc::Status { code: UNKNOWN, message: message(&errors, source), details })
    }

    /// The same failure, located unless it already is.
    #[must_use]
    pub fn at(mut self, source: &Source, span: Option<Span>) -> Failure {
        if !self.0.details.iter().any(|detail| detail.type_url == SOURCE_TYPE) {
            self.0.details.push(location(source, span.unwrap_or_default()));
        }
        self
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether it says that a file does not exist, or is none.
    pub fn is_missing_file(&self) -> bool {
        let known = ["no such file or directory", "not a directory", "is a directory", "not a regular file"];
        self.0.code == NOT_FOUND || known.iter().any(|text| self.0.message.contains(text))
    }

    /// The same failure, with help where it says that something is not found.
    #[must_use]
    pub fn where_not_found(mut self, help: &str) -> Failure {
        if self.0.code == NOT_FOUND || self.0.message.ends_with("not found") {
            self.0.message = format!("{}\n  help: {help}", self.0.message);
        }
        self
    }

    /// The same failure, with a request to report it where a step of our own binary came to no end.
    #[must_use]
    pub fn where_own_step_died(mut self) -> Failure {
        // The daemon quotes all arguments, and puts its emulator in front where another platform's program runs.
        let is_own = |step: Step| {
            let argv = step.argv().join(" ");
            ['"', ' '].iter().any(|before| self.0.message.contains(&format!("{before}{argv}\"")))
        };
        if Step::ALL.into_iter().any(is_own) {
            self.0.message = format!("{}\n  help: {OWN_STEP}", self.0.message);
        }
        self
    }

    /// The form in which it is returned.
    pub fn into_status(self) -> rpc::Status {
        self.0
    }
}

impl From<tonic::Status> for Failure {
    /// Keeps the details, which hold the places of failing steps.
    fn from(status: tonic::Status) -> Failure {
        match rpc::Status::decode(status.details()) {
            Ok(whole) if whole.code != 0 => Failure(whole),
            _ => {
                let (code, message) = (status.code() as i32, status.message().to_owned());
                Failure(rpc::Status {
                    code: if code == 0 { UNKNOWN } else { code },
                    message,
                    details: Vec::new(),
                })
            }
        }
    }
}

fn message(errors: &[&Diagnostic], source: &Source) -> String {
    let text = |error: &&Diagnostic| {
        let lines = std::iter::once(report::headline(error, source));
        let details = report::details(error).into_iter().map(|detail| format!("  {detail}"));
        lines.chain(details).collect::<Vec<_>>().join("\n")
    };
    let texts: Vec<String> = errors.iter().map(text).collect();
    match &texts[..] {
        [] => "the build failed".to_owned(),
        [only] => only.clone(),
        several => format!("{} errors\n{}", several.len(), several.join("\n")),
    }
}

/// A place in the manifest as the daemon's clients print it.
fn location(source: &Source, span: Span) -> Any {
    let (start, end) = source.positions(span);
    let position =
        |position: crate::text::Position| json!({"line": position.line, "character": position.column});
    let value = json!({
        "info": {"filename": source.name(), "data": STANDARD.encode(source.text()), "language": "YAML"},
        "ranges": [{"start": position(start), "end": position(end)}],
    });
    Any { type_url: SOURCE_TYPE.to_owned(), value: value.to_string().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_place() {
        let source = Source::new("cofferdam.yaml", "a: 1\nb: 2\n");
        let mut found = Diagnostics::from(Diagnostic::error("one", "first").at(Span::new(0, 1)));
        found.push(Diagnostic::warning("two", "not an error"));
        found.push(Diagnostic::error("three", "second").at(Span::new(5, 6)).help("mend it"));
        let status = Failure::diagnostics(&found, &source).into_status();
        assert_eq!(status.details.len(), 2);
        assert!(status.message.starts_with("2 errors\n"), "{}", status.message);
        assert!(status.message.contains("mend it") && !status.message.contains("not an error"));
    }

    #[test]
    fn a_step_of_ours_that_died_is_to_be_reported_and_no_other() {
        let died = |argv: &str| {
            let message = format!("process \"{argv}\" did not complete successfully: exit code: 134");
            Failure::plain(message).where_own_step_died().message().contains("please report")
        };
        for front in ["", "/dev/.buildkit_qemu_emulator "] {
            assert!(
                Step::ALL.into_iter().all(|step| died(&format!("{front}{}", step.argv().join(" ")))),
                "{front}"
            );
        }
        let stage = Step::Stage.argv().join(" ");
        for other in
            ["/bin/sh -c make", "/cofferdam/cofferdam inside", &format!("/opt{stage}"), &format!("{stage} x")]
        {
            assert!(!died(other), "{other}");
        }
    }

    #[test]
    fn a_status_without_details_keeps_its_code() {
        let status = Failure::from(tonic::Status::not_found("nothing there")).into_status();
        assert_eq!((status.code, status.message.as_str()), (5, "nothing there"));
    }
}
