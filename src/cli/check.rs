//! `cofferdam check`: everything that is wrong with a manifest, without building.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::diagnostic::Diagnostics;
use crate::model::{self, Inputs};
use crate::name::Platform;
use crate::text::Source;
use crate::{manifest, report};

/// Check a manifest without building; the application's files are looked at by `docker buildx build --call=check`
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The manifest
    #[arg(default_value = "cofferdam.yaml")]
    file: PathBuf,
    /// The platform to check for
    #[arg(long, default_value = "linux/amd64", value_parser = Platform::parse)]
    platform: Platform,
    /// A build argument
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = pair)]
    build_args: Vec<(String, String)>,
}

impl Check {
    pub(super) fn run(&self) -> ExitCode {
        let name = self.file.display().to_string();
        let bytes = match std::fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) => return super::fail(super::USAGE, &format!("{name}: {error}")),
        };
        let (source, found) = match manifest::source(&name, &bytes) {
            Ok(source) => {
                let found = self.look(&source);
                (source, found)
            }
            Err(found) => (Source::new(name, ""), found),
        };
        if found.is_empty() {
            return ExitCode::SUCCESS;
        }
        let colours = std::io::stderr().is_terminal();
        let code = if found.has_errors() { super::BROKEN } else { 0 };
        super::fail(code, &report::terminal(&found, &source, colours))
    }

    fn look(&self, source: &Source) -> Diagnostics {
        let inputs = Inputs { args: self.build_args.iter().cloned().collect(), target: None };
        match model::read(source, &inputs, &self.platform) {
            Ok((image, warnings)) => image.excused(warnings),
            Err(found) => found,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}
