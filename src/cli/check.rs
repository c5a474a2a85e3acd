//! `cofferdam check`: everything that is wrong with a manifest, and with the application in a context, without building.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::directory;
use crate::diagnostic::Diagnostics;
use crate::model::{self, Inputs};
use crate::name::Platform;
use crate::text::Source;
use crate::{manifest, report};

/// Check a manifest without building; with `--context`, also the application in it
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The manifest
    #[arg(default_value = "cofferdam.yaml")]
    file: PathBuf,
    /// The build context: tells what a build would choose by the files in it; images and ignore files are not looked at
    #[arg(long, value_name = "DIRECTORY")]
    context: Option<PathBuf>,
    /// The platform to check for
    #[arg(long, default_value = "linux/amd64", value_parser = Platform::parse)]
    platform: Platform,
    /// A build argument
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = pair)]
    build_args: Vec<(String, String)>,
}

impl Check {
    pub(super) fn run(&self) -> ExitCode {
        if let Some(context) = self.context.as_ref().filter(|context| !context.is_dir()) {
            return super::fail(super::USAGE, &format!("{} is not a directory", context.display()));
        }
        let name = self.file.display().to_string();
        let bytes = match std::fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) => return super::fail(super::USAGE, &format!("{name}: {error}")),
        };
        let (source, chosen, found) = match manifest::source(&name, &bytes) {
            Ok(source) => {
                let (chosen, found) = self.look(&source);
                (source, chosen, found)
            }
            Err(found) => (Source::new(name, ""), String::new(), found),
        };
        super::print(&chosen);
        if found.is_empty() {
            return ExitCode::SUCCESS;
        }
        let colours = std::io::stderr().is_terminal();
        let code = if found.has_errors() { super::BROKEN } else { 0 };
        super::fail(code, &report::terminal(&found, &source, colours))
    }

    /// What a build would choose by the files of the context, in lines, and all that is wrong.
    fn look(&self, source: &Source) -> (String, Diagnostics) {
        let inputs = Inputs { args: self.build_args.iter().cloned().collect(), target: None };
        let (image, mut found) = match model::read(source, &inputs, &self.platform) {
            Ok(read) => read,
            Err(found) => return (String::new(), found),
        };
        let mut chosen = String::new();
        if let Some(context) = &self.context {
            let (plan, more) = directory::plan(context, &image, &self.platform);
            found.extend(more);
            chosen = plan.as_ref().map(directory::chosen).unwrap_or_default();
        }
        (chosen, image.excused(found))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn with_a_context_the_application_is_looked_at_too() {
        let directory = tempfile::tempdir().unwrap();
        let source = Source::new("cofferdam.yaml", "language: node\nsource: web\n");
        let platform = Platform::new("linux", "amd64", "");
        let mut check = Check { file: PathBuf::new(), context: None, platform, build_args: Vec::new() };
        assert!(check.look(&source).1.is_empty());
        check.context = Some(directory.path().to_owned());
        let (chosen, found) = check.look(&source);
        assert!(found.has_errors() && chosen.is_empty(), "there is nothing in `web`");
        fs::create_dir(directory.path().join("web")).unwrap();
        fs::write(directory.path().join("web/package.json"), r#"{"main": "a.js"}"#).unwrap();
        let lock = r#"{"lockfileVersion": 3, "packages": {"": {}}}"#;
        fs::write(directory.path().join("web/package-lock.json"), lock).unwrap();
        let (chosen, found) = check.look(&source);
        assert!(found.is_empty() && chosen.contains("package-lock.json"), "{chosen} {found:?}");
    }
}
