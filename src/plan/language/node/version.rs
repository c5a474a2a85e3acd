//! Which version of Node an application wants, and the image that has it.

use super::package::Package;
use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::name::{ContextPath, Reference};
use crate::plan::planner::Planner;
use crate::plan::product::RELEASE;
use crate::plan::tool_versions::{self, agree};
use crate::text::{Span, Spanned};

/// The releases with long-term support, the newest first, with the minor version from which on official images stand
/// on [`RELEASE`]; the images of those before stand on the release before, whose programs run on ours.
const SUPPORTED: [(u32, u32); 4] = [(24, 6), (22, 19), (20, 20), (18, u32::MAX)];
/// The release where nothing asks for another.
const USUAL: &str = "22";
/// The names of releases, as version managers know them.
const NAMES: [(&str, &str); 6] = [
    ("lts/*", "24"),
    ("lts/krypton", "24"),
    ("lts/jod", "22"),
    ("lts/iron", "20"),
    ("lts/hydrogen", "18"),
    ("node", "24"),
];
/// The files that name a version.
pub(super) const FILES: [&str; 3] = [".nvmrc", ".node-version", tool_versions::FILE];

/// The official image of the version that the manifest or the application asks for; `None` while files are not known,
/// or when there is no such version.
pub(super) fn image(
    planner: &mut Planner<'_>,
    written: Option<&Spanned<String>>,
    workspace: &Workspace,
) -> Option<Reference> {
    let (version, origin, span) = match written {
        Some(version) => (version.value.clone(), "`node.version`".to_owned(), version.span),
        None => find(planner, workspace)?,
    };
    let Some(version) = choose(&version) else {
        let releases: Vec<String> = SUPPORTED.iter().map(|(major, _)| major.to_string()).collect();
        let message =
            format!("{origin} asks for Node {version}, for which there is no release to build with");
        let error = Diagnostic::error("version", message).at(span);
        let help = format!("write `node: {{version: {USUAL}}}`; there are {}", releases.join(", "));
        planner.report(error.help(help));
        return None;
    };
    if written.is_none() && !origin.is_empty() {
        planner.chose_version("Node", &version, &origin.trim_matches('`'));
    }
    Some(Reference::official("node", &format!("{version}-{}", debian(&version))))
}

/// What the application's own files ask for, where they say so, and the place that errors point at.
fn find(planner: &mut Planner<'_>, workspace: &Workspace) -> Option<(String, String, Span)> {
    let span = planner.image.language.span;
    let mut directories = vec![&workspace.application().directory];
    directories.extend((directories[0] != &workspace.root).then_some(&workspace.root));
    let paths: Vec<ContextPath> = directories
        .iter()
        .flat_map(|directory| FILES.iter().filter_map(|name| directory.join(name).ok()))
        .collect();
    let texts: Vec<_> = paths.iter().map(|path| planner.ask.head(path)).collect();
    let texts: Vec<_> = texts.into_iter().collect::<Option<_>>()?;
    let named = paths.iter().zip(texts).filter_map(|(path, text)| {
        let version = named(path.file_name(), &String::from_utf8_lossy(text?))?;
        Some((path.file_name() == tool_versions::FILE, version, format!("`{path}`")))
    });
    let mut named: Vec<_> = named.collect();
    let packages = [workspace.application(), workspace.top()];
    let asked = |package: &Package| {
        let keys: [&[&str]; 2] = [&["volta", "node"], &["engines", "node"]];
        let version = keys.iter().find_map(|keys| package.text(keys))?;
        Some((false, version.to_owned(), format!("`{}`", package.path())))
    };
    named.extend(packages.into_iter().find_map(asked));
    let Some((is_tool, version, origin)) = named.first() else {
        return Some((USUAL.to_owned(), String::new(), span));
    };
    // Of what developers have, a `.tool-versions` is not the application's own word.
    let differs = |(other_is_tool, other, _): &&(bool, String, String)| {
        planner.image.build.base.is_none() && (*is_tool || *other_is_tool) && !are_one(version, other)
    };
    if let Some((_, other, where_else)) = named[1..].iter().find(differs) {
        let message = format!(
            "{where_else} asks for Node {other}, and {origin} for {version}, which is what builds the image"
        );
        let help = "write the same version in both, or the one that builds in the manifest";
        planner.report(Diagnostic::warning("version", message).at(span).help(help));
    }
    Some((version.clone(), origin.clone(), span))
}

/// Whether a version is another, or one of its range.
fn are_one(one: &str, other: &str) -> bool {
    let number = |text: &str| choose(text).map(|version| version.trim_start_matches('v').to_owned());
    let major = |version: &str| version.split('.').next()?.parse().ok();
    match (number(one), number(other)) {
        (Some(one), Some(exact)) if agree(&one, &exact) => true,
        (Some(one), _) => major(&one).is_some_and(|one| is_range(other) && holds(other, one)),
        (None, _) => false,
    }
}

