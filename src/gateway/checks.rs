//! Which warnings a client wants, and whether they fail the build (as `BUILDKIT_DOCKERFILE_CHECK` for Dockerfiles).

use std::collections::BTreeSet;

use super::failure::Failure;
use super::options::Options;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::text::Source;

/// What `COFFERDAM_CHECK` says: `skip=CODE,CODE;error=true`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Checks {
    skip: BTreeSet<String>,
    error: bool,
}

impl Checks {
    /// The checks that the client asks for.
    pub(super) fn of(options: &Options) -> Result<Checks, Failure> {
        let text = options.get("build-arg:COFFERDAM_CHECK").unwrap_or_default();
        let mut checks = Checks::default();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("skip", names)) => {
                    checks.skip.extend(names.split(',').map(|name| name.trim().to_owned()));
                }
                Some(("error", "true")) => checks.error = true,
                Some(("error", "false")) => checks.error = false,
                _ => {
                    let expected = "`skip=name,name;error=true` is expected";
                    return Err(Failure::plain(format!("COFFERDAM_CHECK has `{part}`: {expected}")));
                }
            }
        }
        Ok(checks)
    }

    /// Whether warnings fail the build.
    pub(super) fn fails(&self) -> bool {
        self.error
    }

    /// The diagnostics without those that are skipped; errors stay, whatever is said.
    pub(super) fn filter(&self, found: Diagnostics) -> Diagnostics {
        let all = self.skip.contains("all");
        let wanted =
            |item: &Diagnostic| item.severity == Severity::Error || !(all || self.skip.contains(item.code));
        let mut kept = Diagnostics::new();
        kept.extend(found.into_iter().filter(wanted));
        kept
    }

    /// The warnings to show; an error when there are any and they are to fail the build.
    pub(super) fn apply(&self, found: Diagnostics, source: &Source) -> Result<Diagnostics, Failure> {
        let found = self.filter(found);
        if !self.error || found.is_empty() {
            return Ok(found);
        }
        let mut errors = Diagnostics::new();
        errors.extend(found.into_iter().map(|item| Diagnostic { severity: Severity::Error, ..item }));
        Err(Failure::diagnostics(&errors, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str) -> Result<Checks, Failure> {
        let raw = [("build-arg:COFFERDAM_CHECK".to_owned(), text.to_owned())];
        Checks::of(&Options::new(raw.into(), "s"))
    }

    #[test]
    fn checks_are_skipped_and_made_errors_by_name() {
        let found = || {
            let mut found = Diagnostics::from(Diagnostic::warning("latest-tag", "one"));
            found.push(Diagnostic::warning("undeclared-arg", "two"));
            found
        };
        let source = Source::new("x", "");
        assert_eq!(checks("").unwrap().apply(found(), &source).unwrap().len(), 2);
        assert_eq!(checks("skip=latest-tag").unwrap().apply(found(), &source).unwrap().len(), 1);
        assert!(checks("skip=all;error=true").unwrap().apply(found(), &source).unwrap().is_empty());
        let failure = checks("skip=latest-tag; error=true").unwrap().apply(found(), &source).unwrap_err();
        assert!(
            failure.message().contains("two") && !failure.message().contains("one"),
            "{}",
            failure.message()
        );
        assert!(checks("quiet").is_err());
    }
}
