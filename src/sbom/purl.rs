//! Package URLs, as the purl specification writes them.

use std::fmt::Write as _;

/// A package URL from its parts; the name may have a namespace before it, with `/` between.
pub(super) fn purl(kind: &str, name: &str, version: Option<&str>, qualifiers: &[(&str, &str)]) -> String {
    let name: Vec<String> = name.split('/').filter(|part| !part.is_empty()).map(encoded).collect();
    let mut text = format!("pkg:{kind}/{}", name.join("/"));
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        let _ = write!(text, "@{}", encoded(version));
    }
    let mut qualifiers: Vec<_> = qualifiers.iter().filter(|(_, value)| !value.is_empty()).collect();
    qualifiers.sort();
    for (index, (key, value)) in qualifiers.iter().enumerate() {
        let _ = write!(text, "{}{key}={}", if index == 0 { '?' } else { '&' }, encoded(value));
    }
    text
}

/// Percent-encoded, but for the characters that the specification leaves as they are.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_are_encoded_and_their_qualifiers_sorted() {
        let distro = [("distro", "debian-12"), ("arch", "amd64"), ("upstream", "")];
        assert_eq!(
            purl("deb", "debian/libstdc++6", Some("2:1.0+b1"), &distro),
            "pkg:deb/debian/libstdc%2B%2B6@2%3A1.0%2Bb1?arch=amd64&distro=debian-12"
        );
        assert_eq!(purl("golang", "example.com/a/b", None, &[]), "pkg:golang/example.com/a/b");
    }
}
