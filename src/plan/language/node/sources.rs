//! Where locked packages come from: what makes a manager run code as it fetches is refused.
//!
//! npm before its version 11 and the old Yarn run `prepare` of a package from a repository although they are told to
//! run no script, the newer Yarn packs it by its own scripts, and runs any file that `exec:` names.

use serde_json::Value;

use super::manager::{Manager, Tool};
use super::package::Package;
use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::model::{FetchScripts, Node};
use crate::plan::planner::Planner;
use crate::rule;
use crate::yaml;

/// Hosts of repositories, and what a path below an owner and a repository begins with where it is an archive.
const HOSTS: [(&str, &[&str]); 4] = [
    ("github.com", &["archive", "releases"]),
    ("gitlab.com", &["-"]),
    ("bitbucket.org", &["get", "downloads"]),
    ("bitbucket.com", &["get", "downloads"]),
];
/// Protocols of repositories, besides `git+…`, and of hosts of repositories.
const REPOSITORIES: [&str; 7] = ["git", "ssh", "github", "gitlab", "bitbucket", "gist", "sourcehut"];

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

/// How often one locator of the newer Yarn may hold another, each time encoded once more.
const MOST_LEVELS: usize = 8;

/// A package that does not come as an archive: its name as far as it is known, and its address.
type Found = (String, String);

/// Reports the first package whose fetch would run code, unless the manifest lets it; `None` then, and while files are
/// not known.
pub(super) fn check(
    planner: &mut Planner<'_>,
    options: &Node,
    manager: &Manager,
    workspace: &Workspace,
) -> Option<()> {
    let text = planner.ask.file(&manager.lock)??;
    let found = match manager.tool {
        Tool::Npm => Some(npm(text)),
        Tool::YarnClassic => classic(&String::from_utf8_lossy(text)),
        Tool::Yarn => yarn(&String::from_utf8_lossy(text)),
        Tool::Pnpm => pnpm(&String::from_utf8_lossy(text)),
    };
    let span = planner.image.language.span;
    let Some(mut found) = found else {
        let message = format!("`{}` is not as {} writes it", manager.lock, manager.tool.program());
        let help = format!("run `{} install` and commit the lock file", manager.tool.program());
        planner.report(Diagnostic::error("lock-file", message).at(span).help(help));
        return None;
    };
    if matches!(manager.tool, Tool::Npm | Tool::Yarn) {
        found.extend(workspace.packages.iter().flat_map(asked));
    }
    let is_public = planner.image.fetch.is_public();
    let refused = |(name, address): &&Found| match &options.fetch_scripts {
        _ if !is_public || names_program(address) => true,
        FetchScripts::None => true,
        FetchScripts::All(_) => false,
        FetchScripts::Packages(names) => !names.iter().any(|allowed| allowed.value == *name),
    };
    let Some((name, address)) = found.iter().find(refused) else { return Some(()) };
    let message = format!("`{name}` comes from `{address}`, which is no archive");
    let error = Diagnostic::error(rule::FETCH_EXECUTES.name, message).at(span);
    let why = "managers run code of such packages as they fetch them, beside network and secrets";
    let help = match names_program(address) {
        true => "depend on a release in a registry".to_owned(),
        false => format!(
            "depend on a release in a registry or on an archive; where no secret is fetched with, `node: {{fetch-scripts: \
            [\"{name}\"]}}` lets it"
        ),
    };
    planner.report(error.why(why).help(help));
    None
}

