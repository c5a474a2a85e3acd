//! Which Python an application wants, by its own files.

use toml::{Table, Value};

use crate::diagnostic::Diagnostic;
use crate::model::Python;
use crate::plan::planner::Planner;
use crate::plan::tool_versions::{self, agree};
use crate::text::Span;

/// The files that name a version, the strongest first.
pub(super) const FILES: [&str; 4] = [".python-version", tool_versions::FILE, "runtime.txt", "Pipfile"];
/// What is chosen.
const PYTHON: &str = "Python";
/// The releases that applications can choose from by a range, the newest first ("Status of Python versions").
const RELEASES: [u32; 7] = [14, 13, 12, 11, 10, 9, 8];
/// What the names of other implementations and distributions begin with (`pyenv install --list`).
const OTHERS: [&str; 7] = ["pypy", "graalpy", "jython", "ironpython", "miniconda", "anaconda", "miniforge"];

/// The part of an image's tag that names the version: as written, else the newest that the application allows; `None`
/// where there is no such release, which is told.
pub(super) fn choose(
    planner: &mut Planner<'_>,
    options: &Python,
    pyproject: &Table,
    files: &[Option<&[u8]>],
) -> Option<String> {
    if planner.image.build.base.is_some() {
        // The manifest's own image has whichever Python it has.
        return Some("3".to_owned());
    }
    if let Some(version) = &options.version {
        return to_be_had(planner, "`python.version`", &version.value, version.span);
    }
    let written = FILES.iter().zip(files);
    let written =
        written.filter_map(|(name, bytes)| Some((*name, named(name, &String::from_utf8_lossy((*bytes)?))?)));
    let written: Vec<(&str, String)> = written.collect();
    if let Some((name, version)) = written.first() {
        let version = to_be_had(planner, &format!("`{name}`"), version, planner.image.language.span)?;
        tell_disagreement(planner, name, &version, &written[1..], range(pyproject));
        planner.chose_version(PYTHON, &version, name);
        return Some(version);
    }
    let Some(range) = range(pyproject) else { return Some("3".to_owned()) };
    let newest = RELEASES.iter().position(|minor| admits(range, *minor));
    match newest {
        // Nothing keeps the application from whatever is the newest.
        Some(0) => Some("3".to_owned()),
        Some(index) => {
            let version = format!("3.{}", RELEASES[index]);
            planner.chose_version(PYTHON, &version, &"pyproject.toml");
            Some(version)
        }
        None => {
            let message = format!("no release of Python fits `{range}`, which pyproject.toml asks for");
            let help = "write the version: `python: {version: 3.13}`";
            planner.report(Diagnostic::error("version", message).at(planner.image.language.span).help(help));
            None
        }
    }
}

/// A version, unless it is another Python, which is told.
fn to_be_had(planner: &mut Planner<'_>, origin: &str, version: &str, span: Span) -> Option<String> {
    if !is_another(version) {
        return Some(version.to_owned());
    }
    let [newest, .., oldest] = RELEASES;
    let message = format!(
        "{origin} asks for Python {version}, which is none of the releases that can be built with: 3.{oldest} to 3.{newest}"
    );
    let help = format!("write one of them: `python: {{version: 3.{newest}}}`");
    planner.report(Diagnostic::error("version", message).at(span).help(help));
    None
}

/// Says so where a `.tool-versions` and the application's other files do not want the same.
fn tell_disagreement(
    planner: &mut Planner<'_>,
    chosen: &str,
    version: &str,
    others: &[(&str, String)],
    range: Option<&str>,
) {
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok());
    let other = others
        .iter()
        .find(|(name, other)| [chosen, *name].contains(&tool_versions::FILE) && !agree(version, other));
    let message = match (other, range, minor) {
        (Some((name, other)), ..) => format!("`{name}` names Python {other}, and {chosen} {version}"),
        (None, Some(range), Some(minor)) if chosen == tool_versions::FILE && !admits(range, minor) => {
            format!("pyproject.toml wants Python {range}, and {chosen} names {version}")
        }
        _ => return,
    };
    let message = format!("{message}, which is what builds the image");
    let help = "write the same version in both, or the one that builds in the manifest";
    planner.report(Diagnostic::warning("version", message).at(planner.image.language.span).help(help));
}

/// The version that a file names, be it a release or another Python; words such as `system` or `latest`, or the name of
/// a virtual environment, leave the choice to the other files.
fn named(file: &str, text: &str) -> Option<String> {
    let table: Table;
    let word = match file {
        tool_versions::FILE => tool_versions::find(text, tool_versions::PYTHON)?.1,
        "runtime.txt" => text.trim().strip_prefix("python-")?,
        "Pipfile" => {
            table = text.parse().ok()?;
            let requires = table.get("requires")?;
            let version = requires.get("python_full_version").or_else(|| requires.get("python_version"))?;
            version.as_str()?
        }
        // As pyenv reads it.
        _ => text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?,
    };
    let word = word.split_whitespace().next()?;
    // As uv and mise write it in full.
    let word = ["cpython-", "cpython@"].iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    (is_number(word) || is_another(word)).then(|| word.to_owned())
}

