//! `cofferdam schema`: the manifest's JSON Schema.

use std::process::ExitCode;

use clap::Args;

use crate::manifest;

/// Print the manifest's JSON Schema
#[derive(Debug, Args)]
pub(super) struct Schema {}

impl Schema {
    #[allow(clippy::unused_self)] // all commands are run alike
    pub(super) fn run(&self) -> ExitCode {
        super::print(&format!("{:#}\n", manifest::schema()))
    }
}
