//! The language that an application's own files tell: the files that only one language's tools write.

use std::collections::BTreeSet;

use super::language::{self, INDEX};
use super::planner::Planner;
use super::product::in_directory;
use super::tool_versions;
use crate::diagnostic::Diagnostic;
use crate::facts::Ask;
use crate::model::{Go, Java, Language, LanguageChoice, Python, Rust, Site};
use crate::name::ContextPath;

/// A language that can be told by its files, with the options that hold where none is written.
struct Sign {
    files: &'static [&'static str],
    /// The language by the beginning of the first of these files.
    language: fn(&[u8]) -> Language,
}

/// Every language that can be told, one line each.
const SIGNS: [Sign; 5] = [
    Sign { files: &["go.mod", "go.work"], language: |_| Language::Go(Go::default()) },
    Sign { files: &["Cargo.toml"], language: |_| Language::Rust(Rust::default()) },
    Sign { files: PYTHON, language: |_| Language::Python(Python::default()) },
    Sign { files: &["package.json"], language: language::of_package },
    Sign { files: JAVA, language: |_| Language::Java(Java::default()) },
];
const PYTHON: &[&str] =
    &["pyproject.toml", "requirements.txt", "Pipfile", "poetry.lock", "uv.lock", "pylock.toml"];
/// What else is Python's, but also part of others' builds: it counts where nothing else tells a language.
const SETUP: &str = "setup.py";
/// What Gradle reads is here to be told that it does not build.
const JAVA: &[&str] = &["pom.xml", "build.gradle", "build.gradle.kts"];

/// A language that some files of a directory tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The language, with the options that hold where none is written.
    pub language: Language,
    /// The files that tell it, and a `.tool-versions` that names a version of it.
    pub files: Vec<&'static str>,
}

impl std::fmt::Display for Detected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.language.name(), self.files.join(", "))
    }
}

impl Detected {
    /// The lines of a manifest that say the same.
    pub fn written(&self) -> String {
        match &self.language {
            Language::Site(Site { node: Some(_), .. }) => "node: {}\nstatic: {}".to_owned(),
            language => format!("language: {}", language.name()),
        }
    }
}

/// The most directories that are named where something else than the right one was looked at.
const MOST_NAMED: usize = 4;

/// The one language that the files of a directory tell, or an error that says what to write where they tell none or
/// several; `None` while they are not known.
pub fn detect(ask: &mut Ask<'_>, directory: &ContextPath) -> Option<Result<Detected, Diagnostic>> {
    let mut found = told(ask, directory)?;
    if found.len() > 1 {
        return Some(Err(several(&found, directory)));
    }
    match found.pop() {
        Some(detected) => Some(Ok(detected)),
        None => below(ask, directory).map(|below| Err(none(directory, &below))),
    }
}

/// Every language that the files of a directory tell, `None` while they are not known.
fn told(ask: &mut Ask<'_>, directory: &ContextPath) -> Option<Vec<Detected>> {
    let mut head = |name: &str| ask.head(&directory.join(name).ok()?);
    // All are asked for before the first unknown one ends the search, so that one transfer answers it.
    let (setup, index, tools) = (head(SETUP), head(INDEX), head(tool_versions::FILE));
    let known = SIGNS.map(|sign| {
        let files: Vec<_> = sign.files.iter().map(|&name| (name, head(name))).collect();
        (sign.language, files)
    });
    let mut found = Vec::new();
    for (language, files) in known {
        let files: Vec<_> =
            files.into_iter().map(|(name, known)| Some((name, known?))).collect::<Option<_>>()?;
        let files: Vec<_> = files.into_iter().filter_map(|(name, head)| Some((name, head?))).collect();
        if let Some((_, head)) = files.first() {
            let (language, mut files) =
                (language(head), files.iter().map(|(name, _)| *name).collect::<Vec<_>>());
            let text = String::from_utf8_lossy(tools?.unwrap_or_default());
            let named = tool_versions::find(&text, tool_versions::tools(&language));
            files.extend(named.map(|_| tool_versions::FILE));
            found.push(Detected { language, files });
        }
    }
    // Others have them too, so they count where nothing else tells a language.
    let weak = [
        (SETUP, setup?.is_some(), Language::Python(Python::default())),
        (INDEX, index?.is_some(), Language::Site(Site::default())),
    ];
    if found.is_empty() {
        let told = weak.into_iter().find(|(_, is_there, _)| *is_there);
        found.extend(told.map(|(file, _, language)| Detected { language, files: vec![file] }));
    }
    Some(found)
}

/// The directories right below that have files which tell a language, `None` while they are not known.
fn below(ask: &mut Ask<'_>, directory: &ContextPath) -> Option<BTreeSet<ContextPath>> {
    let files = SIGNS.iter().flat_map(|sign| sign.files);
    let found: Vec<_> = files.map(|file| ask.glob(in_directory(directory, &format!("*/{file}")))).collect();
    let found: Vec<_> = found.into_iter().collect::<Option<_>>()?;
    let directories = found.into_iter().flatten().filter_map(ContextPath::parent);
    Some(directories.filter(|directory| !directory.file_name().starts_with('.')).collect())
}

