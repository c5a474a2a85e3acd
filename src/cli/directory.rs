//! A directory on this machine in the place of a build context: planning's questions, answered without a daemon.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::diagnostic::Diagnostics;
use crate::facts::{Answer, Facts, HEAD_BYTES, ImageConfig, ImageFact, Query, matches, reaches};
use crate::model::Image;
use crate::name::{ContextPath, Digest, Platform, Reference};
use crate::plan::{self, Plan, Planning, Platforms};

/// Directories that hold thousands of files, none of which tells how to build.
const LARGE: [&str; 2] = ["node_modules", ".git"];

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

/// The answer to one question.
pub(super) fn answer(root: &Path, query: &Query) -> Answer {
    match query {
        Query::File(path) => content(root, path, usize::MAX),
        Query::Head(path) => content(root, path, HEAD_BYTES as usize),
        Query::Glob(pattern) => Answer::Paths(listing(root, pattern)),
        Query::Image { reference, platform } => Answer::Image(Box::new(unknown(reference, platform))),
        Query::Libraries { .. } => Answer::Names(BTreeSet::new()),
    }
}

fn content(root: &Path, path: &ContextPath, most: usize) -> Answer {
    let place = root.join(path.as_str());
    if let Ok(target) = fs::read_link(&place) {
        return Answer::Link(target.to_string_lossy().into_owned());
    }
    let bytes = fs::read(place).ok().map(|mut bytes| {
        bytes.truncate(most);
        bytes
    });
    Answer::File(bytes)
}

/// The files that match a pattern; links are not followed, and a name that no path can have is none.
fn listing(root: &Path, pattern: &str) -> BTreeSet<ContextPath> {
    let mut found = BTreeSet::new();
    let mut directories = vec![ContextPath::root()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(root.join(directory.as_str())).into_iter().flatten().flatten() {
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
        let Answer::Paths(paths) = answer(root, &Query::Glob("**/*.go".to_owned())) else {
            panic!("no paths")
        };
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), [path("cmd/a/main.go")]);
    }
}
