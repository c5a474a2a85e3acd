//! Which Python an application wants, by its own files.

use toml::{Table, Value};

use crate::diagnostic::Diagnostic;
use crate::model::Python;
use crate::plan::planner::Planner;
use crate::plan::tool_versions::{self, agree};

/// The files that name a version, the strongest first.
pub(super) const FILES: [&str; 4] = [".python-version", tool_versions::FILE, "runtime.txt", "Pipfile"];
/// What is chosen.
const PYTHON: &str = "Python";
/// The releases that applications can choose from by a range, the newest first ("Status of Python versions").
const RELEASES: [u32; 7] = [14, 13, 12, 11, 10, 9, 8];

/// The part of an image's tag that names the version: as written, else the newest that the application allows.
pub(super) fn choose(
    planner: &mut Planner<'_>,
    options: &Python,
    pyproject: &Table,
    files: &[Option<&[u8]>],
) -> Option<String> {
    if let Some(version) = &options.version {
        return Some(version.value.clone());
    }
    let written = FILES.iter().zip(files);
    let written =
        written.filter_map(|(name, bytes)| Some((*name, named(name, &String::from_utf8_lossy((*bytes)?))?)));
    let written: Vec<(&str, String)> = written.collect();
    if let Some((name, version)) = written.first() {
        tell_disagreement(planner, name, version, &written[1..], range(pyproject));
        planner.chose(PYTHON, version, name);
        return Some(version.clone());
    }
    let Some(range) = range(pyproject) else { return Some("3".to_owned()) };
    let newest = RELEASES.iter().position(|minor| admits(range, *minor));
    match newest {
        // Nothing keeps the application from whatever is the newest.
        Some(0) => Some("3".to_owned()),
        Some(index) => {
            let version = format!("3.{}", RELEASES[index]);
            planner.chose(PYTHON, &version, &"pyproject.toml");
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

/// The version that a file names; none where it names something that is no release of Python.
fn named(file: &str, text: &str) -> Option<String> {
    let word = match file {
        tool_versions::FILE => tool_versions::find(text, tool_versions::PYTHON)?.1,
        "runtime.txt" => text.trim().strip_prefix("python-")?,
        "Pipfile" => {
            let table: Table = text.parse().ok()?;
            let requires = table.get("requires")?;
            let version = requires.get("python_full_version").or_else(|| requires.get("python_version"))?;
            return release(version.as_str()?);
        }
        _ => text.lines().next()?,
    };
    release(word.split_whitespace().next()?)
}

fn release(word: &str) -> Option<String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_release = word.starts_with('3') && word.split('.').all(digits) && word.split('.').count() <= 3;
    is_release.then(|| word.to_owned())
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
            (".python-version", "pypy3.10\n", None),
            (".tool-versions", "nodejs 22\npython 3.11.7 system\n", Some("3.11.7")),
            ("runtime.txt", "python-3.10.2\n", Some("3.10.2")),
            ("Pipfile", "[requires]\npython_version = \"3.13\"\n", Some("3.13")),
            ("Pipfile", "[packages]\n", None),
        ] {
            assert_eq!(named(file, text).as_deref(), expected, "{file} {text}");
        }
    }
}