fn several(found: &[Detected], directory: &ContextPath) -> Diagnostic {
    let all: Vec<String> = found.iter().map(ToString::to_string).collect();
    let message = format!("the files in `{directory}` tell several languages: {}", all.join(", "));
    let words: Vec<String> =
        found.iter().map(|one| format!("`{}`", one.written().replace('\n', "` with `"))).collect();
    let help = format!("write the one that makes the program: {}", words.join(" or "));
    Diagnostic::error("ambiguous-language", message).help(help)
}

fn none(directory: &ContextPath, below: &BTreeSet<ContextPath>) -> Diagnostic {
    let all: Vec<&str> = SIGNS.iter().flat_map(|sign| sign.files).copied().chain([SETUP, INDEX]).collect();
    let named: Vec<String> = below.iter().take(MOST_NAMED).map(|path| format!("`source: {path}`")).collect();
    let help = match &named[..] {
        [] => "name the application's directory in `source`, or write `language: …` or a `binary:` block"
            .to_owned(),
        named => format!("name the application's directory: {}", named.join(" or ")),
    };
    Diagnostic::error("no-language", format!("no file in `{directory}` tells the application's language"))
        .why(format!("there is none of {}", all.join(", ")))
        .help(help)
}

/// The language that the manifest names, else the one that is detected; `None` while that is not known.
pub(super) fn language(planner: &mut Planner<'_>) -> Option<Language> {
    let image = planner.image;
    if let LanguageChoice::Named(language) = &image.language.value {
        return Some(language.clone());
    }
    let directory = &image.source.path.value;
    match detect(&mut planner.ask, directory)? {
        Ok(detected) => {
            let language = detected.language.clone();
            planner.detected = Some(detected);
            Some(language)
        }
        Err(error) => {
            planner.report(error.at(planner.source_span()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, Facts, Query, matches};

    const VITE: &str =
        r#"package.json {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^7"}}"#;

    /// What the files of a directory lead to, after one batch of questions; a text may follow a name.
    fn told(files: &[&str]) -> Result<String, Diagnostic> {
        let directory = ContextPath::parse("services/api").unwrap();
        let mut facts = Facts::new();
        for _ in 0..3 {
            let mut ask = Ask::new(&facts);
            if let Some(known) = detect(&mut ask, &directory) {
                return known.map(|one| one.to_string());
            }
            for query in ask.into_missing().into_keys() {
                let answer = answer(&query, files, &directory);
                facts.insert(query, answer);
            }
        }
        panic!("it goes on asking")
    }

    fn answer(query: &Query, files: &[&str], directory: &ContextPath) -> Answer {
        let named = files.iter().map(|file| file.split_once(' ').unwrap_or((file, "")));
        let mut placed = named.map(|(name, text)| (directory.join(name).unwrap(), text));
        match query {
            Query::Head(path) => {
                let found = placed.find(|(place, _)| place == path);
                Answer::File(found.map(|(_, text)| text.as_bytes().to_vec()))
            }
            Query::Glob(pattern) => Answer::Paths(
                placed.map(|(place, _)| place).filter(|place| matches(pattern, place)).collect(),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_tell_the_language_and_several_languages_are_no_guess() {
        for (files, expected) in [
            (&["go.mod", "main.go"][..], Ok("go (go.mod)")),
            (&["Cargo.toml"], Ok("rust (Cargo.toml)")),
            (&["uv.lock", "pyproject.toml"], Ok("python (pyproject.toml, uv.lock)")),
            (&["package.json", "index.html"], Ok("node (package.json)")),
            (&["setup.py", "README.md"], Ok("python (setup.py)")),
            (&["setup.py", "Cargo.toml"], Ok("rust (Cargo.toml)")),
            (&["pom.xml", "mvnw"], Ok("java (pom.xml)")),
            (&[VITE, "index.html"], Ok("static (package.json)")),
            (&["index.html", "README.md"], Ok("static (index.html)")),
            (&["go.mod", ".tool-versions golang 1.26.1"], Ok("go (go.mod, .tool-versions)")),
            (&["go.mod", ".tool-versions nodejs 22"], Ok("go (go.mod)")),
            (&[".tool-versions golang 1.26.1"], Err("no-language")),
            (&["package.json", "go.mod"], Err("ambiguous-language")),
            (&["README.md"], Err("no-language")),
        ] {
            let told = told(files).map_err(|error| error.code);
            assert_eq!(told, expected.map(str::to_owned), "{files:?}");
        }
    }

    #[test]
    fn where_no_file_tells_a_language_the_directories_that_do_are_named() {
        let help = |files: &[&str]| told(files).unwrap_err().help.unwrap();
        let named = help(&[
            "web/package.json",
            "api/go.mod",
            "api/package.json",
            "a/b/go.mod",
            "docs/x.md",
            ".dev/go.mod",
        ]);
        assert_eq!(
            named,
            "name the application's directory: `source: services/api/api` or `source: services/api/web`"
        );
        assert!(help(&["README.md"]).starts_with("name the application's directory in `source`, or"));
    }
}
