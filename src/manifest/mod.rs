//! The manifest as written: one table of fields decodes it, explains it and describes it as JSON Schema.
//!
//! The types here hold what the author wrote, nothing more: every value with its place, defaults left out. What it
//! means is the model's business.

#[macro_use]
mod macros;
mod binary;
mod build;
mod decode;
mod exception;
mod fetch;
pub mod field;
mod go;
mod hint;
mod interpolate;
mod language;
mod root;
mod runtime;
mod rust;
mod value;

pub use binary::Binary;
pub use build::{Artifact, Build};
pub use exception::Exception;
pub use fetch::{CustomSecret, Fetch, KnownSecret, Secret};
pub use go::Go;
pub use interpolate::interpolate;
pub use language::{Language, LanguageBlocks};
pub use root::{Manifest, SourceDirectory};
pub use runtime::{File, Runtime, User};
pub use rust::Rust;
pub use value::{Command, Map, Mode, Nullable, Text};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::Source;
use crate::yaml;
use decode::Decoder;
use field::Format;
use value::Value as _;

/// The manifest in a text, with warnings; or everything that is wrong with it.
pub fn read(source: &Source) -> Result<(Manifest, Diagnostics), Diagnostics> {
    let Some(node) = yaml::parse(source)? else {
        return Err(Diagnostic::error("empty", "the manifest is empty").into());
    };
    let mut decoder = Decoder::new();
    let manifest = Manifest::decode(&node, &Format::TEXT, &mut decoder);
    let found = decoder.finish();
    match manifest {
        Some(manifest) => found.result(manifest),
        None => Err(found),
    }
}
