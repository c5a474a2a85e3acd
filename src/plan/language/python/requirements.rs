//! Requirements files as planning sees them (pip, "Requirements File Format"); the fetch reads all of them.

use std::collections::BTreeSet;

use super::local;
use crate::diagnostic::Diagnostic;
use crate::name::ContextPath;
use crate::plan::planner::Planner;

/// What a requirements file and those that it includes say.
#[derive(Default)]
pub(super) struct Requirements {
    /// All of these files.
    pub(super) files: BTreeSet<ContextPath>,
    /// Whether some package has a digest: the fetch then demands one of all (pip, "Hash-checking Mode").
    pub(super) have_digests: bool,
    /// Whether they list the application itself.
    pub(super) name_the_application: bool,
    /// What else of the context they list.
    pub(super) local: BTreeSet<ContextPath>,
}

impl Requirements {
    /// Reads a file with all that it includes; empty without one, `None` when facts are missing or errors were found.
    pub(super) fn read(
        planner: &mut Planner<'_>,
        source: &ContextPath,
        first: Option<&ContextPath>,
    ) -> Option<Requirements> {
        let mut found = Requirements::default();
        let mut pending: Vec<ContextPath> = first.cloned().into_iter().collect();
        while let Some(path) = pending.pop() {
            let text = String::from_utf8_lossy(planner.ask.file(&path)?.unwrap_or_default());
            let directory = path.parent().unwrap_or_else(|| source.clone());
            for line in lines(&text) {
                found.have_digests |= line.contains("--hash") || line.starts_with("--require-hashes");
                found.take_place(source, &line);
                let Some(included) = included(&line).and_then(|name| directory.join(name).ok()) else {
                    continue;
                };
                if !may_be_fetched_from(&included) {
                    planner.report(unseen(&included, &path).at(planner.source_span()));
                    return None;
                }
                if !found.files.contains(&included) {
                    pending.push(included);
                }
            }
            found.files.insert(path);
        }
        local::are_there(planner, &found.local)?.then_some(found)
    }

    /// Takes the place in the context that a line names; what leads out of it is refused by the fetch, with its line.
    fn take_place(&mut self, source: &ContextPath, line: &str) {
        match local::of_line(line).and_then(|place| source.join(place).ok()) {
            Some(place) if place == *source => self.name_the_application = true,
            Some(place) => self.local.extend([place]),
            None => {}
        }
    }
}

/// The lines that say something, joined where they go on.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let joined = text.replace("\r\n", "\n").replace("\\\n", " ");
    let lines: Vec<String> = joined.lines().map(|line| without_comment(line).trim().to_owned()).collect();
    lines.into_iter().filter(|line| !line.is_empty())
}

fn without_comment(line: &str) -> &str {
    let starts = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    let comment = line.match_indices('#').map(|(at, _)| at).find(|at| starts(*at));
    &line[..comment.unwrap_or(line.len())]
}

/// The file that a line includes.
fn included(line: &str) -> Option<&str> {
    let short = ["-r", "-c"].iter().find_map(|option| line.strip_prefix(option));
    let long = || {
        let rest = ["--requirement", "--constraint"].iter().find_map(|option| line.strip_prefix(option))?;
        rest.starts_with(SEPARATOR).then(|| rest.trim_start_matches(SEPARATOR))
    };
    short.or_else(long)?.split_whitespace().next()
}

/// What stands between an option and its value.
const SEPARATOR: [char; 3] = [' ', '\t', '='];

/// Whether a step with network may see a file of this name, as the verifier will judge on its own.
fn may_be_fetched_from(path: &ContextPath) -> bool {
    let is_in_directory = path.parent().is_some_and(|parent| parent.file_name() == "requirements");
    let is_named = |stem: &str| {
        ["requirements", "constraints"].iter().any(|word| stem.starts_with(word) || stem.ends_with(word))
    };
    path.file_name().strip_suffix(".txt").is_some_and(|stem| is_in_directory || is_named(stem))
}

fn unseen(path: &ContextPath, by: &ContextPath) -> Diagnostic {
    let message = format!("`{path}`, which `{by}` includes, is no file that fetching may see");
    Diagnostic::error("requirements", message)
        .why("steps with network see lock files and lists of requirements, told by their names")
        .help("call it `requirements-….txt`, or put it into a directory `requirements`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_as_the_fetch_does() {
        let text = "# none\nflask \\\n  --hash sha256:0 # why\n\n-r a#b.txt\n";
        assert_eq!(lines(text).collect::<Vec<_>>(), ["flask    --hash sha256:0", "-r a#b.txt"]);
        for (line, name) in [
            ("-rbase.txt", Some("base.txt")),
            ("-r base.txt", Some("base.txt")),
            ("--requirement=base.txt", Some("base.txt")),
            ("-c  base.txt", Some("base.txt")),
            ("--constraint base.txt", Some("base.txt")),
            ("--require-hashes", None),
            ("flask", None),
        ] {
            assert_eq!(included(line), name, "{line}");
        }
    }
}
