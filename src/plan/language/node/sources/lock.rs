//! What lock files say of where packages come from, as far as it is no archive.

use serde_json::Value;

use super::address::{decoded, is_archive, is_repository, is_shorthand, is_unlocked, names_program};
use crate::yaml;

/// The lists of what a package asks for, in the lock files of npm and of the newer Yarn. A package, or a program of one,
/// may have a name that ends as these do.
const ASKING: [&str; 6] = [
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
    "acceptDependencies",
    "requires",
];

/// A package that does not come as an archive: its name as far as it is known, and its address.
pub(super) type Found = (String, String);

/// Entries of npm's lock file say whence in `resolved`, those of its first version in `version`, and what they ask for: a
/// range, or in the first version the entry itself ("package-lock.json", `packages` and `dependencies`).
pub(super) fn npm(text: &[u8]) -> Vec<Found> {
    let lock: Value = serde_json::from_slice(text).unwrap_or_default();
    let mut found = Vec::new();
    let packages = lock.get("packages").and_then(Value::as_object).into_iter().flatten();
    let mut open: Vec<(&str, &Value)> = packages.map(|(place, entry)| (last_name(place), entry)).collect();
    open.push(("", &lock));
    while let Some((name, entry)) = open.pop() {
        let is_link = entry.get("link") == Some(&Value::Bool(true));
        let addresses = ["resolved", "version"].iter().filter_map(|key| entry.get(key)?.as_str());
        let strange = addresses.filter(|address| !is_link && !is_archive(address));
        found.extend(strange.map(|address| (name.to_owned(), address.to_owned())));
        let lists = ASKING.iter().filter_map(|list| entry.get(list)?.as_object());
        for (name, asked) in lists.flatten() {
            match asked.as_str() {
                Some(range) if is_unlocked(range) => found.push((name.clone(), range.to_owned())),
                Some(_) => {}
                None => open.push((name, asked)),
            }
        }
    }
    found
}

/// The name of the package at a place in the tree that npm makes.
fn last_name(place: &str) -> &str {
    place.rsplit_once("node_modules/").map_or(place, |(_, name)| name)
}

/// Entries of the old Yarn's lock file begin with `name@range`, and say in `resolved` whence; where it is an archive, no
/// repository is asked, unless the range names one.
pub(super) fn classic(text: &str) -> Option<Vec<Found>> {
    let words = words(text)?;
    let mut found = Vec::new();
    let mut unresolved: Vec<Found> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if let Some((name, range)) = locator(word) {
            let entry = (name.to_owned(), range.to_owned());
            if is_repository(range) {
                let hosts = ["github:", "gitlab:", "bitbucket:", "gist:"];
                let list = if hosts.iter().any(|host| range.starts_with(host)) {
                    &mut unresolved
                } else {
                    &mut found
                };
                list.push(entry);
            } else if is_shorthand(range) {
                unresolved.push(entry);
            }
        } else if *word == "resolved" {
            let address = words.get(index + 1).copied().unwrap_or_default();
            if is_archive(address) {
                unresolved.clear();
            } else {
                found.push((unresolved.pop().map_or_else(String::new, |(name, _)| name), address.to_owned()));
            }
        }
    }
    found.extend(unresolved);
    Some(found)
}

/// The words of the old Yarn's lock file, which never need an escape.
fn words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    for line in text.split(['\n', '\r']).filter(|line| !line.trim_start().starts_with('#')) {
        for (index, part) in line.split('"').enumerate() {
            if index % 2 == 1 {
                words.push(part);
            } else {
                words.extend(part.split([' ', ',', ':', '\t']).filter(|word| !word.is_empty()));
            }
        }
        if line.contains('\\') || line.matches('"').count() % 2 == 1 {
            return None;
        }
    }
    Some(words)
}

/// The newer Yarn's lock file has locators, also within others, where they are encoded, and what each package asks for.
pub(super) fn yarn(text: &str) -> Option<Vec<Found>> {
    let mut found = Vec::new();
    let mut before = String::new();
    // How deep the list of dependencies lies that is being read.
    let mut asking = None;
    for (depth, text) in yaml::scalars(text)? {
        let text = decoded(&text);
        asking = asking.filter(|&above| depth > above);
        if asking.is_some() && is_unlocked(&text) {
            found.push((before.clone(), text.clone()));
        }
        if asking.is_none() && ASKING.contains(&text.as_str()) {
            asking = Some(depth);
        }
        let mut rest = text.as_str();
        while let Some((name, range)) = locator(rest) {
            let is_locator = before == "resolution" && (!name.contains(':') || name.starts_with("patch:"));
            if names_program(range) || is_repository(range) || (is_locator && is_shorthand(range)) {
                found.push((name.to_owned(), range.to_owned()));
            }
            rest = range;
        }
        before = text;
    }
    Some(found)
}

/// Entries of pnpm's lock file have a `resolution`, whose `type` tells repositories.
pub(super) fn pnpm(text: &str) -> Option<Vec<Found>> {
    let texts = yaml::scalars(text)?;
    let mut found = Vec::new();
    let mut entry = "";
    for pair in texts.windows(2) {
        let (first, second) = (pair[0].1.as_str(), pair[1].1.as_str());
        if second == "resolution" {
            entry = first;
        }
        if first == "type" && second == "git" {
            let (name, address) = locator(entry).unwrap_or((entry, entry));
            found.push((name.to_owned(), address.to_owned()));
        }
    }
    Some(found)
}

/// The name and the rest of `name@rest`.
fn locator(text: &str) -> Option<(&str, &str)> {
    let scope = usize::from(text.starts_with('@'));
    let at = text.get(scope..)?.find('@')? + scope;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_end_as_lists_do_are_no_lists() {
        let entry = r#"{"version": "29.7.0", "integrity": "sha512-un0/D6", "bin": {"check-dependencies": "bin/x.js"}}"#;
        let new = format!(r#"{{"packages": {{"node_modules/jest-resolve-dependencies": {entry}}}}}"#);
        let old = format!(
            r#"{{"dependencies": {{"jest-resolve-dependencies": {entry}, "dependencies": {entry}}}}}"#
        );
        for lock in [new, old] {
            assert_eq!(npm(lock.as_bytes()), []);
        }
        let nested = r#"{"dependencies": {"a": {"version": "1", "dependencies": {"b": {"version": "git+ssh://x/y", "requires": {"c": "o/r"}}}}}}"#;
        let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
        assert_eq!(npm(nested.as_bytes()), [pair("b", "git+ssh://x/y"), pair("c", "o/r")]);
        let berry = "\"a@npm:1\":\n  resolution: \"a@npm:1\"\n  bin:\n    check-dependencies: bin/x.js\n";
        assert_eq!(yarn(berry), Some(Vec::new()));
    }
}