/// Whether a text stands for several versions.
fn is_range(text: &str) -> bool {
    numbers(text.trim().trim_start_matches('v')).is_none()
}

/// The version that a file of a version manager names.
fn named(file: &str, text: &str) -> Option<String> {
    if file == tool_versions::FILE {
        return tool_versions::find(text, tool_versions::NODE).map(|(_, version)| version.to_owned());
    }
    let mut lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.find(|line| !line.is_empty()).map(str::to_owned)
}

/// A version as it stands, or the newest release that a range holds.
fn choose(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let text = NAMES.iter().find(|(name, _)| *name == text).map_or(text.as_str(), |(_, version)| version);
    let exact = text.strip_prefix('v').unwrap_or(text);
    if let Some(version) = numbers(exact).filter(|_| exact.split('.').count() <= 3) {
        let oldest = SUPPORTED.last().map_or(0, |(major, _)| *major);
        return (version[0] >= oldest).then(|| exact.to_owned());
    }
    let newest = SUPPORTED.iter().find(|(major, _)| holds(text, *major))?;
    Some(newest.0.to_string())
}

/// Whether a range (npm "semver", "Ranges") has versions of a major release.
fn holds(range: &str, major: u32) -> bool {
    range.split("||").any(|part| {
        // A hyphen between spaces is a range, and an operator may stand apart from its version.
        let part = match part.split_once(" - ") {
            Some((low, high)) => format!(">={} <={}", low.trim(), high.trim()),
            None => part.to_owned(),
        };
        let mut joined = String::new();
        for word in part.split_whitespace() {
            joined.push_str(word);
            if !word.ends_with(['<', '>', '=', '^', '~']) {
                joined.push(' ');
            }
        }
        joined.split_whitespace().all(|bound| within(bound, major))
    })
}

/// Whether a release has versions on the right side of one bound.
fn within(bound: &str, major: u32) -> bool {
    let version = bound.trim_start_matches(['<', '>', '=', '^', '~']);
    let operator = &bound[..bound.len() - version.len()];
    let version = version.trim_start_matches('v');
    let known: Vec<&str> =
        version.split('.').take_while(|part| !matches!(*part, "x" | "X" | "*" | "")).collect();
    let Some(parts) = numbers(&known.join(".")) else { return known.is_empty() };
    let rest_is_zero = parts[1..].iter().all(|part| *part == 0);
    match operator {
        ">=" => major >= parts[0],
        ">" => major > parts[0] || (major == parts[0] && parts.len() > 1),
        "<=" => major <= parts[0],
        "<" => major < parts[0] || (major == parts[0] && !rest_is_zero),
        _ => major == parts[0],
    }
}

fn numbers(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

/// The Debian release of a version's image.
fn debian(version: &str) -> &'static str {
    let parts = numbers(version).unwrap_or_default();
    let first =
        SUPPORTED.iter().find(|(major, _)| parts.first() == Some(major)).map_or(0, |(_, minor)| *minor);
    let is_older = match parts.get(1) {
        Some(minor) => *minor < first,
        None => first == u32::MAX,
    };
    if is_older { "bookworm" } else { RELEASE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_become_the_newest_release_that_they_hold() {
        for (range, chosen) in [
            ("22", "22"),
            ("v22.19.1", "22.19.1"),
            ("lts/jod", "22"),
            (">=18", "24"),
            (">= 18.0.0", "24"),
            ("^20.9.0 || >=22 <23", "22"),
            (">=18 <21", "20"),
            ("<=22", "22"),
            ("<22.0.0", "20"),
            ("<22.5", "22"),
            ("18.x || 20.x", "20"),
            ("~20.1", "20"),
            ("20 - 22", "22"),
            ("*", "24"),
            (">22", "24"),
        ] {
            assert_eq!(choose(range).as_deref(), Some(chosen), "{range}");
        }
        for range in ["16", "^14", "latest", "<10", "current"] {
            assert_eq!(choose(range), None, "{range}");
        }
    }

    #[test]
    fn files_of_version_managers_are_read() {
        assert_eq!(named(".nvmrc", "# old\n v20 \n").as_deref(), Some("v20"));
        assert_eq!(named(".tool-versions", "ruby 3\nnodejs 22.1.0 20\n").as_deref(), Some("22.1.0"));
        assert_eq!(named(".tool-versions", "ruby 3\n"), None);
    }

    #[test]
    fn old_images_stand_on_the_release_before() {
        assert_eq!(
            ["22", "22.19", "22.11.0", "18", "26.1"].map(debian),
            ["trixie", "trixie", "bookworm", "bookworm", "trixie"]
        );
    }
}
