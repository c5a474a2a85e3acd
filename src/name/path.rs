//! Paths that cannot leave the place they belong to.

use std::fmt;

/// A path inside the build context: relative, with `/` between its parts and no `.` or `..`; empty for the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ContextPath(String);

/// An absolute path inside an image: no `.`, no `..`, no doubled or trailing `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImagePath(String);

/// Why a text is not such a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathError {
    /// Nothing was written.
    Empty,
    /// It starts with `/` where a relative path belongs.
    Absolute,
    /// It does not start with `/` where an absolute path belongs.
    Relative,
    /// It has a `..` part.
    Parent,
    /// It has a control character or a backslash.
    Character,
    /// It is longer than the kernel allows.
    Long,
}

const LONGEST: usize = 4096;

impl ContextPath {
    /// The root of the context.
    pub fn root() -> ContextPath {
        ContextPath::default()
    }

    /// A path from what users write: `.`, `./` prefixes and doubled slashes are dropped.
    pub fn parse(text: &str) -> Result<ContextPath, PathError> {
        check(text)?;
        if text.starts_with('/') {
            return Err(PathError::Absolute);
        }
        Ok(ContextPath(clean(text)))
    }

    /// The path of `relative`, seen from this directory; `..` may climb as far as the context's root.
    pub fn join(&self, relative: &str) -> Result<ContextPath, PathError> {
        check_characters(relative)?;
        if relative.starts_with('/') {
            return Err(PathError::Absolute);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop().ok_or(PathError::Parent)?),
                part => parts.push(part),
            }
        }
        Ok(ContextPath(parts.join("/")))
    }

    /// The directory above; `None` for the root.
    pub fn parent(&self) -> Option<ContextPath> {
        match self.0.rsplit_once('/') {
            Some((parent, _)) => Some(ContextPath(parent.to_owned())),
            None if self.0.is_empty() => None,
            None => Some(ContextPath::root()),
        }
    }

    /// This directory, the one above it, and so on up to the root.
    pub fn ancestors(&self) -> impl Iterator<Item = ContextPath> + use<> {
        std::iter::successors(Some(self.clone()), ContextPath::parent)
    }

    /// Whether this is `other` or lies below it.
    pub fn is_within(&self, other: &ContextPath) -> bool {
        other.is_root()
            || self.0 == other.0
            || self.0.strip_prefix(&other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The rest of this path below `other`, if it lies there.
    pub fn relative_to(&self, other: &ContextPath) -> Option<ContextPath> {
        let rest = self.is_within(other).then(|| self.0[other.0.len()..].trim_start_matches('/'))?;
        Some(ContextPath(rest.to_owned()))
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The last part; empty for the root.
    pub fn file_name(&self) -> &str {
        self.parts().next_back().unwrap_or_default()
    }

    /// The path as text, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts between the slashes.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }
}

impl ImagePath {
    /// An absolute path from what users write; doubled and trailing slashes are dropped.
    pub fn parse(text: &str) -> Result<ImagePath, PathError> {
        check(text)?;
        if !text.starts_with('/') {
            return Err(PathError::Relative);
        }
        Ok(ImagePath(format!("/{}", clean(text))))
    }

    /// The path of `relative` below this directory.
    #[must_use]
    pub fn join(&self, relative: &ContextPath) -> ImagePath {
        let base = self.0.trim_end_matches('/');
        if relative.is_root() { self.clone() } else { ImagePath(format!("{base}/{}", relative.as_str())) }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `other` or lies below it.
    pub fn is_within(&self, other: &ImagePath) -> bool {
        let rest = self.0.strip_prefix(other.0.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The same path without its leading slash; empty for the root.
    pub fn relative(&self) -> &str {
        &self.0[1..]
    }

    /// The last part; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for ContextPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathError::Empty => "a path cannot be empty",
            PathError::Absolute => {
                "the path is relative to the build context or the work tree, without a leading `/`"
            }
            PathError::Relative => "a path in the image is absolute, with a leading `/`",
            PathError::Parent => "a path cannot climb out with `..`",
            PathError::Character => "a path cannot have control characters or backslashes",
            PathError::Long => "a path cannot be longer than 4096 bytes",
        })
    }
}

impl std::error::Error for PathError {}

fn check(text: &str) -> Result<(), PathError> {
    if text.is_empty() {
        return Err(PathError::Empty);
    }
    check_characters(text)?;
    if text.split('/').any(|part| part == "..") { Err(PathError::Parent) } else { Ok(()) }
}

fn check_characters(text: &str) -> Result<(), PathError> {
    if text.len() > LONGEST {
        return Err(PathError::Long);
    }
    if text.chars().any(|c| c.is_control() || c == '\\') { Err(PathError::Character) } else { Ok(()) }
}

fn clean(text: &str) -> String {
    text.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_paths_stay_inside() {
        assert_eq!(ContextPath::parse("./a//b/").unwrap().as_str(), "a/b");
        assert!(ContextPath::parse(".").unwrap().is_root());
        for (wrong, why) in [
            ("", PathError::Empty),
            ("/a", PathError::Absolute),
            ("a/../b", PathError::Parent),
            ("a\nb", PathError::Character),
        ] {
            assert_eq!(ContextPath::parse(wrong), Err(why));
        }
    }

    #[test]
    fn joining_climbs_no_higher_than_the_root() {
        let directory = ContextPath::parse("services/a").unwrap();
        assert_eq!(directory.join("../../lib").unwrap().as_str(), "lib");
        assert_eq!(directory.join("../../../lib"), Err(PathError::Parent));
    }

    #[test]
    fn relations_between_paths() {
        let (a, ab, abc) = ("a", "a/b", "a/bc");
        let path = |text: &str| ContextPath::parse(text).unwrap();
        assert!(path(ab).is_within(&path(a)) && !path(abc).is_within(&path(ab)));
        assert_eq!(path(ab).relative_to(&path(a)).unwrap().as_str(), "b");
        assert_eq!(path("a/b").ancestors().count(), 3);
    }

    #[test]
    fn image_paths_are_absolute() {
        assert_eq!(ImagePath::parse("//app///x/").unwrap().as_str(), "/app/x");
        assert_eq!(ImagePath::parse("/").unwrap().as_str(), "/");
        for (path, directory, expected) in [
            ("/a/b", "/a", true),
            ("/a", "/a", true),
            ("/ab", "/a", false),
            ("/a", "/", true),
            ("/", "/a", false),
        ] {
            let [path, directory] = [path, directory].map(|text| ImagePath::parse(text).unwrap());
            assert_eq!(path.is_within(&directory), expected, "{path} {directory}");
        }
        assert_eq!(ImagePath::parse("app"), Err(PathError::Relative));
        assert_eq!(ImagePath::parse("/a/../b"), Err(PathError::Parent));
    }
}
