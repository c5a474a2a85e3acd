//! Images from a store of the client, and single blobs (BuildKit sources `oci-layout://`, `docker-image+blob://`).

use super::{Operation, Source};
use crate::llb::{Graph, Meta, Output};
use crate::name::{Digest, Platform, Reference};

/// An image in an OCI layout that the client offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OciLayout(Source);

/// One blob of a registry's repository, as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob(Source);

impl OciLayout {
    /// The image with this digest in the store of this name, offered by this session.
    pub fn new(
        name: &Reference,
        digest: &Digest,
        store: &str,
        session: &str,
        platform: &Platform,
    ) -> OciLayout {
        let identifier = format!("oci-layout://{}@{digest}", name.name());
        let source = Source::new(identifier).attr("oci.store", store).attr("oci.session", session);
        OciLayout(source.platform(platform))
    }

    /// The source, such as to ask the daemon for its metadata.
    pub fn into_source(self) -> Source {
        self.0
    }
}

impl Blob {
    /// The blob with this digest in the repository of `name`.
    pub fn new(name: &Reference, digest: &Digest) -> Blob {
        Blob(Source::new(format!("docker-image+blob://{}@{digest}", name.name())))
    }

    /// The name of the file.
    #[must_use]
    pub fn filename(mut self, name: impl Into<String>) -> Blob {
        self.0.set("http.filename", name);
        self
    }

    /// The permissions of the file.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Blob {
        self.0.set("http.perm", format!("0{mode:o}"));
        self
    }
}

impl Operation for OciLayout {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        self.0.add_to(graph, meta)
    }
}

impl Operation for Blob {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        self.0.add_to(graph, meta)
    }
}
