//! Package URLs (the package-url specification, "PURL": components, and the definitions of types).

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A package URL in the making.
#[derive(Debug, Clone)]
pub(super) struct Purl {
    path: String,
    qualifiers: BTreeMap<&'static str, String>,
}

impl Purl {
    /// The package URL of a package; `name` may have slashes, all before the last is the namespace.
    pub(super) fn new(kind: &str, name: &str, version: Option<&str>) -> Purl {
        let parts: Vec<String> =
            name.split('/').filter(|part| !part.is_empty()).map(|part| encoded(part, "")).collect();
        let mut path = format!("pkg:{kind}/{}", parts.join("/"));
        if let Some(version) = version {
            let _ = write!(path, "@{}", encoded(version, ""));
        }
        Purl { path, qualifiers: BTreeMap::new() }
    }

    /// The same with a qualifier, where it has a value.
    pub(super) fn with(mut self, key: &'static str, value: &str) -> Purl {
        if !value.is_empty() {
            self.qualifiers.insert(key, encoded(value, "/"));
        }
        self
    }

    /// The canonical text.
    pub(super) fn text(self) -> String {
        let mut text = self.path;
        for (i, (key, value)) in self.qualifiers.iter().enumerate() {
            let _ = write!(text, "{}{key}={value}", if i == 0 { '?' } else { '&' });
        }
        text
    }
}

/// Percent-encoded, but for letters, digits, `.-_~:` and what `keep` adds.
fn encoded(text: &str, keep: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || ".-_~:".contains(c) || keep.contains(c) {
            out.push(c);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_are_canonical() {
        let purl = Purl::new("deb", "debian/libstdc++6", Some("1:14.2+b~1")).with("distro", "debian-13");
        assert_eq!(
            purl.with("arch", "amd64").with("upstream", "").text(),
            "pkg:deb/debian/libstdc%2B%2B6@1:14.2%2Bb~1?arch=amd64&distro=debian-13"
        );
        let purl = Purl::new("cargo", "a", None).with("vcs_url", "git+https://example.org/a@b&c");
        assert_eq!(purl.text(), "pkg:cargo/a?vcs_url=git%2Bhttps://example.org/a%40b%26c");
        assert_eq!(Purl::new("golang", "a.b//ç", None).text(), "pkg:golang/a.b/%C3%A7");
    }
}
