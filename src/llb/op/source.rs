//! Sources: content from outside the graph, by identifier and attributes.

use std::collections::BTreeMap;

use super::{Inputs, Operation, wire_op, wire_platform};
use crate::llb::cap;
use crate::llb::{Graph, Meta, Output};
use crate::name::Platform;
use crate::wire::pb;

/// A source by its identifier, such as the daemon gives when it resolves one; [`super::Image`], [`super::Local`],
/// [`super::Http`], [`super::Git`] and [`super::OciLayout`] are easier to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    identifier: String,
    attrs: BTreeMap<String, String>,
    platform: Option<Platform>,
}

impl Source {
    /// A source by its canonical identifier.
    pub fn new(identifier: impl Into<String>) -> Source {
        Source { identifier: identifier.into(), attrs: BTreeMap::new(), platform: None }
    }

    /// A source as it is on the wire.
    pub fn from_wire(source: pb::SourceOp) -> Source {
        let mut made = Source::new(source.identifier);
        for (key, value) in source.attrs {
            made.set(&key, value);
        }
        made
    }

    /// The source for one platform; kinds that are the same for all platforms leave it out.
    #[must_use]
    pub fn platform(mut self, platform: &Platform) -> Source {
        self.platform = Some(platform.clone());
        self
    }

    /// The source with one more attribute; an empty value is the same as none.
    #[must_use]
    pub fn attr(mut self, key: &str, value: impl Into<String>) -> Source {
        self.set(key, value);
        self
    }

    /// The source as it is on the wire, such as to ask the daemon for its metadata.
    pub fn to_wire(&self) -> pb::SourceOp {
        pb::SourceOp { identifier: self.identifier.clone(), attrs: self.attrs.clone() }
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.attrs.insert(key.to_owned(), value);
        }
    }

    /// The capabilities of the kind and of each attribute (BuildKit `client/llb/source.go`).
    fn caps(&self) -> Vec<&'static str> {
        let kind = self.identifier.split("://").next().unwrap_or_default();
        let attrs = self.attrs.iter().filter_map(|(key, value)| cap_of_attr(kind, key, value));
        cap_of_kind(kind).into_iter().chain(attrs).collect()
    }
}

impl Operation for Source {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        let specific = ["docker-image://", "oci-layout://"];
        let specific = specific.iter().any(|scheme| self.identifier.starts_with(scheme));
        let platform = self.platform.as_ref().filter(|_| specific).map(wire_platform);
        let caps = self.caps();
        let op = wire_op(
            Inputs::default(),
            platform,
            pb::op::Op::Source(pb::SourceOp { identifier: self.identifier, attrs: self.attrs }),
        );
        Output::of(graph.insert(&op, caps, meta.into_wire()), 0)
    }
}

fn cap_of_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "docker-image" => cap::SOURCE_IMAGE,
        "oci-layout" => cap::SOURCE_OCI_LAYOUT,
        "docker-image+blob" | "oci-layout+blob" => cap::SOURCE_IMAGE_BLOB,
        "local" => cap::SOURCE_LOCAL,
        "git" => cap::SOURCE_GIT,
        "http" | "https" => cap::SOURCE_HTTP,
        _ => return None,
    })
}

fn cap_of_attr(kind: &str, key: &str, value: &str) -> Option<&'static str> {
    let http = matches!(kind, "http" | "https");
    Some(match key {
        // Only this mode is a promise; a daemon that does not know the others may ignore them.
        "image.resolvemode" if value == "pull" => cap::SOURCE_IMAGE_RESOLVE_MODE,
        "image.layerlimit" | "oci.layerlimit" => cap::SOURCE_IMAGE_LAYER_LIMIT,
        "image.checksum" => cap::SOURCE_IMAGE_CHECKSUM,
        "local.unique" => cap::SOURCE_LOCAL_UNIQUE,
        "local.session" => cap::SOURCE_LOCAL_SESSION_ID,
        "local.includepattern" => cap::SOURCE_LOCAL_INCLUDE_PATTERNS,
        "local.followpaths" => cap::SOURCE_LOCAL_FOLLOW_PATHS,
        "local.excludepatterns" => cap::SOURCE_LOCAL_EXCLUDE_PATTERNS,
        "local.sharedkeyhint" => cap::SOURCE_LOCAL_SHARED_KEY_HINT,
        "local.differ" => cap::SOURCE_LOCAL_DIFFER,
        "local.metadatatransfer" => cap::SOURCE_LOCAL_METADATA_TRANSFER,
        "git.keepgitdir" => cap::SOURCE_GIT_KEEP_DIR,
        "git.fullurl" => cap::SOURCE_GIT_FULL_URL,
        "git.knownsshhosts" => cap::SOURCE_GIT_KNOWN_SSH_HOSTS,
        "git.mountsshsock" => cap::SOURCE_GIT_MOUNT_SSH_SOCK,
        "git.checksum" => cap::SOURCE_GIT_CHECKSUM,
        "git.skipsubmodules" => cap::SOURCE_GIT_SKIP_SUBMODULES,
        "git.mtime" => cap::SOURCE_GIT_MTIME,
        "git.fetchbycommit" => cap::SOURCE_GIT_FETCH_BY_COMMIT,
        "http.checksum" => cap::SOURCE_HTTP_CHECKSUM,
        "http.perm" if http => cap::SOURCE_HTTP_PERM,
        "http.uid" | "http.gid" if http => cap::SOURCE_HTTP_UID_GID,
        "http.authheadersecret" => cap::SOURCE_HTTP_AUTH,
        _ if key.starts_with("http.header.") => cap::SOURCE_HTTP_HEADER,
        _ => return None,
    })
}
