//! The distribution, from `os-release(5)`.

use std::io;

use super::Scene;
use crate::sbom::inventory::Inventory;
use crate::sbom::{clean, limits};

/// What the distribution says of itself.
#[derive(Debug)]
pub(super) struct Release {
    /// Its identifier, such as `debian`.
    pub(super) id: String,
    /// Its version, such as `13`.
    pub(super) version: Option<String>,
    /// Its name for people.
    pub(super) name: Option<String>,
}

impl Release {
    /// What `/etc/os-release` says, else what `/usr/lib/os-release` does.
    pub(super) fn read(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<Release> {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            if let Some(text) = scene.read(path, limits::METADATA, inventory)? {
                return Ok(Release::parse(&text));
            }
        }
        Ok(Release::parse(b""))
    }

    /// The identifier with the version, as package URLs want it.
    pub(super) fn distribution(&self) -> String {
        self.version.as_ref().map(|version| format!("{}-{version}", self.id)).unwrap_or_default()
    }

    fn parse(text: &[u8]) -> Release {
        let value = |key: &str| {
            let lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
            let mut values = lines.filter_map(|line| line.strip_prefix(key.as_bytes())?.strip_prefix(b"="));
            let quotes = |c: char| c == '"' || c == '\'';
            values.next().map(|v| clean::line(v).trim_matches(quotes).to_owned()).filter(|v| !v.is_empty())
        };
        Release {
            id: value("ID").unwrap_or_else(|| "debian".to_owned()),
            version: value("VERSION_ID"),
            name: value("NAME"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_with_and_without_quotes() {
        let release =
            Release::parse(b"PRETTY_NAME=\"D\"\nNAME='Debian GNU/Linux'\nVERSION_ID=\"13\"\nID=debian\n");
        assert_eq!(release.distribution(), "debian-13");
        assert_eq!(release.name.as_deref(), Some("Debian GNU/Linux"));
        assert_eq!(Release::parse(b"\xff\nID=\"\"").distribution(), "");
    }
}
