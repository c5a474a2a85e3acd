//! A directory on this machine in the place of a build context: planning's questions, answered without a daemon.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use crate::diagnostic::Diagnostics;
use crate::facts::{
    Answer, Facts, HEAD_BYTES, ImageConfig, ImageFact, LARGE, MOST_ENTRIES, Query, matches, reaches,
};
use crate::model::Image;
use crate::name::{ContextPath, Digest, Platform, Reference};
use crate::plan::{self, Plan, Planning, Platforms};
use crate::report;

/// More bytes than any file has that tells how to build, lock files among them; the daemon gives no larger one either.
const MOST_BYTES: u64 = 16 << 20;

/// What would be done with a directory, and what is to be said of it; no plan where that is an error.
///
/// Images are not looked at: what depends on their content is planned as if they had none.
pub(super) fn plan(root: &Path, image: &Image, platform: &Platform) -> (Option<Plan>, Diagnostics) {
    let platforms = Platforms { target: platform.clone(), build: platform.clone() };
    let mut facts = Facts::new();
    loop {
        match plan::plan(image, &platforms, &facts) {
            Planning::Ready(plan, found) => return (Some(*plan), found),
            Planning::Failed(found) => return (None, found),
            Planning::Needs(questions) => {
                for query in questions.into_keys() {
                    let answer = answer(root, &query);
                    facts.insert(query, answer);
                }
            }
        }
    }
}

/// What files chose for a plan, and what comes of it, a line each.
pub(super) fn chosen(plan: &Plan) -> String {
    let choices = plan.choices.iter().map(ToString::to_string);
    let builders = plan.builders.iter().map(|image| format!("builds in {}", image.reference.familiar()));
    let config = &plan.output.config;
    let start = format!(
        "starts {}",
        config.entrypoint.iter().chain(&config.cmd).cloned().collect::<Vec<_>>().join(" ")
    );
    // The words are those of files that anybody may have written.
    let lines: Vec<String> =
        choices.chain(builders).chain([start]).map(|line| report::clean(&line)).collect();
    format!("  {}\n", lines.join("\n  "))
}

/// The answer to one question.
pub(super) fn answer(root: &Path, query: &Query) -> Answer {
    match query {
        Query::File(path) => content(root, path, MOST_BYTES),
        Query::Head(path) => content(root, path, HEAD_BYTES.into()),
        Query::Glob(pattern) => Answer::Paths(listing(root, pattern)),
        Query::Image { reference, platform } => Answer::Image(Box::new(unknown(reference, platform))),
        Query::Libraries { .. } => Answer::Names(BTreeSet::new()),
    }
}

/// At most so many bytes of a file; what is no regular file has none, as a pipe that nobody writes to.
fn content(root: &Path, path: &ContextPath, most: u64) -> Answer {
    let place = root.join(path.as_str());
    if let Ok(target) = fs::read_link(&place) {
        return Answer::Link(target.to_string_lossy().into_owned());
    }
    let is_file = fs::symlink_metadata(&place).is_ok_and(|about| about.is_file());
    let bytes = || {
        let mut bytes = Vec::new();
        File::open(&place).ok()?.take(most).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    Answer::File(if is_file { bytes() } else { None })
}

/// The files that match a pattern, of as many as are looked at; links are not followed, and a name that no path can have
/// is none.
fn listing(root: &Path, pattern: &str) -> BTreeSet<ContextPath> {
    let (mut found, mut seen) = (BTreeSet::new(), 0);
    let mut directories = vec![ContextPath::root()];
    while let Some(directory) = directories.pop().filter(|_| seen < MOST_ENTRIES) {
        for entry in fs::read_dir(root.join(directory.as_str())).into_iter().flatten().flatten() {
            seen += 1;
            let name = entry.file_name();
            let path = name.to_str().and_then(|name| directory.join(name).ok());
            let (Some(path), Ok(kind)) = (path, entry.file_type()) else { continue };
            if !kind.is_dir() {
                found.extend(Some(path).filter(|path| matches(pattern, path)));
            } else if !LARGE.contains(&path.file_name()) && reaches(pattern, &path) {
                directories.push(path);
            }
        }
    }
    found
}

/// An image of which nothing is known but its name.
fn unknown(reference: &Reference, platform: &Platform) -> ImageFact {
    ImageFact {
        reference: reference.clone(),
        platform: platform.clone(),
        digest: Digest::of(reference.to_string().as_bytes()),
        identifier: format!("docker-image://{reference}"),
        attributes: Vec::new(),
        config: ImageConfig::default(),
        replacement: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_links_and_patterns_are_answered_as_the_daemon_does() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::create_dir_all(root.join("cmd/a/node_modules")).unwrap();
        for name in ["go.mod", "cmd/a/main.go", "cmd/a/node_modules/x.go"] {
            fs::write(root.join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("go.mod", root.join("go.work")).unwrap();
        let path = |name: &str| ContextPath::parse(name).unwrap();
        let bytes = |name: &str| match answer(root, &Query::File(path(name))) {
            Answer::File(bytes) => bytes,
            Answer::Link(target) => Some(format!("-> {target}").into_bytes()),
            other => panic!("{other:?}"),
        };
        assert_eq!(bytes("go.mod").unwrap(), b"go.mod");
        assert_eq!(bytes("go.work").unwrap(), b"-> go.mod");
        assert_eq!(bytes("cmd"), None);
        let pipe = std::process::Command::new("mkfifo").arg(root.join("Procfile")).status().unwrap();
        assert!(pipe.success());
        assert_eq!(bytes("Procfile"), None);
        let Answer::Paths(paths) = answer(root, &Query::Glob("**/*.go".to_owned())) else {
            panic!("no paths")
        };
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), [path("cmd/a/main.go")]);
    }
}
