//! `cofferdam init`: a manifest to begin with, from the files of an application.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::facts::{Answer, Ask, Facts, Query};
use crate::name::ContextPath;
use crate::plan::{self, Sign};

/// Write a manifest for the application in a directory
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The application's directory
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Print the manifest instead of writing it
    #[arg(long)]
    print: bool,
}

const FILE: &str = "cofferdam.yaml";

impl Init {
    pub(super) fn run(&self) -> ExitCode {
        let signs = self.signs();
        let text = match &signs[..] {
            [sign] => manifest(sign),
            [] => {
                let message = format!("{}: no file tells which language it is", self.directory.display());
                return super::fail(super::BROKEN, &message);
            }
            several => {
                let found: Vec<String> = several.iter().map(told).collect();
                let message =
                    format!("{}: several languages: {}", self.directory.display(), found.join(", "));
                return super::fail(super::BROKEN, &message);
            }
        };
        if self.print {
            return super::print(&text);
        }
        let path = self.directory.join(FILE);
        // Never over a manifest that is there.
        let written = std::fs::File::create_new(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
        match written {
            Ok(()) => super::print(&format!("wrote {}: {}\n", path.display(), told(&signs[0]))),
            Err(error) => super::fail(super::USAGE, &format!("{}: {error}", path.display())),
        }
    }

    /// The detector's questions, answered from the disk.
    fn signs(&self) -> Vec<Sign> {
        let mut facts = Facts::new();
        loop {
            let mut ask = Ask::new(&facts);
            if let Some(signs) = plan::signs(&mut ask, &ContextPath::root()) {
                return signs;
            }
            for query in ask.into_missing().into_keys() {
                let bytes = match &query {
                    Query::File(path) => std::fs::read(self.directory.join(path.as_str())).ok(),
                    _ => None,
                };
                facts.insert(query, Answer::File(bytes));
            }
        }
    }
}

fn told(sign: &Sign) -> String {
    format!("{} (by {})", sign.language.name(), sign.file)
}

fn manifest(sign: &Sign) -> String {
    format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1\n\
         # {file} says that this is {language}; without the next line it would be found again at each build.\n\
         language: {language}\n\
         # runtime:\n\
         #   ports: [8080]                # on which it listens\n\
         #   env: {{NAME: value}}\n\
         #   writable: [/var/lib/app]     # all else is read-only, but for /tmp\n",
        file = sign.file,
        language = sign.language.name(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Inputs, read};
    use crate::name::Platform;
    use crate::text::Source;

    #[test]
    fn what_is_written_is_a_manifest_and_nothing_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("requirements.txt"), "flask==3\n").unwrap();
        let init = Init { directory: directory.path().to_owned(), print: false };
        assert_eq!(init.run(), ExitCode::SUCCESS);
        let text = std::fs::read_to_string(directory.path().join(FILE)).unwrap();
        assert!(text.contains("language: python\n") && text.contains("requirements.txt"), "{text}");
        let platform = Platform::parse("linux/amd64").unwrap();
        assert!(read(&Source::new("m", text), &Inputs::default(), &platform).is_ok());
        assert_ne!(init.run(), ExitCode::SUCCESS);
    }
}
