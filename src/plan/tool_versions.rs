//! What a `.tool-versions` names: the versions of tools that developers have (asdf, "Configuration"; mise reads it too).

use super::planner::Planner;
use crate::diagnostic::Diagnostic;
use crate::model::{Language, Site};
use crate::name::ContextPath;

/// The file's name.
pub(super) const FILE: &str = ".tool-versions";
/// The names of tools in the file, by language.
pub(super) const GO: &[&str] = &["golang", "go"];
pub(super) const RUST: &[&str] = &["rust"];
pub(super) const PYTHON: &[&str] = &["python"];
pub(super) const NODE: &[&str] = &["nodejs", "node"];
pub(super) const JAVA: &[&str] = &["java"];

/// A version that a file names for a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The tool, as the file calls it.
    pub(super) tool: String,
    /// The version, as it is written.
    pub(super) version: String,
    /// The file.
    pub(super) path: ContextPath,
}

/// The tools that a language is built with; none where there is nothing to build.
pub(super) fn tools(language: &Language) -> &'static [&'static str] {
    match language {
        Language::Go(_) => GO,
        Language::Rust(_) => RUST,
        Language::Python(_) => PYTHON,
        Language::Node(_) | Language::Site(Site { node: Some(_), .. }) => NODE,
        Language::Java(_) => JAVA,
        Language::Site(Site { node: None, .. }) | Language::Binary(_) | Language::Custom(_) => &[],
    }
}

/// A tool and its version in a file's text: the first of those that it falls back on; what is no version counts as none.
pub(super) fn find<'t>(text: &'t str, tools: &[&str]) -> Option<(&'t str, &'t str)> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let mut pairs = lines.filter_map(|mut words| Some((words.next()?, words.next()?)));
    let is_version = |version: &str| version != "system" && !version.contains([':', '/']);
    pairs.find(|(tool, version)| tools.contains(tool) && is_version(version))
}

/// Whether two versions are the same as far as both are written.
pub(super) fn agree(one: &str, other: &str) -> bool {
    let parts = |version: &'_ str| version.split('.').map(str::to_owned).collect::<Vec<_>>();
    parts(one).iter().zip(&parts(other)).all(|(one, other)| one == other)
}

impl Planner<'_> {
    /// What the nearest file names that names a tool, from the application's directory upward; `None` while that is not
    /// known.
    pub(super) fn tool_version(&mut self, tools: &[&str]) -> Option<Option<Named>> {
        let directories = self.image.source.path.value.ancestors();
        let paths: Vec<ContextPath> = directories.filter_map(|directory| directory.join(FILE).ok()).collect();
        let texts: Vec<_> = paths.iter().map(|path| self.ask.head(path)).collect();
        let texts: Vec<_> = texts.into_iter().collect::<Option<_>>()?;
        Some(paths.into_iter().zip(texts).find_map(|(path, text)| {
            let text = String::from_utf8_lossy(text?);
            let (tool, version) = find(&text, tools)?;
            Some(Named { tool: tool.to_owned(), version: version.to_owned(), path })
        }))
    }

    /// Says so where developers have another version than the one that the application's own file chose, unless the
    /// manifest names the builder's image; `number` is their version as it is written there.
    pub(super) fn tell_other_version(&mut self, named: &Named, number: &str, chosen: &str, by: &str) {
        if self.image.build.base.is_some() || agree(number, chosen) {
            return;
        }
        let Named { tool, version, path } = named;
        let message =
            format!("`{path}` names {tool} {version}, and {by} {chosen}, which is what builds the image");
        let help = "write the same version in both, or the one that builds in the manifest";
        self.report(Diagnostic::warning("version", message).at(self.image.language.span).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_found_by_any_of_its_names_and_what_is_no_version_counts_as_none() {
        let text = "# tools\nruby 3.4\nnodejs 22.1.0 20\ngo 1.25.3 # mise\njava temurin-21.0.2+13.0.LTS\npython system\nrust path:/opt/rust\n";
        for (tools, expected) in [
            (NODE, Some(("nodejs", "22.1.0"))),
            (GO, Some(("go", "1.25.3"))),
            (JAVA, Some(("java", "temurin-21.0.2+13.0.LTS"))),
            (PYTHON, None),
            (RUST, None),
        ] {
            assert_eq!(find(text, tools), expected, "{tools:?}");
        }
    }

    #[test]
    fn versions_agree_as_far_as_both_are_written() {
        assert!(agree("1.25.3", "1.25") && agree("21", "21.0.2") && agree("3.13.1", "3.13.1"));
        assert!(!agree("1.25", "1.2") && !agree("3.13.1", "3.13.2") && !agree("21", "17"));
    }
}
