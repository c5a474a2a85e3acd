//! What a language makes of an application, and where its builder sees things.

use super::final_image::Layer;
use super::node::Tree;
use crate::facts::literal;
use crate::name::{ContextPath, ImagePath};

/// Where builders see the source.
pub(super) const WORK_TREE: &str = "/src";
/// Where fetches see manifests and lock files, of which they make a work tree.
pub(super) const MANIFESTS: &str = "/manifests";
/// The Debian release of toolchain images, the same as that of the distroless bases, so that the C library fits.
pub(super) const RELEASE: &str = "trixie";
/// Where builders put what they make.
pub(super) const OUTPUT: &str = "/out";

/// What a language makes of an application.
#[derive(Debug, Clone)]
pub(super) struct Product {
    /// What crosses.
    pub(super) layers: Vec<Layer>,
    /// What runs, unless the manifest says otherwise.
    pub(super) entrypoint: Vec<String>,
    /// Variables that the language wants at run time.
    pub(super) env: Vec<(String, String)>,
    /// What the base must have.
    pub(super) needs: Needs,
    /// Where it runs, where that is not the workdir itself.
    pub(super) directory: Option<ImagePath>,
    /// The work tree after the compilation and where the builder saw it; a prebuilt binary has none.
    pub(super) work_tree: Option<(Tree, String)>,
}

/// What a product needs of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: it is linked statically.
    Nothing,
    /// The C library and what compilers add to it.
    CLibrary,
}

/// Where builders see a directory of the context.
pub(super) fn in_work_tree(directory: &ContextPath) -> String {
    if directory.is_root() { WORK_TREE.to_owned() } else { format!("{WORK_TREE}/{directory}") }
}

/// A pattern below a directory of the context.
pub(super) fn in_directory(directory: &ContextPath, pattern: &str) -> String {
    if directory.is_root() { pattern.to_owned() } else { format!("{}/{pattern}", literal(directory)) }
}
