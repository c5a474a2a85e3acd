//! Which distribution the image is of (`os-release(5)`).

use std::collections::BTreeMap;
use std::io;

use crate::tree::{Bounds, FilePath, Resolved, Tree, read_file, resolve};

/// Larger than any description of a distribution or package database entry file.
const LARGEST: usize = 64 << 20;

/// A distribution, as it names itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Release {
    /// Its short name, such as `debian`; empty where it does not say.
    pub(super) id: String,
    /// Its version, such as `12`.
    pub(super) version: String,
    /// Its name for people.
    pub(super) name: String,
}

impl Release {
    /// The distribution of a tree.
    pub(super) fn read(tree: &dyn Tree) -> io::Result<Release> {
        for path in ["etc/os-release", "usr/lib/os-release"] {
            if let Some(text) = read_text(tree, path)? {
                return Ok(Release::parse(&text));
            }
        }
        Ok(Release::default())
    }

    /// The purl qualifier `distro`, such as `debian-12`; empty where the tree does not say.
    pub(super) fn distro(&self) -> String {
        match (self.id.as_str(), self.version.as_str()) {
            ("", _) => String::new(),
            (id, "") => id.to_owned(),
            (id, version) => format!("{id}-{version}"),
        }
    }

    fn parse(text: &str) -> Release {
        let fields: BTreeMap<&str, &str> = text
            .lines()
            .filter_map(|line| line.trim().split_once('='))
            .map(|(key, value)| (key, value.trim_matches(['"', '\''])))
            .collect();
        let field = |key| fields.get(key).copied().unwrap_or_default().to_owned();
        Release { id: field("ID"), version: field("VERSION_ID"), name: field("NAME") }
    }
}

/// The text of a file, links followed; `None` where there is none. What is not UTF-8 becomes the replacement
/// character, as old copyright files need it.
pub(super) fn read_text(tree: &dyn Tree, path: &str) -> io::Result<Option<String>> {
    match resolve(tree, &FilePath::root(), path, Bounds::World)? {
        Resolved::Found(path, stat) if stat.is_file() && stat.size <= LARGEST as u64 => {
            Ok(Some(String::from_utf8_lossy(&read_file(tree, &path, LARGEST)?).into_owned()))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off() {
        let release =
            Release::parse("PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\nNAME='Debian GNU/Linux'\n");
        assert_eq!((release.distro().as_str(), release.name.as_str()), ("debian-12", "Debian GNU/Linux"));
        assert_eq!(Release::parse("").distro(), "");
    }
}
