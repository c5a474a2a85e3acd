//! The manifest as written: one table of fields decodes it, explains it and describes it as JSON Schema.
//!
//! The types here hold what the author wrote, nothing more: every value with its place, defaults left out. What it
//! means is the model's business.

#[macro_use]
mod macros;
mod binary;
mod build;
mod custom;
mod decode;
mod exception;
mod fetch;
pub mod field;
mod file;
mod go;
mod hint;
mod interpolate;
mod java;
mod language;
mod node;
mod python;
mod reference;
mod root;
mod runtime;
mod rust;
mod scalar;
mod schema;
mod site;
mod test;
mod value;

pub use build::Build;
pub use exception::Exception;
pub use fetch::{CustomSecret, Fetch, KnownSecret, Secret};
pub use file::File;
pub use interpolate::{Arguments, interpolate};
pub use java::{BuildTool, Jre};
pub use language::*;
pub use node::{FetchScripts, Framework, NodeManager};
pub use python::PythonManager;
pub use reference::reference;
pub use root::{Manifest, SourceDirectory};
pub use runtime::{Runtime, User};
pub use scalar::{Id, Mode};
pub use schema::schema;
pub use test::{Http, Output, Test};
pub use value::{Command, Map, Nullable, Text};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::{Source, Span};
use crate::yaml;
use decode::Decoder;
use field::Format;
use value::Value as _;

/// The text of a manifest, or why these bytes are none: too many, or not UTF-8.
pub fn source(name: &str, bytes: &[u8]) -> Result<Source, Diagnostics> {
    if bytes.len() > yaml::MAX_BYTES {
        return Err(yaml::too_large().into());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => Err(not_text(bytes, error.valid_up_to()).into()),
    }
}

/// The manifest in a text, with warnings; or everything that is wrong with it.
pub fn read(source: &Source) -> Result<(Manifest, Diagnostics), Diagnostics> {
    match decode(source) {
        (Some(manifest), found) => found.result(manifest),
        (None, found) => Err(found),
    }
}

/// As much of the manifest as can be read, and everything that is wrong with it: what is left can still be checked,
/// so that its errors are told in the same pass.
pub fn decode(source: &Source) -> (Option<Manifest>, Diagnostics) {
    if let Some(found) = dockerfile(source) {
        return (None, found.into());
    }
    let document = match yaml::parse(source) {
        Ok(document) => document,
        Err(found) => return (None, found),
    };
    if source.text().trim().is_empty() {
        return (None, empty().into());
    }
    let mut decoder = Decoder::new(document.found);
    // Comments alone, such as the syntax line, leave everything to be detected.
    let manifest = match document.root {
        Some(node) => Manifest::decode(&node, &Format::TEXT, &mut decoder),
        None => Manifest::absent(),
    };
    (manifest, decoder.finish())
}

fn empty() -> Diagnostic {
    Diagnostic::error("empty", "the manifest is empty").help(
        "the smallest manifest is the line `# syntax=ghcr.io/cofferdam/cofferdam:1`; most have `runtime: {base: …, ports: […]}` too",
    )
}

fn not_text(bytes: &[u8], valid: usize) -> Diagnostic {
    let line = bytes.iter().take(valid).filter(|&&byte| byte == b'\n').count() + 1;
    let found = Diagnostic::error(
        "not-utf8",
        format!("the manifest is not a text in UTF-8 (line {line}, byte {valid})"),
    );
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => found.help("it seems to be UTF-16; save it as UTF-8"),
        _ => found.help("check that this is the file you meant, and save it as UTF-8"),
    }
}

/// Whether someone passed a Dockerfile.
fn dockerfile(source: &Source) -> Option<Diagnostic> {
    let mut offset = 0;
    for line in source.text().lines().take(200) {
        let instruction = line.trim_start();
        if !instruction.is_empty() && !instruction.starts_with('#') {
            let (word, rest) = instruction.split_once(' ')?;
            let dockerfile = matches!(word, "FROM" | "ARG") && !rest.trim_start().starts_with(':');
            return dockerfile.then(|| {
                Diagnostic::error("dockerfile", "this is a Dockerfile, not a manifest")
                    .at(Span::new(offset, offset + line.len()))
                    .help("a manifest says what the application is, such as `language: go`; pass it with `-f cofferdam.yaml`")
            });
        }
        offset += line.len() + 1;
    }
    None
}
