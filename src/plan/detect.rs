//! Which language an application is written in, by the files in its directory.

use super::planner::Planner;
use crate::diagnostic::Diagnostic;
use crate::facts::Ask;
use crate::model::Language;
use crate::name::ContextPath;

/// A language that an application seems to be written in, and the file that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The language, with its usual options.
    pub language: Language,
    /// The file's name.
    pub file: &'static str,
}

/// What makes the usual options of a language.
type Usual = fn() -> Language;
const GO: Usual = || Language::Go(crate::model::Go::default());
const RUST: Usual = || Language::Rust(crate::model::Rust::default());
const PYTHON: Usual = || Language::Python(crate::model::Python::default());
const NODE: Usual = || Language::Node(crate::model::Node::default());

/// The files that tell a language, the surest of each first.
const SIGNS: [(&str, Usual); 12] = [
    ("go.mod", GO),
    ("go.work", GO),
    ("Cargo.toml", RUST),
    ("poetry.lock", PYTHON),
    ("uv.lock", PYTHON),
    ("Pipfile.lock", PYTHON),
    ("pylock.toml", PYTHON),
    ("requirements.txt", PYTHON),
    ("pyproject.toml", PYTHON),
    ("Pipfile", PYTHON),
    ("setup.py", PYTHON),
    ("package.json", NODE),
];

/// The languages of which a directory has a sign, each once; `None` while files are not known.
pub fn signs(ask: &mut Ask<'_>, directory: &ContextPath) -> Option<Vec<Sign>> {
    let paths = SIGNS.iter().filter_map(|(file, usual)| Some((directory.join(file).ok()?, *file, usual)));
    let answers: Vec<_> = paths.map(|(path, file, usual)| (ask.file(&path), file, usual)).collect();
    let mut signs: Vec<Sign> = Vec::new();
    for (answer, file, usual) in answers {
        let sign = Sign { language: usual(), file };
        if answer?.is_some() && !signs.iter().any(|known| known.language == sign.language) {
            signs.push(sign);
        }
    }
    Some(signs)
}

/// The one language that the application is written in; `None` when that is not known, or cannot be told.
pub(super) fn language(planner: &mut Planner<'_>) -> Option<Sign> {
    let directory = planner.image.source.path.value.clone();
    let mut signs = signs(&mut planner.ask, &directory)?;
    if let [_] = &signs[..] {
        return signs.pop();
    }
    let error = match signs.first() {
        None => Diagnostic::error("no-language", format!("nothing in `{directory}` tells its language"))
            .why(format!("looked for {}", SIGNS.map(|(file, _)| file).join(", ")))
            .help(
                "name the application's directory in `source`, or write `language: …` or a `binary:` block",
            ),
        Some(first) => {
            let found = signs.iter().map(|sign| format!("{} ({})", sign.language.name(), sign.file));
            let found: Vec<String> = found.collect();
            let message = format!("`{directory}` could be of several languages: {}", found.join(", "));
            Diagnostic::error("ambiguous-language", message)
                .help(format!("write the one that the image is for: `language: {}`", first.language.name()))
        }
    };
    planner.report(error.at(planner.source_span()));
    None
}
