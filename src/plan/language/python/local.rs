//! Packages of the build context, which the application's lists and lock files name beside those of indexes.
//!
//! They are built and installed offline, with the application; the fetch sees what builds them, and checks the rest.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::diagnostic::Diagnostic;
use crate::name::ContextPath;
use crate::plan::planner::Planner;

/// The file of a project that says what builds it.
const PYPROJECT: &str = "pyproject.toml";

/// The places that a lock file names; `None` while it is not known. What is no lock file is refused by the fetch.
pub(super) fn locked(
    planner: &mut Planner<'_>,
    format: &str,
    lock: &ContextPath,
) -> Option<BTreeSet<ContextPath>> {
    let text = String::from_utf8_lossy(planner.ask.file(lock)?.unwrap_or_default());
    let paths = match format {
        "pipenv" => pipenv(&serde_json::from_str(&text).unwrap_or_default()),
        "poetry" | "uv" | "pylock" => named(&text.parse().unwrap_or_default(), format),
        _ => Vec::new(),
    };
    let workspace = lock.parent().unwrap_or_default();
    Some(paths.iter().filter_map(|path| workspace.join(path).ok()).collect())
}

fn named(lock: &Table, format: &str) -> Vec<String> {
    let packages =
        lock.get(if format == "pylock" { "packages" } else { "package" }).and_then(Value::as_array);
    let path = |package: &Value| {
        let source = package.get("source");
        let path = match format {
            "poetry" => {
                let kind = source?.get("type")?.as_str()?;
                source?.get("url").filter(|_| matches!(kind, "directory" | "file"))
            }
            "uv" => ["editable", "directory", "path"].iter().find_map(|kind| source?.get(kind)),
            _ => ["directory", "archive"].iter().find_map(|kind| package.get(kind)?.get("path")),
        };
        path?.as_str().map(str::to_owned)
    };
    packages.into_iter().flatten().filter_map(path).collect()
}

fn pipenv(lock: &serde_json::Value) -> Vec<String> {
    let sections = lock.as_object().into_iter().flatten().filter_map(|(_, section)| section.as_object());
    let path = |entry: &serde_json::Value| {
        let path = ["path", "file"].iter().find_map(|kind| entry.get(kind))?.as_str()?;
        (!path.contains(':')).then(|| path.to_owned())
    };
    sections.flat_map(serde_json::Map::values).filter_map(path).collect()
}

/// The place that a line of a requirements file names, as it is written (pip, "Requirements File Format").
pub(super) fn of_line(line: &str) -> Option<&str> {
    let editable = ["-e", "--editable"]
        .iter()
        .find_map(|option| line.strip_prefix(option))
        .map(|rest| rest.trim_start_matches([' ', '\t', '=']));
    let direct =
        || line.split_once('@').filter(|(name, _)| !name.contains(['/', ':'])).map(|(_, place)| place.trim());
    let written = editable.or_else(direct).unwrap_or(line);
    let file = written.strip_prefix("file:");
    let place = file.unwrap_or(written).split(|c: char| c.is_whitespace() || "[#;".contains(c)).next()?;
    let is_place = editable.is_some() || file.is_some() || place.starts_with('.') || place.contains('/');
    let is_relative = !place.contains(':') && !place.starts_with(['/', '-']);
    ((is_place || place.strip_suffix(".whl").is_some()) && is_relative).then_some(place)
}

/// What the fetch reads of such places.
pub(super) fn manifests<'p>(places: impl IntoIterator<Item = &'p ContextPath>) -> Vec<ContextPath> {
    let directories = places.into_iter().filter(|place| !is_wheel(place));
    directories.filter_map(|place| place.join(PYPROJECT).ok()).collect()
}

/// Whether places are what a list says that they are; tells what is wrong, `None` while facts are missing.
pub(super) fn are_there(planner: &mut Planner<'_>, places: &BTreeSet<ContextPath>) -> Option<bool> {
    let files = |place: &ContextPath| match is_wheel(place) {
        true => vec![place.clone()],
        false => [PYPROJECT, "setup.py"].iter().filter_map(|name| place.join(name).ok()).collect(),
    };
    let found: Vec<Vec<_>> =
        places.iter().map(|place| files(place).iter().map(|file| planner.ask.head(file)).collect()).collect();
    if found.iter().flatten().any(Option::is_none) {
        return None;
    }
    let is_missing = |heads: &Vec<_>| heads.iter().all(|head| matches!(head, Some(None)));
    let missing: Vec<_> = places.iter().zip(found).filter(|(_, heads)| is_missing(heads)).collect();
    for (place, _) in &missing {
        let what =
            if is_wheel(place) { "is not there" } else { "has neither a pyproject.toml nor a setup.py" };
        let error = Diagnostic::error("requirements", format!("`{place}`, which requirements name, {what}"))
            .at(planner.source_span())
            .why("paths count from the application's directory, as pip's do from where it is started")
            .help("name a directory with a project, or a wheel; an ignore file may hide it");
        planner.report(error);
    }
    Some(missing.is_empty())
}

fn is_wheel(place: &ContextPath) -> bool {
    place.file_name().strip_suffix(".whl").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_packages_as_the_fetch_does() {
        for (line, place) in [
            (".", "."),
            ("-e .", "."),
            ("-e.", "."),
            ("--editable=.", "."),
            ("./", "./"),
            (".[api, web]", "."),
            ("-e ./[api]", "./"),
            ("-e ..", ".."),
            (".hidden", ".hidden"),
            ("-e libs", "libs"),
            ("./libs/foo ; python_version > '3'", "./libs/foo"),
            ("libs/foo[bar]", "libs/foo"),
            ("foo @ file:libs/foo", "libs/foo"),
            ("foo[bar] @ file:libs/foo", "libs/foo"),
            ("-e file:libs/foo#egg=foo", "libs/foo"),
            ("foo-1.0-py3-none-any.whl --hash=sha256:0", "foo-1.0-py3-none-any.whl"),
        ] {
            assert_eq!(of_line(line), Some(place), "{line}");
        }
        for line in [
            "flask[async]>=3 ; python_version > '3'",
            "foo @ https://example.com/foo.whl",
            "-e git+https://example.com/foo#egg=foo",
            "git+ssh://git@example.com/foo",
            "--find-links=vendor/wheels",
            "-r requirements/base.txt",
            "file:///foo",
            "/foo",
        ] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }
}
