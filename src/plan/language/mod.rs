//! The languages: one file each, and one line in [`plan`].

mod binary;
mod go;
mod go_module;
mod node;
mod python;
mod rust;
mod rust_config;
mod rust_members;
mod rust_read;
mod rust_toolchain;
mod rust_workspace;

use super::detect;
use super::planner::Planner;
use super::product::{Needs, Product};
use crate::model::{Choice, Language};

/// What the application needs of its base, as far as the manifest alone tells.
pub(super) fn needs(choice: &Choice) -> Option<Needs> {
    match choice {
        Choice::Named(Language::Go(go)) => Some(if go.cgo { Needs::CLibrary } else { Needs::Nothing }),
        Choice::Named(Language::Rust(_) | Language::Python(_) | Language::Node(_)) => Some(Needs::CLibrary),
        Choice::Named(Language::Binary(_)) | Choice::Detected => None,
    }
}

/// Plans the application's language; `None` when facts are missing or errors were found.
pub(super) fn plan(planner: &mut Planner<'_>) -> Option<Product> {
    let language = match &planner.image.language.value {
        Choice::Named(language) => language.clone(),
        Choice::Detected => {
            let sign = detect::language(planner)?;
            planner.detected = Some(sign.clone());
            sign.language
        }
    };
    match &language {
        Language::Go(go) => go::plan(planner, go),
        Language::Rust(rust) => rust::plan(planner, rust),
        Language::Python(python) => python::plan(planner, python),
        Language::Node(node) => node::plan(planner, node),
        Language::Binary(binary) => binary::plan(planner, binary),
    }
}
