//! `cofferdam init`: a manifest for the application in a directory, by the detector that builds use.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::directory;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::{Ask, Facts};
use crate::model::{self, Inputs};
use crate::name::{ContextPath, Platform};
use crate::plan::{self, Detected, Plan};
use crate::report;
use crate::text::Source;

/// The name under which builds find a manifest.
const FILE: &str = "cofferdam.yaml";

/// Write a manifest for the application in a directory
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The application's directory
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Print the manifest instead of writing `cofferdam.yaml`
    #[arg(long)]
    print: bool,
}

impl Init {
    pub(super) fn run(&self) -> ExitCode {
        if !self.directory.is_dir() {
            let message = format!("{} is not a directory", self.directory.display());
            return super::fail(super::USAGE, &message);
        }
        let here = ContextPath::root();
        let detected = match self.detect(&here) {
            Ok(detected) => detected,
            Err(error) => return tell(&Diagnostics::from(error), &Source::new(FILE, "")),
        };
        let source = Source::new(FILE, manifest(&detected));
        if self.print {
            return super::print(source.text());
        }
        let path = self.directory.join(FILE);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        match file.and_then(|mut file| file.write_all(source.text().as_bytes())) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let message = format!("{} is there already, and stays as it is", path.display());
                return super::fail(super::USAGE, &message);
            }
            Err(error) => return super::fail(super::USAGE, &format!("{}: {error}", path.display())),
        }
        let (plan, found) = self.plan(&source);
        let chosen = plan.as_ref().map(directory::chosen).unwrap_or_default();
        super::print(&format!("{}: {detected}\n{chosen}", path.display()));
        // The manifest is there to be mended.
        if found.is_empty() { ExitCode::SUCCESS } else { tell(&found, &source) }
    }

    /// The language that the directory's files tell.
    fn detect(&self, here: &ContextPath) -> Result<Detected, Diagnostic> {
        let mut facts = Facts::new();
        loop {
            let mut ask = Ask::new(&facts);
            if let Some(detected) = plan::detect(&mut ask, here) {
                return detected;
            }
            for query in ask.into_missing().into_keys() {
                let answer = directory::answer(&self.directory, &query);
                facts.insert(query, answer);
            }
        }
    }

    /// What a build would do with the directory, and what it would say.
    fn plan(&self, source: &Source) -> (Option<Plan>, Diagnostics) {
        let platform = Platform::new("linux", "amd64", "");
        match model::read(source, &Inputs::default(), &platform) {
            Ok((image, _)) => directory::plan(&self.directory, &image, &platform),
            Err(found) => (None, found),
        }
    }
}

fn tell(found: &Diagnostics, source: &Source) -> ExitCode {
    let code = if found.has_errors() { super::BROKEN } else { 0 };
    super::fail(code, &report::terminal(found, source, std::io::stderr().is_terminal()))
}

fn manifest(detected: &Detected) -> String {
    let (language, files) = (detected.language.name(), detected.files.join(", "));
    let written = detected.written();
    format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1\n\
         # {language}, because of {files}. Without this line, it would be detected at each build.\n\
         {written}\n\
         # What the image stands on, where it listens, and what it may write, if anything:\n\
         # runtime:\n\
         #   base: distroless\n\
         #   ports: [8080]\n\
         #   writable: [/var/lib/app]\n"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::LanguageChoice;

    #[test]
    fn what_is_written_is_a_manifest_of_the_detected_language_and_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cofferdam.yaml");
        let init = Init { directory: directory.path().to_owned(), print: false };
        init.run();
        assert!(!path.exists(), "nothing tells a language yet");
        fs::write(directory.path().join("Cargo.toml"), "").unwrap();
        init.run();
        let written = fs::read_to_string(&path).unwrap();
        let source = Source::new("cofferdam.yaml", written.clone());
        let (image, found) =
            model::read(&source, &Inputs::default(), &Platform::new("linux", "amd64", "")).unwrap();
        assert!(found.is_empty() && written.contains("Cargo.toml"), "{written}");
        let LanguageChoice::Named(language) = image.language.value else { panic!("{written}") };
        assert_eq!(language.name(), "rust");
        let site = r#"{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^7"}}"#;
        fs::remove_file(directory.path().join("Cargo.toml")).unwrap();
        fs::write(directory.path().join("package.json"), site).unwrap();
        let detected = init.detect(&ContextPath::root()).unwrap();
        assert!(manifest(&detected).contains("\nnode: {}\nstatic: {}\n"), "it is built by Node");
        fs::write(directory.path().join("go.mod"), "").unwrap();
        init.run();
        assert_eq!(fs::read_to_string(&path).unwrap(), written);
    }

    #[test]
    fn what_files_chose_is_told_with_the_file_and_rivals_are_named() {
        let directory = tempfile::tempdir().unwrap();
        let init = Init { directory: directory.path().to_owned(), print: false };
        let source = Source::new(FILE, "language: node\n");
        for (name, text) in [
            ("package.json", r#"{"main": "a.js"}"#),
            ("package-lock.json", r#"{"lockfileVersion": 3, "packages": {"": {}}}"#),
            (".nvmrc", "24\n"),
            ("Procfile", "web: node a.js \u{1b}[2J\nclock: node b.js\n"),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
        }
        let (plan, found) = init.plan(&source);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(
            directory::chosen(&plan.unwrap()),
            "  processes web, clock (Procfile)\n  Node 24 (.nvmrc)\n  packages by npm (package-lock.json)\n  \
             builds in node:24-trixie\n  starts node a.js \u{fffd}[2J\n"
        );
        fs::write(directory.path().join("yarn.lock"), "").unwrap();
        let (plan, found) = init.plan(&source);
        let error = found.iter().next().unwrap();
        assert!(plan.is_none() && error.code == "rival-locks", "{error:?}");
        assert!(error.message.contains("package-lock.json and yarn.lock"), "{error:?}");
    }
}
