//! `cofferdam init`: a manifest for the application in a directory, by the detector that builds use.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::diagnostic::Diagnostics;
use crate::facts::{Answer, Ask, Facts, Query};
use crate::name::ContextPath;
use crate::plan::{self, Detected};
use crate::report;
use crate::text::Source;

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
        let detected = match plan::choose(self.detect(&here), &here) {
            Ok(detected) => detected,
            Err(error) => {
                let (found, source) = (Diagnostics::from(error), Source::new("cofferdam.yaml", ""));
                return super::fail(super::BROKEN, &report::terminal(&found, &source, false));
            }
        };
        let manifest = manifest(&detected);
        if self.print {
            return super::print(&manifest);
        }
        let path = self.directory.join("cofferdam.yaml");
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        match file.and_then(|mut file| file.write_all(manifest.as_bytes())) {
            Ok(()) => super::print(&format!("{}: {detected}\n", path.display())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                super::fail(super::USAGE, &format!("{} is there already, and stays as it is", path.display()))
            }
            Err(error) => super::fail(super::USAGE, &format!("{}: {error}", path.display())),
        }
    }

    /// Every language that the directory's files tell.
    fn detect(&self, here: &ContextPath) -> Vec<Detected> {
        let mut facts = Facts::new();
        loop {
            let mut ask = Ask::new(&facts);
            if let Some(found) = plan::detect(&mut ask, here) {
                return found;
            }
            let missing: Vec<Query> = ask.into_missing().into_keys().collect();
            for query in missing {
                // The detector asks for files alone; whatever else it may come to ask for is not there.
                let bytes = match &query {
                    Query::Head(path) | Query::File(path) => {
                        fs::read(self.directory.join(path.as_str())).ok()
                    }
                    _ => None,
                };
                facts.insert(query, Answer::File(bytes));
            }
        }
    }
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
    use super::*;
    use crate::model::{self, Inputs, LanguageChoice};
    use crate::name::Platform;

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
        let [detected] = &init.detect(&ContextPath::root())[..] else { panic!("a site alone") };
        assert!(manifest(detected).contains("\nnode: {}\nstatic: {}\n"), "it is built by Node");
        fs::write(directory.path().join("go.mod"), "").unwrap();
        init.run();
        assert_eq!(fs::read_to_string(&path).unwrap(), written);
    }
}