fn is_number(word: &str) -> bool {
    word.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a word clearly stands for another Python than the releases that are to be had.
fn is_another(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let is_known =
        |minor: &&str| minor.parse().is_ok_and(|minor: u32| RELEASES.iter().any(|known| *known <= minor));
    let is_release = parts.len() <= 3 && parts[0] == "3" && parts.get(1).is_none_or(is_known);
    OTHERS.iter().any(|other| word.starts_with(other)) || (is_number(word) && !is_release)
}

fn range(pyproject: &Table) -> Option<&str> {
    let standard = pyproject.get("project").and_then(|project| project.get("requires-python"));
    let poetry = || pyproject.get("tool")?.get("poetry")?.get("dependencies")?.get("python");
    standard.or_else(poetry).and_then(Value::as_str)
}

/// Whether a range of versions admits a minor release of Python 3 (PEP 440, and Poetry's `^`, `~`, `||` and blanks).
fn admits(range: &str, minor: u32) -> bool {
    let range = range.replace("||", "|");
    range.split('|').any(|alternative| clauses(alternative).iter().all(|clause| clause_admits(clause, minor)))
}

/// The clauses of a range: what commas or blanks part, an operator with the version after it.
fn clauses(range: &str) -> Vec<String> {
    let mut clauses = Vec::new();
    let mut clause = String::new();
    for word in range.split([',', ' ', '\t', '\n']) {
        clause.push_str(word);
        if word.contains(|c: char| c.is_ascii_digit() || c == '*') {
            clauses.push(std::mem::take(&mut clause));
        }
    }
    clauses
}

fn clause_admits(clause: &str, minor: u32) -> bool {
    let split = clause.find(|c: char| c.is_ascii_digit() || c == '*').unwrap_or(clause.len());
    let (operator, version) = clause.split_at(split);
    let mut parts = version.split('.').map(|part| part.trim().parse::<u32>());
    let major = parts.next().and_then(Result::ok);
    let (bound, patch) = (parts.next().and_then(Result::ok), parts.next().and_then(Result::ok));
    let Some(major) = major else { return true };
    // A release stands for all of its patches: a bound within one leaves it possible.
    let order = (3, minor).cmp(&(major, bound.unwrap_or(0)));
    match operator.trim() {
        ">=" | ">" => order.is_ge(),
        "<" => order.is_lt() || (order.is_eq() && patch.is_some_and(|patch| patch > 0)),
        "<=" => order.is_le(),
        "^" => major == 3 && order.is_ge(),
        "~=" if patch.is_none() => major == 3 && order.is_ge(),
        "~" if bound.is_none() => major == 3,
        "~" | "~=" | "==" | "===" | "" => major == 3 && bound.is_none_or(|bound| bound == minor),
        "!=" => bound.is_none_or(|bound| bound != minor) || patch.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_in_a_range_is_found() {
        for (range, expected) in [
            (">=3.9", 14),
            (">=3.9,<3.13", 12),
            ("^3.8", 14),
            ("~3.11", 11),
            ("~=3.10", 14),
            ("~=3.10.2", 10),
            ("==3.12.*", 12),
            ("3.11", 11),
            ("<3.12,>=3.8", 11),
            ("<3.12.1", 12),
            (">=3.8,!=3.14", 13),
            ("<3.9 || >=3.13,<3.14", 13),
            ("*", 14),
            (">=3.8,<4.0", 14),
            (">=3.8 <3.12", 11),
            (">= 3.8  < 3.12", 11),
            (">= 3.8, < 3.12 | ==3.13.*", 13),
        ] {
            let newest = RELEASES.iter().find(|minor| admits(range, **minor));
            assert_eq!(newest, Some(&expected), "{range}");
        }
        assert!(!RELEASES.iter().any(|minor| admits(">=2.7,<3", *minor)));
    }

    #[test]
    fn files_name_releases_and_nothing_else() {
        for (file, text, expected) in [
            (".python-version", "3.12.4\n", Some("3.12.4")),
            (".python-version", "# of pyenv\n\n 3.13 3.12\n", Some("3.13")),
            (".python-version", "pypy3.10\n", Some("pypy3.10")),
            (".python-version", "system\n", None),
            (".python-version", "guestbook-env\n", None),
            (".python-version", "cpython-3.12\n", Some("3.12")),
            (".python-version", "3.13t\n", None),
            (".python-version", "3.14-dev\n", None),
            (".python-version", "\n", None),
            (".tool-versions", "python latest\n", None),
            (".tool-versions", "python cpython@3.12.3\n", Some("3.12.3")),
            (".tool-versions", "python miniconda3-3.12-24.9\n", Some("miniconda3-3.12-24.9")),
            (".tool-versions", "nodejs 22\npython 3.11.7 system\n", Some("3.11.7")),
            ("runtime.txt", "python-3.10.2\n", Some("3.10.2")),
            ("Pipfile", "[requires]\npython_version = \"3.13\"\n", Some("3.13")),
            ("Pipfile", "[packages]\n", None),
            ("Pipfile", "[requires]\npython_version = \"*\"\n", None),
            ("Pipfile", "[requires]\npython_version = \"2.7\"\n", Some("2.7")),
        ] {
            assert_eq!(named(file, text).as_deref(), expected, "{file} {text}");
        }
    }

    #[test]
    fn only_what_clearly_is_another_python_counts_as_one() {
        assert!(
            !["3", "3.8", "3.13", "3.12.4", "3.15", "3.", "3.13t", "3.15-rc", ""].into_iter().any(is_another)
        );
        assert!(["2.7", "3.7", "pypy3.10", "graalpy-24", "3.12.1.2", "30"].into_iter().all(is_another));
    }
}
