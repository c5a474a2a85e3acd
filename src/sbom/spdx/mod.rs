//! SPDX 2.3 documents.

mod build;
mod time;
mod types;

pub(super) use build::document;
