//! Names of programs, with the decorations that distributions add to them.

/// Whether a file's name is one of `names`, perhaps with a version (`pip3.12`, `zsh-5.9`) or `-static`.
pub(super) fn is_one_of(file_name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| file_name.strip_prefix(name.as_bytes()).is_some_and(is_decoration))
}

fn is_decoration(rest: &[u8]) -> bool {
    let version = rest.strip_prefix(b"-").unwrap_or(rest);
    let is_version = version.first().is_some_and(u8::is_ascii_digit)
        && version.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    rest.is_empty() || is_version || matches!(rest, b"-static" | b".static" | b"-musl" | b".musl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decorations_are_seen_through_and_other_words_are_other_words() {
        for name in ["sh", "pip3", "pip3.12", "pip-24.1", "sh-static", "sh.static"] {
            assert!(is_one_of(name.as_bytes(), &["sh", "pip"]), "{name}");
        }
        for name in ["sha256sum", "pipeline", "sh-", "sh.py", "shell", "pip.", ""] {
            assert!(!is_one_of(name.as_bytes(), &["sh", "pip"]), "{name}");
        }
    }
}
