//! What the image starts besides what a language finds: the manifest's processes, else the lines of a `Procfile`.
//!
//! A `Procfile` has one process a line, `name: command` (Heroku, "The Procfile"). There is no shell in the image, so a
//! command must be plain words.

use super::planner::Planner;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::manifest::field::is_target;
use crate::model;
use crate::text::Span;

/// One way to start the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The name of its target.
    pub name: String,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Where the manifest asks for it.
    pub span: Span,
}

/// What a file chooses that says what is started.
pub const PROCESSES: &str = "processes";

const FILE: &str = "Procfile";
/// The process that is meant where no target is named.
const USUAL: &str = "web";
/// What only a shell understands, besides quotes.
pub(super) const OF_SHELLS: &[char] = &['$', '|', '&', ';', '<', '>', '(', ')', '`', '*', '?', '~', '\\'];

/// The processes by name; none where neither the manifest nor a `Procfile` has any, `None` while that is not known.
pub(super) fn read(planner: &mut Planner<'_>) -> Option<Vec<Process>> {
    let runtime = &planner.image.runtime;
    if runtime.entrypoint.is_some() || !runtime.processes.is_empty() {
        let all = runtime.processes.iter();
        let process = |process: &model::Process| Process {
            name: process.name.clone(),
            argv: process.argv.clone(),
            span: process.span,
        };
        return Some(all.map(process).collect());
    }
    let path = planner.image.source.path.value.join(FILE).ok()?;
    let Some(bytes) = planner.ask.file(&path)? else { return Some(Vec::new()) };
    let span = planner.image.language.span;
    let mut processes: Vec<Process> = Vec::new();
    for (line, number) in String::from_utf8_lossy(bytes).lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let why = match parse(line) {
            Ok((name, _)) if processes.iter().any(|process| process.name == name) => "its name stands twice",
            Ok((name, argv)) => {
                processes.push(Process { name, argv, span });
                continue;
            }
            Err(why) => why,
        };
        let error = Diagnostic::error("procfile", format!("`{path}` has in line {number} `{line}`: {why}"));
        let help = "say it in plain words, a number in the place of `$PORT`, here or in the manifest: \
            `runtime: {processes: {web: [program, argument]}}`";
        planner.report(error.at(span).help(help));
    }
    let names: Vec<&str> = processes.iter().map(|process| process.name.as_str()).collect();
    if !names.is_empty() {
        planner.chose(PROCESSES, &names.join(", "), &path);
    }
    Some(processes)
}

/// The process that is meant where no target is named, if that can be told.
fn usual(processes: &[Process]) -> Option<&Process> {
    let web = processes.iter().find(|process| process.name == USUAL);
    web.or(if let [only] = processes { Some(only) } else { None })
}

/// Whether a target names another process than the one that is meant where none is named.
pub(super) fn is_other(processes: &[Process], target: Option<&str>) -> bool {
    target.zip(usual(processes)).is_some_and(|(target, usual)| usual.name != target)
}

/// The process that a target names, else the usual or the only one; an error where it cannot be told.
pub(super) fn choose<'p>(planner: &mut Planner<'_>, processes: &'p [Process]) -> Option<&'p Process> {
    let find = |name: &str| processes.iter().find(|process| process.name == name);
    let names = || processes.iter().map(|process| process.name.as_str());
    let Some(target) = planner.image.runtime.target.clone() else {
        let usual = usual(processes);
        if let (None, Some(first)) = (usual, processes.first()) {
            let message =
                format!("there are several processes to start: {}", names().collect::<Vec<_>>().join(", "));
            let help = format!("call the usual one `web`, or build one of them: `--target {}`", first.name);
            planner.report(Diagnostic::error("ambiguous-process", message).at(first.span).help(help));
        }
        return usual;
    };
    let found = find(&target);
    if found.is_none() {
        let all: Vec<&str> = model::TARGETS.iter().copied().chain(names()).collect();
        let near = did_you_mean(&target, all.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let error = Diagnostic::error("no-target", format!("there is no target `{target}`"));
        let help = format!("{near}the targets are {}", all.join(", "));
        planner.report(error.at(planner.image.language.span).help(help));
    }
    found
}

/// The name and the words of a line.
fn parse(line: &str) -> Result<(String, Vec<String>), &'static str> {
    let (name, command) = line.split_once(':').ok_or("it has no `:` after a name")?;
    if !is_target(name) {
        return Err("the name of a target has letters, digits, `-` and `_` only, a letter or digit first");
    }
    if model::TARGETS.contains(&name) {
        return Err("its name is that of another target");
    }
    let words = words(command)?;
    match words.first() {
        None => Err("it starts nothing"),
        Some(first) if is_assignment(first) => Err("it sets a variable, which `runtime: {env: {…}}` does"),
        Some(_) => Ok((name.to_owned(), words)),
    }
}

/// Whether a shell would take a word in front of a program for a variable and its value.
fn is_assignment(word: &str) -> bool {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let starts_well = !word.starts_with(|c: char| c.is_ascii_digit() || c == '=');
    starts_well && word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

/// The words of a command, which quotes may keep together.
fn words(command: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (_, c) if OF_SHELLS.contains(&c) => return Err("it needs a shell, and the image has none"),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quote.is_some() { Err("a quote is not closed") } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_names_and_words() {
        let parsed = |line| parse(line).map(|(name, words)| (name, words.join("|")));
        for (line, name, words) in [
            ("web: gunicorn app:app", "web", "gunicorn|app:app"),
            ("worker:celery  -A 'my app' \"x y\" ''", "worker", "celery|-A|my app|x y|"),
            ("clock-1: a '$HOME'", "clock-1", "a|$HOME"),
            ("web: ./a=b/run x=y", "web", "./a=b/run|x=y"),
        ] {
            assert_eq!(parsed(line), Ok((name.to_owned(), words.to_owned())));
        }
    }

    #[test]
    fn what_needs_a_shell_or_could_not_be_built_is_refused() {
        for line in [
            "web: a --port $PORT",
            "web: a && b",
            "web: a \"$X\"",
            "web: a > b",
            "web",
            "we b: a",
            "web:",
            "web: 'a",
            "web: ls a?",
            "web: PORT=1 node x",
            "_web: a",
            "builder: a",
            "report: a",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
