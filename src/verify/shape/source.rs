//! The shapes of sources: images, OCI layouts, directories of the client, git and HTTP, with known attributes.

use super::{Refusal, platform};
use crate::name::{Digest, Reference};
use crate::verify::findings::quoted;
use crate::verify::graph::Vertex;
use crate::wire::pb;

/// Content from outside the graph.
#[derive(Debug)]
pub(in crate::verify) struct Source<'g> {
    /// Where it comes from.
    pub(in crate::verify) kind: Kind,
    /// The whole identifier.
    pub(in crate::verify) identifier: &'g str,
    /// The operation.
    pub(in crate::verify) op: &'g pb::SourceOp,
    /// What an image is for; nothing else has a platform.
    pub(in crate::verify) platform: Option<&'g pb::Platform>,
}

/// Where content comes from (BuildKit `source`, the schemes of identifiers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Kind {
    /// A registry.
    Image,
    /// An image that the client holds.
    Layout,
    /// A directory of the client.
    Local,
    /// A repository.
    Git,
    /// A URL.
    Http,
}

const IMAGE: &[&str] = &["image.resolvemode", "image.recordtype"];
const LAYOUT: &[&str] = &["oci.store", "oci.session"];
const LOCAL: &[&str] = &[
    "local.session",
    "local.unique",
    "local.includepattern",
    "local.excludepatterns",
    "local.followpaths",
    "local.sharedkeyhint",
    "local.differ",
];
const GIT: &[&str] = &[
    "git.fullurl",
    "git.keepgitdir",
    "git.authtokensecret",
    "git.authheadersecret",
    "git.knownsshhosts",
    "git.mountsshsock",
    "git.checksum",
    "git.skipsubmodules",
    "git.mtime",
    "git.fetchbycommit",
];
const HTTP: &[&str] =
    &["http.checksum", "http.filename", "http.perm", "http.uid", "http.gid", "http.authheadersecret"];

/// The source that an operation is.
pub(super) fn read<'g>(
    source: &'g pb::SourceOp,
    platform: Option<&'g pb::Platform>,
    vertex: &Vertex,
) -> Result<Source<'g>, Refusal> {
    if !vertex.inputs.is_empty() {
        return Err(Refusal::shape("is a source with inputs"));
    }
    let identifier = source.identifier.as_str();
    let scheme = identifier.split_once("://").map_or("", |(scheme, _)| scheme);
    let (kind, attributes) = match scheme {
        "docker-image" => (Kind::Image, IMAGE),
        "oci-layout" => (Kind::Layout, LAYOUT),
        "local" => (Kind::Local, LOCAL),
        "git" => (Kind::Git, GIT),
        "http" | "https" => (Kind::Http, HTTP),
        _ => return Err(Refusal::shape(format!("is an unknown kind of source: {}", quoted(identifier)))),
    };
    if let Some(key) = source.attrs.keys().find(|key| !attributes.contains(&key.as_str())) {
        return Err(Refusal::shape(format!("is a source with the unknown attribute {}", quoted(key))));
    }
    let platform = match kind {
        Kind::Image | Kind::Layout => Some(platform::some(platform)?),
        Kind::Local | Kind::Git | Kind::Http => platform::none(platform).map(|()| None)?,
    };
    Ok(Source { kind, identifier, op: source, platform })
}

impl Source<'_> {
    /// The digest that an image is pinned by.
    pub(in crate::verify) fn digest(&self) -> Option<Digest> {
        let (_, reference) = self.identifier.split_once("://")?;
        Reference::parse(reference).ok()?.digest().cloned()
    }
}
