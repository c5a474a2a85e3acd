//! Downloads (BuildKit sources `http://` and `https://`).

use super::{Operation, Source};
use crate::llb::{Graph, Meta, Output};
use crate::name::Digest;

/// A file behind a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http(Source);

impl Http {
    /// The file behind a URL that starts with `http://` or `https://`.
    pub fn new(url: impl Into<String>) -> Http {
        Http(Source::new(url))
    }

    /// The digest that the content must have; without it the URL is fetched to find the cache key.
    #[must_use]
    pub fn checksum(mut self, digest: &Digest) -> Http {
        self.0.set("http.checksum", digest.as_str());
        self
    }

    /// The name of the file; without it the server or the URL decides.
    #[must_use]
    pub fn filename(mut self, name: impl Into<String>) -> Http {
        self.0.set("http.filename", name);
        self
    }

    /// The permissions of the file; without it 0600.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Http {
        self.0.set("http.perm", format!("0{mode:o}"));
        self
    }

    /// The owner of the file; root without it.
    #[must_use]
    pub fn owner(mut self, uid: u32, gid: u32) -> Http {
        for (key, id) in [("http.uid", uid), ("http.gid", gid)] {
            if id != 0 {
                self.0.set(key, id.to_string());
            }
        }
        self
    }

    /// The secret whose value is sent as the `Authorization` header.
    #[must_use]
    pub fn auth_header_secret(mut self, id: impl Into<String>) -> Http {
        self.0.set("http.authheadersecret", id);
        self
    }

    /// The source, such as to ask the daemon for its digest.
    pub fn into_source(self) -> Source {
        self.0
    }
}

impl Operation for Http {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        self.0.add_to(graph, meta)
    }
}
