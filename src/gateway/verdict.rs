//! From findings to diagnostics: a finding is an error unless the manifest makes an exception.

use std::collections::{BTreeMap, BTreeSet};

use super::blame::{blame, within};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Exception, Image};
use crate::plan::{PROCESSES, Plan};
use crate::rule;
use crate::step::{Finding, Report, code};
use crate::text::Span;

/// How many paths one error names, and how many ways to mend them.
const MOST_PATHS: usize = 6;

/// Judges findings: one error per rule and place, one warning per exception that was needed.
pub(super) fn judge(image: &Image, plan: &Plan, findings: Vec<(Finding, Option<Span>)>) -> Diagnostics {
    let mut errors: BTreeMap<(String, Span), Vec<Finding>> = BTreeMap::new();
    let mut excepted: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
    for (finding, span) in findings {
        match image.exceptions.iter().position(|exception| excuses(exception, &finding)) {
            Some(index) => excepted.entry(index).or_default().push(finding),
            None => {
                let span = span.unwrap_or_else(|| blame(image, plan, &finding));
                errors.entry((finding.rule.clone(), span)).or_default().push(finding);
            }
        }
    }
    let mut found = Diagnostics::new();
    found.extend(errors.into_iter().map(|((rule, span), findings)| error(plan, &rule, span, &findings)));
    found.extend(excepted.into_iter().map(|(index, findings)| warning(&image.exceptions[index], &findings)));
    found
}

/// The error of a test that failed: what was expected, what came, and what its process wrote last.
pub(super) fn failed_test(report: &Report, span: Option<Span>) -> Option<Diagnostic> {
    let finding = report.findings.first()?;
    let error = Diagnostic::error(code::TEST_FAILED, told(std::slice::from_ref(finding)));
    let error = Diagnostic { span, ..error };
    let lines: Vec<&str> = report.notes.iter().map(|line| line.message.as_str()).collect();
    Some(match lines[..] {
        [] => error,
        _ => error.why(format!("it wrote at last:\n{}", lines.join("\n"))),
    })
}

fn error(plan: &Plan, rule: &str, span: Span, findings: &[Finding]) -> Diagnostic {
    let code = rule::find(rule).map_or("artifact", |rule| rule.name);
    let mut error = Diagnostic::error(code, told(findings)).at(span);
    // What is started may stand in no line of the manifest.
    let is_started = rule == rule::ENTRYPOINT_UNRESOLVABLE.name;
    let by = plan.choices.iter().find(|choice| is_started && choice.what == PROCESSES);
    error.why = by.map(|choice| format!("{} says what is started", choice.because));
    error.help = help(findings);
    error
}

/// How to mend all of it: each way once, and how many more there are.
fn help(findings: &[Finding]) -> Option<String> {
    let mut ways: Vec<&str> = Vec::new();
    for help in findings.iter().map(|finding| finding.help.as_str()) {
        if !help.is_empty() && !ways.contains(&help) {
            ways.push(help);
        }
    }
    let more = ways.len().saturating_sub(MOST_PATHS);
    ways.truncate(MOST_PATHS);
    let more = (more > 0).then(|| format!("and {more} more, which are told when these are mended"));
    (!ways.is_empty()).then(|| ways.into_iter().map(str::to_owned).chain(more).collect::<Vec<_>>().join("\n"))
}

fn warning(exception: &Exception, findings: &[Finding]) -> Diagnostic {
    let code = rule::find(&exception.rule.value).map_or("exception", |rule| rule.name);
    Diagnostic::warning(code, format!("excepted ({}): {}", exception.reason, told(findings)))
        .at(exception.span)
}

/// What is found at the first path in full, and the other paths.
fn told(findings: &[Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let (here, others): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.path == first.path);
    let messages: Vec<&str> = here.iter().map(|finding| finding.message.as_str()).collect();
    let mut message = messages.join("; ");
    if !first.message.contains(&first.path) {
        message = format!("{}: {message}", first.path);
    }
    let others: BTreeSet<&str> = others.iter().map(|finding| finding.path.as_str()).collect();
    let paths: Vec<&str> = others.iter().copied().take(MOST_PATHS).collect();
    match others.len() {
        0 => message,
        few if few <= MOST_PATHS => format!("{message}; likewise {}", paths.join(", ")),
        many => format!("{message}; likewise {} and {} more", paths.join(", "), many - paths.len()),
    }
}

fn excuses(exception: &Exception, finding: &Finding) -> bool {
    exception.rule.value == finding.rule
        && exception.path.as_ref().is_none_or(|path| within(&finding.path, path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_test_tells_what_came_and_what_was_written_last() {
        let test = "run /app/a";
        let finding =
            Finding::new(code::TEST_FAILED, &test, "it ended with exit code 1, not with exit code 0");
        let line = |text: &str| Finding::new(code::TEST_OUTPUT, &"", text);
        let notes = vec![line("panic: dead"), line(""), line("goroutine 1")];
        let span = Span::new(3, 5);
        let report = Report { findings: vec![finding], notes, ..Report::default() };
        let error = failed_test(&report, Some(span)).unwrap();
        assert_eq!((error.code, error.span), ("test-failed", Some(span)));
        assert_eq!(error.message, "run /app/a: it ended with exit code 1, not with exit code 0");
        assert_eq!(
            crate::report::details(&error),
            ["why: it wrote at last:", "  panic: dead", "  ", "  goroutine 1"]
        );
        assert_eq!(failed_test(&Report::default(), Some(span)), None);
    }

    #[test]
    fn all_that_is_found_at_one_path_is_told_and_other_paths_are_named_once() {
        let finding = |path: &str, need: &str| {
            Finding::new(rule::MISSING_LIBRARY.name, &path, format!("`{path}` needs `{need}`"))
        };
        let all = [finding("/a", "x"), finding("/a", "y"), finding("/b", "x"), finding("/b", "y")];
        assert_eq!(told(&all), "`/a` needs `x`; `/a` needs `y`; likewise /b");
        assert_eq!(help(&all), None);
        let all = all.map(|finding| {
            let way = format!("mend {}", finding.message.split('`').nth(3).unwrap());
            finding.help(way)
        });
        assert_eq!(help(&all).as_deref(), Some("mend x\nmend y"));
        let many: Vec<Finding> = (0..9).map(|i| finding("/a", "x").help(format!("way {i}"))).collect();
        let told = help(&many).unwrap();
        assert!(told.contains("way 5\nand 3 more") && !told.contains("way 6"), "{told}");
    }
}
