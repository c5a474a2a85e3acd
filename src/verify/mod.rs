//! Proofs on the marshalled graph: the rules hold for what the daemon will run, whatever the lowering meant.
//!
//! The verifier reads the definitions as they go to the daemon and shares no code with what made them. It is
//! a type checker. Every vertex must have one of a few shapes (`shape`), field by field; every output then
//! gets a kind (`flow`), and every shape says which kinds it takes. Names and descriptions are only quoted
//! in messages. Whatever has no shape, or is used as something that it is not, is an error.
//!
//! # How roles are inferred
//!
//! * The **final image** is what the image's definition ends in: a merge of a base and layers, one layer, a
//!   stack of layers that are copied one onto the other (for daemons that cannot merge), or a base alone. A
//!   *base* is an image source. A *layer* is one copy of `/` to `/`, with an explicit time, of what a stage
//!   step wrote.
//! * A step that runs **on an empty root** is our own binary: it stages or inspects, with exactly the command
//!   line, mounts and fields of [`crate::step`]. Its program is the one that the caller names.
//! * A step that sees a tree **where scanners do** is the client's scanner: it runs in the image that the client
//!   names, looks at the final image, and what it writes is an attestation.
//! * Every other step is a **builder**'s: its root is an image, or what another builder step left of one.
//!   Such a root may become nothing but the root of later builder steps; that of a step with secrets, or of
//!   our own, may become nothing at all.
//! * A step **with network** is a *fetch*; any other is a *compile*.
//! * **What a step sees** follows from the trees in its mounts (`flow::Sight`). Images and made-up files
//!   show nothing of the application. The build context shows all of it; a copy of files whose names are
//!   those of dependency manifests or lock files (`dependency_file`) shows only these. Whatever a step
//!   that saw the source writes shows the source, since the step may have written it down, under any name.
//!   A fetch must see no source, and what it hands on starts empty: a tree that was mounted into it, such as
//!   its work tree, never comes out again.
//!
//! * A tree that the **client** gives (`Client::trees`: an input of the build, or what a named context puts in
//!   the place of an image) is taken as it is: the vertices that only it needs are not looked at. It must end
//!   the definition that the caller names, to the byte, and it is used as what the caller says that it is.
//!
//! Two things cannot be told from a graph: whether a made-up file quotes the source (planning learns some
//! files of the context, such as manifests), and what is inside an image. The first is planning's promise,
//! the second the inspection's.
//!
//! All work is linear in the size of the definitions, up to logarithms.

mod client;
mod config;
mod dependency_file;
mod final_image;
mod findings;
mod flow;
mod graph;
mod place;
mod rules;
mod shape;

pub use client::{Client, GivenRole, GivenTree};

use crate::contract::Contract;
use crate::diagnostic::Diagnostics;
use crate::text;
use crate::wire::pb;

/// What is to be proved: the graphs of one platform as they go to the daemon, and what comes with them.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The graph of the final file system; an empty definition is an empty image.
    pub image: &'a pb::Definition,
    /// The graphs of everything else that the daemon is asked for: reports and the bill of materials. The
    /// inspection of the image must be among them, and so must the report of each stage step.
    pub reports: Vec<&'a pb::Definition>,
    /// Where our own binary comes from.
    pub program: Program<'a>,
    /// What may cross, and who runs it.
    pub contract: &'a Contract,
    /// The image configuration that will be returned, as JSON.
    pub config: &'a [u8],
    /// The annotations that will be returned.
    pub annotations: &'a [(String, String)],
    /// The names of the variables that the manifest itself sets.
    pub declared_env: Vec<&'a str>,
    /// What the client brings besides the manifest.
    pub client: Client<'a>,
    /// The manifest, which diagnostics point into.
    pub manifest: &'a text::Source,
}

/// Where our own binary comes from when the graph runs it.
#[derive(Debug, Clone, Copy)]
pub enum Program<'a> {
    /// The image source with this identifier.
    Image(&'a str),
    /// A file with these bytes.
    Bytes(&'a [u8]),
}

/// Proves the graph rules; returns every breach that was found, up to a bound, with its rule as the code.
///
/// Without errors among the diagnostics, the rules hold.
pub fn verify(case: &Case<'_>) -> Diagnostics {
    let mut found = findings::Findings::new(case);
    let Some(graph) = graph::Graph::decode(case, &mut found) else { return found.into_diagnostics() };
    let subject = flow::Subject::infer(&graph, case.client, &mut found);
    let image = final_image::FinalImage::infer(&subject, &mut found);
    let config = config::ImageConfig::parse(case.config, &mut found);
    rules::check(&rules::Proof { case, subject: &subject, image: &image, config: &config }, &mut found);
    found.into_diagnostics()
}
