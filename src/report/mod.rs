//! What is told to people and machines: rendered diagnostics, and the report of a build.

pub mod render;
