//! The files that a fetch may see: dependency manifests and lock files, by name, one line each.

use super::flow::Sight;

/// The names, and whether the file can name programs that its tool then runs.
const FILES: &[(&str, Sight)] = &[
    ("go.mod", Sight::Manifests),
    ("go.sum", Sight::Manifests),
    ("go.work", Sight::Manifests),
    ("go.work.sum", Sight::Manifests),
    ("Cargo.toml", Sight::Manifests),
    ("Cargo.lock", Sight::Manifests),
    // Cargo obeys its `build.rustc`, `build.rustc-wrapper` and credential helpers.
    (".cargo/config.toml", Sight::Commands),
    (".cargo/config", Sight::Commands),
];

/// What a path shows, relative to the build context: all that is below it, unless it is a known name.
pub(super) fn sight(path: &str) -> Sight {
    let named =
        |name: &str| path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    FILES.iter().find(|(name, _)| named(name)).map_or(Sight::Source, |(_, sight)| *sight)
}

/// The path that a pattern matches and nothing else, but for what is below it (Go's `path.Match` with
/// backslash escapes); `None` when it has a wildcard, a negation, or is no path inside.
pub(super) fn literal(pattern: &str) -> Option<String> {
    let mut path = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => path.push(characters.next()?),
            '*' | '?' | '[' | ']' => return None,
            '!' | '#' if path.is_empty() => return None,
            c => path.push(c),
        }
    }
    path.split('/').all(|part| !matches!(part, "" | "." | "..")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_are_less_than_source() {
        assert_eq!(sight("go.mod"), Sight::Manifests);
        assert_eq!(sight("services/a/Cargo.lock"), Sight::Manifests);
        assert_eq!(sight("a/.cargo/config.toml"), Sight::Commands);
        for source in ["", "src", "main.go", "notgo.mod", "go.mod/x", "config.toml"] {
            assert_eq!(sight(source), Sight::Source, "{source}");
        }
    }

    #[test]
    fn patterns_with_a_choice_are_not_literal() {
        assert_eq!(literal(r"a/\[id\]/go.mod").as_deref(), Some("a/[id]/go.mod"));
        assert_eq!(literal(r"\!a").as_deref(), Some("!a"));
        for other in ["", "*", "a*", "a/[b]", "!go.mod", "#x", "../go.mod", "/go.mod", "a/", "a//b", r"a\"] {
            assert_eq!(literal(other), None, "{other}");
        }
    }
}
