//! The bases: one file each, and one line in [`plan`].

mod distroless;
mod image;
mod scratch;

use super::assemble::Planner;
use super::final_image::Layer;
use super::language::Needs;
use super::node::{FileEdit, Tree};
use crate::facts::ImageFact;
use crate::model::BaseChoice;
use crate::text::Spanned;

/// What the layers lie over.
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// A pinned image.
    Image {
        /// Its tree.
        tree: Tree,
        /// What is known of it.
        fact: Box<ImageFact>,
    },
}

/// Where programs look for certificate authorities.
pub(super) const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The variables of a base that stay; all others are dropped, so that no base decides how programs load code.
const KEPT_VARIABLES: [&str; 5] = ["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANG", "LC_ALL"];
/// What PATH is where the base says nothing.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Plans the base, and the layer that an empty one needs; `None` when facts are missing.
pub(super) fn plan(planner: &mut Planner<'_>, needs: Needs) -> Option<(Base, Option<Layer>)> {
    let choice = planner.image.runtime.base.clone();
    let named = match choice.value {
        BaseChoice::Scratch => return scratch::plan(planner),
        BaseChoice::ByLanguage | BaseChoice::Distroless => distroless::reference(needs),
        BaseChoice::Image(reference) => reference,
    };
    Some((image::plan(planner, &Spanned::new(named, choice.span))?, None))
}

/// The certificate bundle that an image on this base has; `None` while the image that it comes from is not known.
pub(super) fn certificates(planner: &mut Planner<'_>, base: &Base) -> Option<FileEdit> {
    let tree = match base {
        Base::Image { tree, .. } => tree.clone(),
        Base::Scratch => scratch::donor(planner)?,
    };
    Some(FileEdit::Copy { tree, from: CA_BUNDLE.to_owned(), to: CA_BUNDLE.to_owned(), exclude: Vec::new() })
}

impl Base {
    /// The base's name as users know it.
    pub fn name(&self) -> String {
        match self {
            Base::Scratch => "scratch".to_owned(),
            Base::Image { fact, .. } => fact.reference.familiar(),
        }
    }

    /// The variables that the final image keeps of the base, PATH first.
    pub(super) fn kept_env(&self) -> Vec<(String, String)> {
        let known = |name: &str| match self {
            Base::Scratch => None,
            Base::Image { fact, .. } => fact.config.variable(name).map(str::to_owned),
        };
        let kept = KEPT_VARIABLES.iter().filter_map(|&name| Some((name.to_owned(), known(name)?)));
        let mut env: Vec<(String, String)> = kept.collect();
        if known("PATH").is_none() {
            env.insert(0, ("PATH".to_owned(), DEFAULT_PATH.to_owned()));
        }
        env
    }
}
