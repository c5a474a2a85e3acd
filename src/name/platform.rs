//! Platforms, normalised as containerd normalises them.

use std::fmt;

/// An operating system, an architecture and its variant, in normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: String,
}

/// The text is not a platform that an image can be built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformError(String);

impl Platform {
    /// A platform from its parts, normalised (`arm64/v8` is `arm64`, `arm` is `arm/v7`, `x86_64` is `amd64`).
    pub fn new(os: &str, architecture: &str, variant: &str) -> Platform {
        let (architecture, variant) = match (architecture, variant) {
            ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
            ("x86_64" | "x86-64", v) => ("amd64", v),
            ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
            ("aarch64", v) => ("arm64", v),
            ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
            ("armel", _) | ("arm", "6") => ("arm", "v6"),
            ("arm", "5") => ("arm", "v5"),
            ("i386", v) => ("386", v),
            other => other,
        };
        Platform { os: os.to_owned(), architecture: architecture.to_owned(), variant: variant.to_owned() }
    }

    /// A platform from `os/architecture[/variant]`; only Linux images are built.
    pub fn parse(text: &str) -> Result<Platform, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let word = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        };
        if !parts.iter().all(word) {
            return Err(PlatformError(text.to_owned()));
        }
        match parts[..] {
            ["linux", architecture] => Ok(Platform::new("linux", architecture, "")),
            ["linux", architecture, variant] => Ok(Platform::new("linux", architecture, variant)),
            _ => Err(PlatformError(text.to_owned())),
        }
    }

    /// The operating system, such as `linux`.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture in Go's words, such as `amd64`.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// The variant, such as `v7`; empty where there is none.
    pub fn variant(&self) -> &str {
        &self.variant
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a platform such as linux/amd64 or linux/arm/v7", self.0)
    }
}

impl std::error::Error for PlatformError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_normalised() {
        for (written, normal) in [
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/x86_64", "linux/amd64"),
        ] {
            assert_eq!(Platform::parse(written).unwrap().to_string(), normal);
        }
        for wrong in ["", "linux", "windows/amd64", "linux//", "linux/a/b/c", "linux/AMD64"] {
            assert!(Platform::parse(wrong).is_err(), "{wrong}");
        }
    }
}