/// Entries of npm's lock file say whence in `resolved`, those of its first version in `version`, and what they ask for: a
/// range, or in the first version the entry itself ("package-lock.json", `packages` and `dependencies`).
fn npm(text: &[u8]) -> Vec<Found> {
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
fn classic(text: &str) -> Option<Vec<Found>> {
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
fn yarn(text: &str) -> Option<Vec<Found>> {
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

/// What a package itself asks for, which npm and the newer Yarn look up where the lock file does not answer.
fn asked(package: &Package) -> Vec<Found> {
    let all = package.sources().into_iter().filter(|(_, range)| is_unlocked(range));
    all.map(|(name, range)| (name.to_owned(), range.to_owned())).collect()
}

/// Entries of pnpm's lock file have a `resolution`, whose `type` tells repositories.
fn pnpm(text: &str) -> Option<Vec<Found>> {
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

/// A text whose `%…` are what they stand for, also where these stand for others.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MOST_LEVELS {
        let mut parts = text.split('%');
        let mut plain = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(u8::is_ascii) {
                Some(byte) => plain.extend([char::from(byte).encode_utf8(&mut [0; 4]), &part[2..]]),
                None => plain.extend(["%", part]),
            }
        }
        text = plain;
    }
    text
}

/// Whether a range, or one within it, names a program that makes the package.
pub(super) fn names_program(range: &str) -> bool {
    let range = decoded(range);
    range.starts_with("exec:") || range.contains("@exec:")
}

/// Whether a range that is asked for is of what runs code as it is fetched, or as it is looked up.
fn is_unlocked(range: &str) -> bool {
    let user = range.split_once(':').filter(|(user, _)| user.contains('@') && !user.contains('/'));
    names_program(range) || is_repository(range) || is_shorthand(range) || user.is_some()
}

/// Whether a range names an owner and a repository, of GitHub: `owner/name`.
fn is_shorthand(range: &str) -> bool {
    range.contains('/') && !range.contains(':') && !range.starts_with(['.', '/', '~', '@'])
}

/// Whether a range says that it is of a repository.
fn is_repository(range: &str) -> bool {
    let range = range.to_ascii_lowercase();
    match range.split_once(':') {
        Some(("http" | "https", rest)) => !is_archive_at(rest),
        Some((scheme, _)) => {
            REPOSITORIES.contains(&scheme) || scheme.starts_with("git+") || scheme.starts_with("git@")
        }
        None => false,
    }
}

/// Whether a resolved address is an archive: of a server that is no host of repositories, or of the context; or else a
/// version of a registry.
fn is_archive(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    match address.split_once(':') {
        Some(("http" | "https", rest)) => is_archive_at(rest),
        Some(("file", rest)) => [".tgz", ".tar.gz", ".tar"].iter().any(|end| rest.ends_with(end)),
        Some(("npm", _)) => true,
        Some(_) => false,
        None => !address.contains('/'),
    }
}

/// Whether the rest of a web address, without its scheme and in small letters, is no repository: every manager has
/// its own idea of those, so what is not quite plain counts as one.
fn is_archive_at(rest: &str) -> bool {
    let address = rest.split(['#', '?']).next().unwrap_or_default();
    let Some((authority, path)) = address.strip_prefix("//").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let is_plain = address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') && !authority.contains('%');
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let parts: Vec<&str> = path.split('/').collect();
    let is_known = match HOSTS.iter().find(|(name, _)| *name == host) {
        Some((_, archives)) => parts.len() > 3 && archives.contains(&parts[2]) && !parts.contains(&""),
        None => true,
    };
    is_plain && is_known && path.trim_end_matches('/').strip_suffix(".git").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_archives_and_versions_are_fetched_without_running_anything() {
        for archive in [
            "1.0.0",
            "npm:other@1.0.0",
            "https://registry.example/a/-/a-1.0.0.tgz",
            "https://codeload.github.com/o/r/tar.gz/0123",
            "https://github.com/o/r/archive/main.tar.gz",
            "https://github.com/o/r/releases/download/v1/r.tgz",
            "https://gitlab.com/o/r/-/archive/v1/r.tar.gz",
            "file:../a-1.0.0.tgz",
        ] {
            assert!(is_archive(archive), "{archive}");
        }
        for other in [
            "git+ssh://git@github.com/o/r.git#1",
            "git://example.com/r",
            "GIT+https://example.com/r",
            "git@example.com:o/r.git",
            "me@example.com:o/r",
            "github:o/r",
            "o/r#main",
            "https://github.com/o/r",
            "https://www.GitHub.com/o/r/",
            "https://me:x@github.com:443/o/r.tar.gz",
            "https://g%69thub.com/o/r",
            "https:\\\\github.com/o/r",
            "https:github.com/o/r",
            "https://gith\tub.com/o/r",
            "https://github.com/o/r/tarball/main",
            "https://github.com/archive/releases/",
            "https://example.com/r.git#1",
            "file:lib",
            "exec:./gen.js",
            "ext::sh",
        ] {
            assert!(!is_archive(other), "{other}");
        }
    }

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

    #[test]
    fn what_is_encoded_is_seen() {
        assert_eq!(decoded("a%40exec%3A.%2Fb"), "a@exec:./b");
        assert_eq!(decoded("a%2540b"), "a@b");
        assert_eq!(decoded("%252540"), "@");
        assert_eq!(decoded("100% %zz %é %"), "100% %zz %é %");
        assert!(names_program("patch:gen@exec%3A./gen.js#x") && !names_program("npm:exec@1"));
    }
}
