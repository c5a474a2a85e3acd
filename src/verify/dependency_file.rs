//! The files that a fetch may see: dependency manifests and lock files, by name, one line each.

use super::flow::Sight;

/// The names (a `*` stands for any text within the last part), and whether the file can name programs that its tool then runs.
const FILES: &[(&str, Sight)] = &[
    ("go.mod", Sight::Manifests),
    ("go.sum", Sight::Manifests),
    ("go.work", Sight::Manifests),
    ("go.work.sum", Sight::Manifests),
    ("Cargo.toml", Sight::Manifests),
    ("Cargo.lock", Sight::Manifests),
    ("pyproject.toml", Sight::Manifests),
    ("poetry.lock", Sight::Manifests),
    ("uv.lock", Sight::Manifests),
    ("pylock.toml", Sight::Manifests),
    ("Pipfile", Sight::Manifests),
    ("Pipfile.lock", Sight::Manifests),
    ("requirements*.txt", Sight::Manifests),
    ("*requirements.txt", Sight::Manifests),
    ("requirements/*.txt", Sight::Manifests),
    ("constraints*.txt", Sight::Manifests),
    ("*constraints.txt", Sight::Manifests),
    ("package.json", Sight::Manifests),
    ("package-lock.json", Sight::Manifests),
    ("npm-shrinkwrap.json", Sight::Manifests),
    ("yarn.lock", Sight::Manifests),
    ("pnpm-lock.yaml", Sight::Manifests),
    ("pom.xml", Sight::Manifests),
    // Changes of packages; what would make a manager run one, a fetch does not get to see.
    ("patches/*.patch", Sight::Manifests),
    (".yarn/patches/*.patch", Sight::Manifests),
    // Packages of the context. That a lock file has their digest, planning sees to.
    ("*.tgz", Sight::Manifests),
    ("Gemfile.lock", Sight::Manifests),
    ("Package.resolved", Sight::Manifests),
    ("build.zig.zon", Sight::Manifests),
    ("composer.lock", Sight::Manifests),
    ("conan.lock", Sight::Manifests),
    ("conanfile.txt", Sight::Manifests),
    ("mix.lock", Sight::Manifests),
    ("pubspec.lock", Sight::Manifests),
    ("pubspec.yaml", Sight::Manifests),
    ("rebar.lock", Sight::Manifests),
    ("shard.lock", Sight::Manifests),
    ("shard.yml", Sight::Manifests),
    ("vcpkg.json", Sight::Manifests),
    // These are programs of their languages, or name some.
    ("Gemfile", Sight::Commands),
    ("Package.swift", Sight::Commands),
    ("composer.json", Sight::Commands),
    ("mix.exs", Sight::Commands),
    ("rebar.config", Sight::Commands),
    // Cargo obeys its `build.rustc`, `build.rustc-wrapper` and credential helpers.
    (".cargo/config.toml", Sight::Commands),
    (".cargo/config", Sight::Commands),
    // What Maven loads itself, and how it and its machine are started.
    (".mvn/extensions.xml", Sight::Commands),
    (".mvn/maven.config", Sight::Commands),
    (".mvn/jvm.config", Sight::Commands),
];

/// What a path shows, relative to the build context: all that is below it, unless it is a known name.
pub(super) fn sight(path: &str) -> Sight {
    FILES.iter().find(|(name, _)| is_named(path, name)).map_or(Sight::Source, |(_, sight)| *sight)
}

/// Whether a path ends in the parts of a name.
fn is_named(path: &str, name: &str) -> bool {
    let (mut parts, mut words) = (path.rsplit('/'), name.rsplit('/'));
    let last = match (parts.next(), words.next().map(|word| word.split_once('*').unwrap_or((word, "\0")))) {
        (Some(part), Some((word, "\0"))) => part == word,
        (Some(part), Some((before, after))) => {
            part.len() >= before.len() + after.len() && part.starts_with(before) && part.ends_with(after)
        }
        _ => false,
    };
    last && words.all(|word| parts.next() == Some(word))
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
        assert_eq!((sight("a/pom.xml"), sight("a/.mvn/extensions.xml")), (Sight::Manifests, Sight::Commands));
        assert_eq!(sight("requirements-dev.txt"), Sight::Manifests);
        assert_eq!(sight("a/requirements/base.txt"), Sight::Manifests);
        assert_eq!(sight("dev-requirements.txt"), Sight::Manifests);
        assert_eq!(sight("build-constraints.txt"), Sight::Manifests);
        for source in ["requirements", "my.txt", "requirements/a/b.txt", "requirements.txt/a"] {
            assert_eq!(sight(source), Sight::Source, "{source}");
        }
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
