//! Addresses and ranges of packages: which of them are archives, and which make a manager run code.

/// Hosts of repositories, and what a path below an owner and a repository begins with where it is an archive.
const HOSTS: [(&str, &[&str]); 4] = [
    ("github.com", &["archive", "releases"]),
    ("gitlab.com", &["-"]),
    ("bitbucket.org", &["get", "downloads"]),
    ("bitbucket.com", &["get", "downloads"]),
];
/// Protocols of repositories, besides `git+…`, and of hosts of repositories.
const REPOSITORIES: [&str; 7] = ["git", "ssh", "github", "gitlab", "bitbucket", "gist", "sourcehut"];

/// How often one locator of the newer Yarn may hold another, each time encoded once more.
const MOST_LEVELS: usize = 8;

/// A text whose `%…` are what they stand for, also where these stand for others.
pub(super) fn decoded(text: &str) -> String {
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
pub(in crate::plan::language::node) fn names_program(range: &str) -> bool {
    let range = decoded(range);
    range.starts_with("exec:") || range.contains("@exec:")
}

/// Whether a range that is asked for is of what runs code as it is fetched, or as it is looked up.
pub(super) fn is_unlocked(range: &str) -> bool {
    let user = range.split_once(':').filter(|(user, _)| user.contains('@') && !user.contains('/'));
    names_program(range) || is_repository(range) || is_shorthand(range) || user.is_some()
}

/// Whether a range names an owner and a repository, of GitHub: `owner/name`.
pub(super) fn is_shorthand(range: &str) -> bool {
    range.contains('/') && !range.contains(':') && !range.starts_with(['.', '/', '~', '@'])
}

/// Whether a range says that it is of a repository.
pub(super) fn is_repository(range: &str) -> bool {
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
pub(super) fn is_archive(address: &str) -> bool {
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
    fn what_is_encoded_is_seen() {
        assert_eq!(decoded("a%40exec%3A.%2Fb"), "a@exec:./b");
        assert_eq!(decoded("a%2540b"), "a@b");
        assert_eq!(decoded("%252540"), "@");
        assert_eq!(decoded("100% %zz %é %"), "100% %zz %é %");
        assert!(names_program("patch:gen@exec%3A./gen.js#x") && !names_program("npm:exec@1"));
    }
}
