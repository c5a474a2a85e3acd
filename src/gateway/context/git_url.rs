//! URLs of repositories as users write contexts (BuildKit `frontend/dockerfile/dfgitutil`).

use crate::llb::{Git, Source};

/// A repository, which of its commits, and which directory of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the URL's query")]
pub(super) struct GitUrl {
    /// The repository, without fragment and query.
    pub(super) remote: String,
    /// The branch, tag or commit; empty for the default branch.
    pub(super) reference: String,
    /// The directory; empty for all of it.
    pub(super) subdirectory: String,
    /// The commit that the reference must name, perhaps only its beginning.
    pub(super) checksum: String,
    /// Whether `.git` stays.
    pub(super) keep_git_dir: bool,
    /// Whether submodules are left out.
    pub(super) skip_submodules: bool,
    /// Whether files get the time of their commit.
    pub(super) commit_times: bool,
    /// Whether the commit is fetched by its name.
    pub(super) fetch_by_commit: bool,
    /// The keys of hosts to trust, where the repository is reached by ssh; empty for any. No URL says them.
    pub(super) known_hosts: String,
}

impl GitUrl {
    /// A repository's URL; `None` when the text is something else, an error when it is one written wrongly.
    ///
    /// An `http` URL is a repository only if its path ends in `.git`.
    pub(super) fn parse(text: &str) -> Option<Result<GitUrl, String>> {
        let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (remote, query) = before.split_once('?').unwrap_or((before, ""));
        if !is_repository(remote) {
            return None;
        }
        let short = remote.starts_with("github.com/");
        let remote = if short { format!("https://{remote}") } else { remote.to_owned() };
        Some(GitUrl { remote, ..GitUrl::default() }.with(fragment, query))
    }

    fn with(mut self, fragment: &str, query: &str) -> Result<GitUrl, String> {
        let (reference, subdirectory) = fragment.split_once(':').unwrap_or((fragment, ""));
        reference.clone_into(&mut self.reference);
        subdirectory.clone_into(&mut self.subdirectory);
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if seen.contains(&key) {
                return Err(format!("the git URL has `{key}` twice"));
            }
            seen.push(key);
            self.set(key, value)?;
        }
        Ok(self)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "ref" => once(&mut self.reference, value, key),
            "tag" => once(&mut self.reference, &format!("refs/tags/{value}"), key),
            "branch" => once(&mut self.reference, &format!("refs/heads/{value}"), key),
            "subdir" => once(&mut self.subdirectory, value, key),
            "checksum" | "commit" => once(&mut self.checksum, value, key),
            "keep-git-dir" => switch(value, key).map(|on| self.keep_git_dir = on),
            "submodules" => switch(value, key).map(|on| self.skip_submodules = !on),
            "fetch-by-commit" => switch(value, key).map(|on| self.fetch_by_commit = on),
            "mtime" if matches!(value, "checkout" | "commit") => {
                self.commit_times = value == "commit";
                Ok(())
            }
            "mtime" => Err(format!("`mtime` of a git URL is `checkout` or `commit`, not `{value}`")),
            other => Err(format!("the git URL has the unknown key `{other}`")),
        }
    }

    /// Whether the repository is reached by ssh.
    pub(super) fn is_ssh(&self) -> bool {
        self.remote.split_once("://").is_none_or(|(scheme, _)| scheme == "ssh")
    }

    /// The commit, where the URL itself names one in full.
    pub(super) fn commit(&self) -> Option<&str> {
        [self.reference.as_str(), self.checksum.as_str()].into_iter().find(|text| is_commit(text))
    }

    /// The source at this commit, or, without one, at whatever the reference names now.
    pub(super) fn source(&self, commit: Option<&str>) -> Result<Source, String> {
        let mut git = Git::new(&self.remote).map_err(|error| error.to_string())?;
        git = git.reference(&self.reference).subdirectory(&self.subdirectory);
        git = git.known_ssh_hosts(&self.known_hosts);
        if let Some(commit) = commit.filter(|commit| *commit != self.reference) {
            git = git.checksum(commit);
        }
        git = if self.keep_git_dir { git.keep_git_dir() } else { git };
        git = if self.skip_submodules { git.skip_submodules() } else { git };
        git = if self.commit_times { git.commit_times() } else { git };
        let source = git.into_source();
        Ok(if self.fetch_by_commit { source.attr("git.fetchbycommit", "true") } else { source })
    }
}

