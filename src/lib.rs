//! Cofferdam compiles a short manifest into a BuildKit graph and proves the image that comes out.
//!
//! The modules below are the pipeline, told from the ground up. A module imports only modules of lower
//! floors; `tests/tidy.rs` enforces it.
//!
//! **F0, the ground**: what everything else is written in.
pub mod diagnostic;
pub mod name;
pub mod text;
pub mod wire;
// F1, the materials.
pub mod contract;
pub mod llb;
pub mod rule;
pub mod step;
pub mod tree;
pub mod yaml;
// F2, what is read: the manifest as written, the components of a file system.
pub mod manifest;
pub mod sbom;
// F3, what is meant: the checked image, in which illegal states cannot be built.
pub mod model;
// F4, what is known of the outside, as data.
pub mod facts;
// F5, what will be done: a pure function of model and facts.
pub mod plan;
// F6, how BuildKit does it, and the proofs that it does nothing else.
pub mod inspect;
pub mod lower;
pub mod verify;
// F7, what is told.
pub mod report;
// F8, the edges: the daemon, the inside of the graph, the terminal.
#[cfg(feature = "cli")]
pub mod cli;
pub mod gateway;
pub mod inside;
