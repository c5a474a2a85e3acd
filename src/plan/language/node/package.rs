//! What a `package.json` says ("package.json" of npm's documentation).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::name::ContextPath;

/// The kinds of dependencies that are installed.
pub(super) const DEPENDENCIES: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

/// A package of the context.
#[derive(Debug, Clone)]
pub(super) struct Package {
    /// Its directory.
    pub(super) directory: ContextPath,
    fields: Map<String, Value>,
}

impl Package {
    /// A package from the text of its `package.json`; an error says why it is none.
    pub(super) fn parse(directory: ContextPath, text: &[u8]) -> Result<Package, String> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        match serde_json::from_slice(text) {
            Ok(Value::Object(fields)) => Ok(Package { directory, fields }),
            Ok(_) => Err("it is no object".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The path of its `package.json`.
    pub(super) fn path(&self) -> String {
        self.directory.join("package.json").map(|path| path.to_string()).unwrap_or_default()
    }

    /// A text below some keys.
    pub(super) fn text(&self, keys: &[&str]) -> Option<&str> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.fields.get(*first)?, |value, key| value.get(key))?.as_str()
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<&str> {
        self.text(&["name"])
    }

    /// A script.
    pub(super) fn script(&self, name: &str) -> Option<&str> {
        self.text(&["scripts", name])
    }

    /// The names of its scripts.
    pub(super) fn scripts(&self) -> impl Iterator<Item = &str> {
        let scripts = self.fields.get("scripts").and_then(Value::as_object);
        scripts.into_iter().flat_map(Map::keys).map(String::as_str)
    }

    /// The dependencies of one kind, with what is asked of each.
    pub(super) fn dependencies(&self, kind: &str) -> BTreeMap<&str, &str> {
        let entries = self.fields.get(kind).and_then(Value::as_object).into_iter().flatten();
        entries.filter_map(|(name, wanted)| Some((name.as_str(), wanted.as_str()?))).collect()
    }

    /// Everything that is installed for it, with what is asked of each.
    pub(super) fn all_dependencies(&self) -> impl Iterator<Item = (&str, &str)> {
        DEPENDENCIES.iter().flat_map(|kind| self.dependencies(kind))
    }

    /// What it says of where packages come from, also those that others need: names and ranges.
    pub(super) fn sources(&self) -> Vec<(&str, &str)> {
        let kinds = ["peerDependencies", "resolutions", "overrides"];
        let mut open: Vec<_> = kinds.iter().filter_map(|kind| self.fields.get_key_value(*kind)).collect();
        let mut sources: Vec<_> = self.all_dependencies().collect();
        while let Some((name, value)) = open.pop() {
            sources.extend(value.as_str().map(|range| (name.as_str(), range)));
            open.extend(value.as_object().into_iter().flatten());
        }
        sources
    }

    /// The patterns of the workspace's packages; none where it is no workspace.
    pub(super) fn workspaces(&self) -> Option<Vec<String>> {
        let written = self.fields.get("workspaces")?;
        let patterns = written.get("packages").unwrap_or(written).as_array()?;
        Some(patterns.iter().filter_map(|pattern| pattern.as_str().map(str::to_owned)).collect())
    }

    /// Its programs, by name.
    pub(super) fn programs(&self) -> BTreeMap<&str, &str> {
        match self.fields.get("bin") {
            Some(Value::String(path)) => [(self.name().unwrap_or_default(), path.as_str())].into(),
            Some(Value::Object(programs)) => {
                let programs = programs.iter();
                programs.filter_map(|(name, path)| Some((name.as_str(), path.as_str()?))).collect()
            }
            _ => BTreeMap::new(),
        }
    }

    /// Whether it lists the files that belong to it.
    pub(super) fn lists_files(&self) -> bool {
        self.fields.get("files").is_some_and(Value::is_array)
    }

    /// A list of texts below some keys.
    pub(super) fn texts(&self, keys: [&str; 2]) -> Option<Vec<String>> {
        let list = self.fields.get(keys[0])?.get(keys[1])?.as_array()?;
        Some(list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(text: &str) -> Package {
        Package::parse(ContextPath::root(), text.as_bytes()).unwrap()
    }

    #[test]
    fn both_forms_of_programs_and_workspaces_are_read() {
        assert_eq!(package(r#"{"name": "a", "bin": "cli.js"}"#).programs(), [("a", "cli.js")].into());
        assert_eq!(package(r#"{"bin": {"x": "x.js", "y": 1}}"#).programs(), [("x", "x.js")].into());
        let patterns = Some(vec!["p/*".to_owned()]);
        assert_eq!(package(r#"{"workspaces": ["p/*", 1]}"#).workspaces(), patterns);
        assert_eq!(package(r#"{"workspaces": {"packages": ["p/*"]}}"#).workspaces(), patterns);
        assert_eq!(package("\u{feff}{}").workspaces(), None);
    }

    #[test]
    fn what_is_no_object_is_no_package() {
        for text in ["", "[]", "{", "\u{0}"] {
            assert!(Package::parse(ContextPath::root(), text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
