//! The languages: one file each, and one line in [`plan`].

mod binary;
mod custom;
mod go;
mod java;
mod node;
mod python;
mod rust;
mod site;

pub(super) use self::site::INDEX;
use super::planner::Planner;
use super::product::{Needs, Product};
use crate::model::{Language, Node, Site};

/// What the application needs of its base, as far as the manifest alone tells.
pub(super) fn needs(language: &Language) -> Option<Needs> {
    match language {
        Language::Go(go) => Some(if go.cgo { Needs::CLibrary } else { Needs::Nothing }),
        Language::Rust(_)
        | Language::Python(_)
        | Language::Node(_)
        | Language::Java(_)
        | Language::Site(_)
        | Language::Custom(_) => Some(Needs::CLibrary),
        Language::Binary(_) => None,
    }
}

/// The language of a `package.json`: Node, or a site of files where it names a tool that makes one and no server.
pub(super) fn of_package(text: &[u8]) -> Language {
    let node = Some(Node::default());
    match node::makes_site(text) {
        true => Language::Site(Site { node, ..Site::default() }),
        false => Language::Node(Node::default()),
    }
}

/// Plans the application's language; `None` when facts are missing or errors were found.
pub(super) fn plan(planner: &mut Planner<'_>, language: &Language) -> Option<Product> {
    match language {
        Language::Go(go) => go::plan(planner, go),
        Language::Rust(rust) => rust::plan(planner, rust),
        Language::Python(python) => python::plan(planner, python),
        Language::Node(node) => node::plan(planner, node),
        Language::Java(java) => java::plan(planner, java),
        Language::Site(site) => site::plan(planner, site),
        Language::Binary(binary) => binary::plan(planner, binary),
        Language::Custom(custom) => custom::plan(planner, custom),
    }
}
