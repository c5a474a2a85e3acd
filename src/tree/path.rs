//! Paths inside a tree, as bytes: file names need not be text.

use std::fmt;

/// A canonical path inside a tree: parts joined by `/`, without `.` and `..`; empty for the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FilePath(Vec<u8>);

impl FilePath {
    /// The tree's root.
    pub fn root() -> FilePath {
        FilePath::default()
    }

    /// A path from text or bytes, read without looking at any file: `.` is dropped and `..` climbs no higher
    /// than the root.
    pub fn new(text: impl AsRef<[u8]>) -> FilePath {
        let mut path = FilePath::root();
        for part in text.as_ref().split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => path = path.parent().unwrap_or_default(),
                part => path.push(part),
            }
        }
        path
    }

    /// Whether it is the tree's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// This path with one more part.
    #[must_use]
    pub fn join(&self, name: &[u8]) -> FilePath {
        let mut path = self.clone();
        path.push(name);
        path
    }

    /// The directory above; `None` for the root.
    pub fn parent(&self) -> Option<FilePath> {
        match self.0.iter().rposition(|&b| b == b'/') {
            Some(slash) => Some(FilePath(self.0[..slash].to_vec())),
            None if self.0.is_empty() => None,
            None => Some(FilePath::root()),
        }
    }

    /// The last part; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or_default()
    }

    /// The parts between the slashes.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/').filter(|part| !part.is_empty())
    }

    /// The path below `directory`, if it lies there; the root for `directory` itself.
    pub fn below(&self, directory: &FilePath) -> Option<FilePath> {
        if directory.0.is_empty() {
            return Some(self.clone());
        }
        match self.0.strip_prefix(directory.0.as_slice())? {
            [] => Some(FilePath::root()),
            [b'/', rest @ ..] => Some(FilePath(rest.to_vec())),
            _ => None,
        }
    }

    /// The bytes, without a leading slash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn push(&mut self, name: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b'/');
        }
        self.0.extend_from_slice(name);
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", escaped(&self.0))
    }
}

/// Bytes as printable text: what is not UTF-8, and control characters, as `\xNN`.
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|b| hex(&mut text, b));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|&b| hex(&mut text, b));
    }
    text
}

fn hex(text: &mut String, byte: u8) {
    use fmt::Write as _;
    let _ = write!(text, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_and_clamped() {
        for (written, path) in [("/a//b/", "/a/b"), ("../../x", "/x"), (".", "/"), ("a/../..", "/")] {
            assert_eq!(FilePath::new(written).to_string(), path);
        }
        assert_eq!(FilePath::new("a/b").name(), b"b");
        assert_eq!(FilePath::new("a").parent(), Some(FilePath::root()));
        assert_eq!(FilePath::root().parent(), None);
    }

    #[test]
    fn below_respects_whole_parts() {
        let below = |path: &str, directory: &str| FilePath::new(path).below(&FilePath::new(directory));
        assert_eq!(below("a/b/c", "a"), Some(FilePath::new("b/c")));
        assert_eq!(below("ab", "a"), None);
        assert_eq!(below("a", "a"), Some(FilePath::root()));
        assert_eq!(below("a", "/"), Some(FilePath::new("a")));
    }

    #[test]
    fn strange_names_are_printable() {
        assert_eq!(FilePath::root().join(b"a\xff\n\xc3\xa9").to_string(), "/a\\xff\\x0aé");
    }
}
