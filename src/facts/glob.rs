//! The patterns of [`Query::Glob`](super::Query::Glob).
//!
//! `*` and `?` match within a part, `**` across parts, and `\` stands before a character that stands for itself.

use crate::name::ContextPath;

/// Directories that hold thousands of files and that patterns for everything below a directory do not mean.
pub const LARGE: [&str; 2] = ["node_modules", ".git"];
/// The most entries that are looked at for patterns; more means that the context is not what it seems.
pub const MOST_ENTRIES: usize = 200_000;

/// Whether a path matches a pattern.
pub fn matches(pattern: &str, path: &ContextPath) -> bool {
    matches_parts(pattern, path.as_str())
}

/// Whether the parts of a path, of which nothing else is known, match a pattern.
pub fn matches_parts(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts_match(&pattern, &parts)
}

/// A path as a pattern that matches it alone, for us and for the daemon (BuildKit `patternmatcher`).
pub fn literal(path: &ContextPath) -> String {
    let mut text = String::with_capacity(path.as_str().len());
    for (index, c) in path.as_str().chars().enumerate() {
        if matches!(c, '*' | '?' | '[' | ']') || (index == 0 && matches!(c, '!' | '#')) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// Whether a path below a directory could match a pattern.
pub fn reaches(pattern: &str, directory: &ContextPath) -> bool {
    let mut pattern = pattern.split('/');
    for part in directory.parts() {
        match pattern.next() {
            Some("**") => return true,
            Some(word) if part_matches(word, part) => {}
            _ => return false,
        }
    }
    pattern.next().is_some()
}

/// Whether parts match: only the last `**` is ever tried again, so the time is bounded by the product of lengths.
fn parts_match(pattern: &[&str], parts: &[&str]) -> bool {
    backtrack(pattern, parts, |word| *word == "**", |word, part| part_matches(word, part))
}

fn part_matches(pattern: &str, part: &str) -> bool {
    let part: Vec<char> = part.chars().collect();
    backtrack(
        &letters(pattern),
        &part,
        |letter| *letter == Letter::Any,
        |letter, c| matches!(letter, Letter::One) || *letter == Letter::This(*c),
    )
}

/// What one place of a pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    Any,
    One,
    This(char),
}

fn letters(pattern: &str) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        letters.push(match c {
            '*' => Letter::Any,
            '?' => Letter::One,
            '\\' => Letter::This(rest.next().unwrap_or('\\')),
            c => Letter::This(c),
        });
    }
    letters
}

/// Matches items one to one, where a wild item of the pattern stands for any number of them.
fn backtrack<P, T>(
    pattern: &[P],
    items: &[T],
    wild: impl Fn(&P) -> bool,
    same: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut p, mut i) = (0, 0);
    let mut last_wild: Option<(usize, usize)> = None;
    while i < items.len() {
        if p < pattern.len() && wild(&pattern[p]) {
            last_wild = Some((p, i));
            p += 1;
        } else if p < pattern.len() && same(&pattern[p], &items[i]) {
            p += 1;
            i += 1;
        } else if let Some((wild_at, taken)) = last_wild {
            last_wild = Some((wild_at, taken + 1));
            p = wild_at + 1;
            i = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(wild)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_matches_its_path_alone() {
        for text in ["a/[id]/x*.go", "!a", "#b", "a?c"] {
            let path = ContextPath::parse(text).unwrap();
            assert!(matches(&literal(&path), &path), "{text}");
        }
        assert!(!matches(&literal(&ContextPath::parse("a*").unwrap()), &ContextPath::parse("ab").unwrap()));
    }

    #[test]
    fn directories_that_cannot_hold_a_match_are_told() {
        for (pattern, directory, expected) in [
            ("*.go", "", true),
            ("*.go", "cmd", false),
            ("cmd/*/*.go", "cmd", true),
            ("cmd/*/*.go", "cmd/a", true),
            ("cmd/*/*.go", "cmd/a/b", false),
            ("cmd/*/*.go", "lib", false),
            ("**/Cargo.toml", "a/b/c", true),
            ("a/**", "b", false),
        ] {
            let directory = if directory.is_empty() {
                ContextPath::root()
            } else {
                ContextPath::parse(directory).unwrap()
            };
            assert_eq!(reaches(pattern, &directory), expected, "{pattern} {directory}");
        }
    }

    #[test]
    fn patterns_match_as_people_expect() {
        for (pattern, path, expected) in [
            ("*.go", "main.go", true),
            ("*.go", "cmd/main.go", false),
            ("cmd/*/*.go", "cmd/a/x.go", true),
            ("**/Cargo.toml", "Cargo.toml", true),
            ("**/Cargo.toml", "a/b/Cargo.toml", true),
            ("**/src/bin/*/main.rs", "x/src/bin/y/main.rs", true),
            ("**/src/bin/*.rs", "src/bin/y/main.rs", false),
            ("a/**", "a/b/c", true),
            ("a?c", "abc", true),
            (r"a\*/\[id\]/*.go", "a*/[id]/x.go", true),
            (r"a\*/x", "ab/x", false),
        ] {
            assert_eq!(matches(pattern, &ContextPath::parse(path).unwrap()), expected, "{pattern} {path}");
        }
    }
}
