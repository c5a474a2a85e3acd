//! Images from a registry (BuildKit source `docker-image://`).

use super::{Operation, Source};
use crate::llb::{Graph, Meta, Output};
use crate::name::{Platform, Reference};

/// An image for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image(Source);

/// Where the daemon looks for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolveMode {
    /// As the daemon is set up.
    Default,
    /// In the registry, even if it is there already.
    Pull,
    /// Among the images of the daemon first.
    Local,
}

impl Image {
    /// The image behind a reference; a reference with a digest is the same image for ever.
    pub fn new(reference: &Reference, platform: &Platform) -> Image {
        Image(Source::new(format!("docker-image://{reference}")).platform(platform))
    }

    /// Where to look for it.
    #[must_use]
    pub fn resolve_mode(mut self, mode: ResolveMode) -> Image {
        self.0.set("image.resolvemode", mode.as_str());
        self
    }

    /// Only the lowest layers.
    #[must_use]
    pub fn layer_limit(mut self, layers: std::num::NonZeroU32) -> Image {
        self.0.set("image.layerlimit", layers.to_string());
        self
    }

    /// The source, such as to ask the daemon for its metadata.
    pub fn into_source(self) -> Source {
        self.0
    }
}

impl ResolveMode {
    /// The wire form, which is also that of the option `image-resolve-mode`.
    pub fn as_str(self) -> &'static str {
        match self {
            ResolveMode::Default => "default",
            ResolveMode::Pull => "pull",
            ResolveMode::Local => "local",
        }
    }
}

impl Operation for Image {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        self.0.add_to(graph, meta)
    }
}
