//! SHA-256 digests in the form of the OCI image specification ("Descriptors", section "Digests").

use std::fmt;

use sha2::{Digest as _, Sha256};

/// `sha256:` followed by 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

/// The text is not a SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestError;

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::from_hash(&Sha256::digest(bytes))
    }

    /// The digest whose 32 bytes were computed elsewhere, such as piece by piece.
    pub fn from_hash(hash: &[u8]) -> Digest {
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in hash {
            text.push(hex(byte >> 4));
            text.push(hex(byte & 15));
        }
        Digest(text)
    }

    /// A digest from its text form.
    pub fn parse(text: &str) -> Result<Digest, DigestError> {
        let digits = text.strip_prefix("sha256:").ok_or(DigestError)?;
        let well_formed =
            digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if well_formed { Ok(Digest(text.to_owned())) } else { Err(DigestError) }
    }

    /// The text form, with its algorithm.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hexadecimal digits alone.
    pub fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is `sha256:` and 64 lower-case hexadecimal digits")
    }
}

impl std::error::Error for DigestError {}

fn hex(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_and_parse_agree() {
        let digest = Digest::of(b"");
        assert_eq!(digest.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Digest::parse(digest.as_str()), Ok(digest));
        assert_eq!(Digest::parse("sha256:ABC"), Err(DigestError));
    }
}