/// Whether a text is the full name of a commit (SHA-1 or SHA-256).
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a text says to others where a repository is: no directory of the machine that the client runs on.
pub(in crate::gateway) fn is_address(remote: &str) -> bool {
    match remote.split_once("://") {
        Some((scheme, _)) => scheme != "file",
        // The form of ssh; one letter is a drive of Windows.
        None => remote.split_once(':').is_some_and(|(host, _)| host.len() > 1 && !host.contains(['/', '\\'])),
    }
}

#[allow(clippy::case_sensitive_file_extension_comparisons, reason = "BuildKit compares so too")]
fn is_repository(remote: &str) -> bool {
    let secure_shell = |remote: &str| {
        let user = remote.split_once('@').filter(|(user, _)| !user.contains(['/', ':']));
        user.and_then(|(_, rest)| rest.split_once(':')).is_some_and(|(host, _)| !host.contains('/'))
    };
    match remote.split_once("://") {
        Some(("git" | "ssh", _)) => true,
        Some(("http" | "https", rest)) => rest.ends_with(".git"),
        Some(_) => false,
        None => remote.starts_with("github.com/") || secure_shell(remote),
    }
}

fn once(place: &mut String, value: &str, key: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err(format!("`{key}` of the git URL is empty"));
    }
    if !place.is_empty() {
        return Err(format!("`{key}` of the git URL says again what the URL already says"));
    }
    value.clone_into(place);
    Ok(())
}

fn switch(value: &str, key: &str) -> Result<bool, String> {
    match value {
        "" | "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        other => Err(format!("`{key}` of the git URL is `true` or `false`, not `{other}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> GitUrl {
        GitUrl::parse(text).expect("a repository").unwrap()
    }

    #[test]
    fn repositories_are_told_from_downloads() {
        for text in
            ["https://host/a.git", "git://host/a", "git@host:a/b", "github.com/a/b", "ssh://git@host/a"]
        {
            assert!(GitUrl::parse(text).is_some(), "{text}");
        }
        for text in ["https://host/a.tar.gz", "http://host/a", "local:x", "docker-image://a@b:c", "dir@x/y:z"]
        {
            assert!(GitUrl::parse(text).is_none_or(|url| url.is_err()), "{text}");
        }
    }

    #[test]
    fn an_address_is_told_from_a_local_path() {
        for text in ["https://host/a.git", "ssh://git@host/a", "git@host:a/b.git", "host:a"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["/srv/a.git", "../a", "./a:b", "file:///srv/a.git", "C:/a", "C:\\a", ".", ""] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn fragment_and_query_say_the_same_things() {
        let fragment = parsed("https://host/a.git#main:sub/dir");
        assert_eq!((fragment.reference.as_str(), fragment.subdirectory.as_str()), ("main", "sub/dir"));
        let query = parsed("https://host/a.git?branch=main&subdir=sub&submodules=false&mtime=commit");
        assert_eq!((query.reference.as_str(), query.subdirectory.as_str()), ("refs/heads/main", "sub"));
        assert!(query.skip_submodules && query.commit_times && !query.keep_git_dir);
        assert_eq!(parsed("github.com/a/b").remote, "https://github.com/a/b");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for text in [
            "https://host/a.git?ref=a#b",
            "https://host/a.git?ref=a&ref=b",
            "https://host/a.git?ref=a&tag=b",
            "https://host/a.git?colour=red",
            "https://host/a.git?mtime=now",
            "https://host/a.git?submodules=perhaps",
        ] {
            assert!(GitUrl::parse(text).expect("a repository").is_err(), "{text}");
        }
    }

    #[test]
    fn a_full_commit_needs_no_second_pin() {
        let commit = "0123456789012345678901234567890123456789";
        let url = parsed(&format!("https://host/a.git#{commit}"));
        assert_eq!(url.commit(), Some(commit));
        let attrs = url.source(url.commit()).unwrap().to_wire().attrs;
        assert!(!attrs.contains_key("git.checksum"), "{attrs:?}");
        let attrs = parsed("https://host/a.git#main").source(Some(commit)).unwrap().to_wire().attrs;
        assert_eq!(attrs["git.checksum"], commit);
    }

    #[test]
    fn hosts_have_keys_where_ssh_reaches_them() {
        for (text, is_ssh) in
            [("git@host:a/b", true), ("ssh://git@host/a", true), ("https://host/a.git", false)]
        {
            let url = GitUrl { known_hosts: "host ssh-ed25519 AAAA".to_owned(), ..parsed(text) };
            assert_eq!(url.is_ssh(), is_ssh, "{text}");
            let attrs = url.source(None).unwrap().to_wire().attrs;
            let keys = attrs.get("git.knownsshhosts").map(String::as_str);
            assert_eq!(keys, is_ssh.then_some("host ssh-ed25519 AAAA\n"), "{text}");
        }
    }
}
