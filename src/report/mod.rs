//! What is told to people and machines: rendered diagnostics, and the report of a build.

mod proof;
mod render;

pub use proof::Proof;
#[cfg(feature = "cli")]
pub use render::terminal;
pub use render::{clean, details, headline, plain};
