//! The toolchain that a `rust-toolchain.toml` or `rust-toolchain` asks for ("The rustup book", "The toolchain file").

use toml::Value;

use super::workspace::parse;

/// What a toolchain file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Toolchain {
    /// The newest stable release.
    Stable,
    /// A release.
    Version(String),
    /// What no official image has: another channel, another host, a toolchain on disk.
    Other(String),
}

/// What the file with these bytes asks for: TOML, or nothing but the name of a toolchain.
pub(super) fn read(bytes: &[u8]) -> Toolchain {
    let Ok(file) = parse(bytes) else {
        return Toolchain::named(String::from_utf8_lossy(bytes).trim());
    };
    let setting = |key: &str| file.get("toolchain").and_then(|table| table.get(key)).and_then(Value::as_str);
    match (setting("channel"), setting("path")) {
        (Some(channel), _) => Toolchain::named(channel),
        (None, Some(path)) => Toolchain::Other(path.to_owned()),
        (None, None) => Toolchain::Stable,
    }
}

impl Toolchain {
    /// What the name of a toolchain asks for.
    pub(super) fn named(name: &str) -> Toolchain {
        let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_version = (1..=3).contains(&name.split('.').count()) && name.split('.').all(number);
        match name {
            "" | "stable" => Toolchain::Stable,
            version if is_version => Toolchain::Version(version.to_owned()),
            other => Toolchain::Other(other.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_from_what_no_image_has() {
        let version = |text: &str| Toolchain::Version(text.to_owned());
        let other = |text: &str| Toolchain::Other(text.to_owned());
        for (file, expected) in [
            ("[toolchain]\nchannel = \"1.89\"\n", version("1.89")),
            ("1.89.0\n", version("1.89.0")),
            ("stable\n", Toolchain::Stable),
            ("[toolchain]\ncomponents = [\"rustfmt\"]\n", Toolchain::Stable),
            ("[toolchain]\nchannel = \"nightly-2025-01-01\"\n", other("nightly-2025-01-01")),
            ("1.89.0-x86_64-unknown-linux-gnu", other("1.89.0-x86_64-unknown-linux-gnu")),
            ("[toolchain]\npath = \"/opt/rust\"\n", other("/opt/rust")),
            ("1..2", other("1..2")),
        ] {
            assert_eq!(read(file.as_bytes()), expected, "{file}");
        }
    }
}
