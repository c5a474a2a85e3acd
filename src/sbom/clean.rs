//! Foreign text made fit for a document.

use super::limits;
use crate::tree::escaped;

/// Foreign bytes as one line of printable text that is not too long.
pub(super) fn line(bytes: &[u8]) -> String {
    let bytes = bytes.trim_ascii();
    let mut text = escaped(&bytes[..bytes.len().min(limits::TEXT)]);
    if text.len() > limits::TEXT {
        text.truncate(text.floor_char_boundary(limits::TEXT));
    }
    text
}

/// The same, where there is anything at all.
pub(super) fn some_line(bytes: &[u8]) -> Option<String> {
    Some(line(bytes)).filter(|text| !text.is_empty())
}

/// An address without the user and password that it may carry.
pub(super) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_printable_and_bounded() {
        assert_eq!(line(b" a\xff\nb\t"), "a\\xff\\x0ab");
        assert_eq!(line(&[b'\xff'; 5000]).len(), limits::TEXT);
        assert_eq!(some_line(b"  "), None);
        let wide = "\u{e9}".repeat(limits::TEXT);
        assert!(line(wide.as_bytes()).len() <= limits::TEXT + 4);
    }

    #[test]
    fn credentials_do_not_travel() {
        for (with, without) in [
            ("git+https://me:secret@example.org/a@b", "git+https://example.org/a@b"),
            ("https://token@example.org", "https://example.org"),
            ("git+ssh://git@example.org/a", "git+ssh://example.org/a"),
            ("no address", "no address"),
        ] {
            assert_eq!(without_credentials(with), without);
        }
    }
}
