//! What the client brings to a build besides the manifest: trees in the place of images, and limits of steps.

use crate::name::Digest;
use crate::wire::pb;

/// What the client brings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Client<'a> {
    /// Trees that it made or chose; what they are made of is its own affair.
    pub trees: &'a [GivenTree<'a>],
    /// Hosts, limits and proxies of builders' steps: every other field is empty.
    pub sandbox: Option<&'a pb::Meta>,
    /// The image source of the scanner that it wants to be run on the image.
    pub scanner: Option<&'a str>,
}

/// A tree that the client put in the place of something.
#[derive(Debug, Clone, Copy)]
pub struct GivenTree<'a> {
    /// What gives it, exactly as it is in the graph.
    pub definition: &'a pb::Definition,
    /// What it stands for.
    pub role: GivenRole<'a>,
}

/// What a tree of the client stands for.
#[derive(Debug, Clone, Copy)]
pub enum GivenRole<'a> {
    /// The build context.
    Context,
    /// An image.
    Image {
        /// The image whose place it takes.
        name: &'a str,
        /// What names it in caches.
        digest: &'a Digest,
        /// Whether it is an image that the client built, rather than files.
        is_image: bool,
    },
}
