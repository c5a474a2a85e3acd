//! From findings to diagnostics: a finding is an error unless the manifest makes an exception.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Role;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{BaseChoice, Exception, Image};
use crate::name::ContextPath;
use crate::plan::{Layer, PROCESSES, Plan};
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

/// The place that is to blame for what is at a path: the file or the layer that brought it, else the base.
///
/// A language's runtime claims all of `/usr`, and brings neither shells nor package managers: over an image that has
/// them, it is the image that is to blame.
fn blame(image: &Image, plan: &Plan, finding: &Finding) -> Span {
    let is_over_an_image = matches!(image.runtime.base.value, BaseChoice::Image(_));
    let files = || image.runtime.files.iter().chain(&image.build.artifacts);
    let brings = |layer: &&Layer| {
        // Declared files are known one by one.
        let is_of_files = files().any(|file| layer.span == Some(file.from.span));
        !is_of_files && (layer.contract.role != Role::Runtime || !is_over_an_image)
    };
    // A file may keep its name in a directory, a directory's content lies in it: which of them it is, nobody knows here.
    let inside = files().filter(|file| file.into).filter_map(|file| {
        let name = ContextPath::parse(file.from.value.file_name()).ok()?;
        Some((file.to.join(&name), Some(file.from.span)))
    });
    let inside: Vec<_> = inside.collect();
    let inside = inside.iter().map(|(path, span)| (path.as_str(), *span));
    let files = files().map(|file| (file.to.as_str(), Some(file.from.span)));
    let layers = plan.output.layers.iter().filter(brings).flat_map(|layer| {
        let directories = layer.contract.directories.iter().map(|directory| &directory.path);
        let places = layer.contract.artifacts.iter().map(|artifact| &artifact.to).chain(directories);
        places.map(|place| (place.as_str(), layer.span))
    });
    let shadows = finding.rule == rule::MERGE_SHADOWS_BASE.name;
    let brought = nearest(&finding.path, shadows, layers.chain(inside).chain(files)).flatten();
    let base = Some(image.runtime.base.span).filter(|span| !span.is_empty());
    brought.or(base).unwrap_or(image.language.span)
}

/// What belongs to the place that a path lies nearest to, or else, where that counts, to the first one below it.
fn nearest<'p, T>(path: &str, or_below: bool, places: impl Iterator<Item = (&'p str, T)>) -> Option<T> {
    let mut best: Option<(usize, T)> = None;
    for (place, of) in places {
        let depth = match (within(path, place), or_below && within(place, path)) {
            (true, _) => 1 + place.trim_end_matches('/').len(),
            (false, true) => 0,
            (false, false) => continue,
        };
        if best.as_ref().is_none_or(|(known, _)| depth > *known) {
            best = Some((depth, of));
        }
    }
    best.map(|(_, of)| of)
}

fn excuses(exception: &Exception, finding: &Finding) -> bool {
    exception.rule.value == finding.rule
        && exception.path.as_ref().is_none_or(|path| within(&finding.path, path.as_str()))
}

/// Whether `path` is `directory` or lies below it.
fn within(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
    fn the_nearest_place_is_to_blame() {
        let places =
            [("/app", 1), ("/", 2), ("/app/bin/", 3), ("/app/bin/tool", 4), ("/etc/b/c", 5), ("/app", 6)];
        let told = |path: &str, or_below: bool| nearest(path, or_below, places.iter().copied());
        assert_eq!(told("/app/x", false), Some(1), "the first of equals");
        assert_eq!(told("/app/bin/other", false), Some(3));
        assert_eq!(told("/app/bin/tool", false), Some(4));
        assert_eq!(told("/etc/b", false), Some(2));
        let below = |path: &str| nearest(path, true, places.iter().skip(2).copied());
        assert_eq!(below("/etc/b"), Some(5));
        assert_eq!(below("/app"), Some(6), "before what lies below");
        assert_eq!(nearest("/usr", false, places.iter().skip(2).copied()), None);
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
