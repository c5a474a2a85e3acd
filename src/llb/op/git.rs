//! Git repositories (BuildKit source `git://`).

use std::fmt;

use super::{Operation, Source};
use crate::llb::{Graph, Meta, Output};

/// A commit of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Git {
    remote: Remote,
    reference: String,
    subdirectory: String,
    attrs: Source,
}

/// The text is not the URL of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitUrlError(String);

/// The parts of a repository's URL that name it, whatever the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Remote {
    host: String,
    path: String,
    ssh: bool,
}

impl Git {
    /// A repository by its URL: `https://host/path`, `ssh://user@host/path`, `git://host/path` or
    /// `user@host:path`, without fragment and query.
    pub fn new(url: &str) -> Result<Git, GitUrlError> {
        let remote = Remote::parse(url).ok_or_else(|| GitUrlError(url.to_owned()))?;
        let mut attrs = Source::new("").attr("git.fullurl", url);
        attrs.set("git.authtokensecret", "GIT_AUTH_TOKEN");
        attrs.set("git.authheadersecret", "GIT_AUTH_HEADER");
        if remote.ssh {
            attrs.set("git.mountsshsock", "default");
        }
        Ok(Git { remote, reference: String::new(), subdirectory: String::new(), attrs })
    }

    /// The branch, tag or commit; without it the default branch.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Git {
        self.reference = reference.into();
        self
    }

    /// Only this directory of the commit.
    #[must_use]
    pub fn subdirectory(mut self, path: &str) -> Git {
        let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        self.subdirectory = parts.join("/");
        self
    }

    /// The commit that the reference must name.
    #[must_use]
    pub fn checksum(mut self, commit: impl Into<String>) -> Git {
        self.attrs.set("git.checksum", commit);
        self
    }

    /// The host keys to trust, one a line; without them the daemon trusts any. Only a repository over SSH has a host key.
    #[must_use]
    pub fn known_ssh_hosts(mut self, hosts: &str) -> Git {
        if self.remote.ssh && !hosts.is_empty() {
            self.attrs.set("git.knownsshhosts", format!("{}\n", hosts.trim_end_matches('\n')));
        }
        self
    }

    /// The repository with its `.git` directory.
    #[must_use]
    pub fn keep_git_dir(mut self) -> Git {
        self.attrs.set("git.keepgitdir", "true");
        self
    }

    /// The repository without its submodules.
    #[must_use]
    pub fn skip_submodules(mut self) -> Git {
        self.attrs.set("git.skipsubmodules", "true");
        self
    }

    /// Files with the time of their commit, not of the checkout.
    #[must_use]
    pub fn commit_times(mut self) -> Git {
        self.attrs.set("git.mtime", "commit");
        self
    }

    /// The source, such as to ask the daemon for the commit.
    pub fn into_source(self) -> Source {
        let mut identifier = format!("git://{}{}", self.remote.host, self.remote.path);
        if !self.reference.is_empty() || !self.subdirectory.is_empty() {
            identifier = format!("{identifier}#{}", self.reference);
        }
        if !self.subdirectory.is_empty() {
            identifier = format!("{identifier}:{}", self.subdirectory);
        }
        let mut source = Source::new(identifier);
        for (key, value) in self.attrs.to_wire().attrs {
            source.set(&key, value);
        }
        source
    }
}

impl Remote {
    fn parse(url: &str) -> Option<Remote> {
        let printable = url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains(['#', '?', '\\', '%']);
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, url),
        };
        let (authority, path) = match scheme {
            Some("http" | "https" | "git" | "ssh") => rest.split_once('/')?,
            Some(_) => return None,
            None => rest.split_once(':')?,
        };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let named = !host.is_empty() && !host.contains('/') && !path.is_empty();
        let climbs = path.split('/').any(|part| part == "..");
        let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        (printable && named && !climbs).then(|| Remote {
            host: host.to_owned(),
            path: format!("/{}", parts.join("/")),
            ssh: matches!(scheme, None | Some("ssh")),
        })
    }
}

impl Operation for Git {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        self.into_source().add_to(graph, meta)
    }
}

impl fmt::Display for GitUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the URL of a Git repository such as https://host/path.git", self.0)
    }
}

impl std::error::Error for GitUrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_repository_is_refused() {
        for wrong in [
            "",
            "host",
            "https://host",
            "https:///path",
            "file:///etc/passwd",
            "../x",
            "a/b:c",
            "git@host:",
            "https://host/a#main",
            "https://host/a?ref=b",
            "https://host/a/../b",
            "https://ho st/a",
        ] {
            assert!(Git::new(wrong).is_err(), "{wrong}");
        }
    }
}
