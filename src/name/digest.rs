//! SHA-256 digests in the form of the OCI image specification ("Descriptors", section "Digests").

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};

use sha2::{Digest as _, Sha256};

/// `sha256:` followed by 64 lower-case hexadecimal digits.
///
/// The text is held in place: graphs hold a digest wherever they name an operation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; LENGTH]);

/// The text is not a SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestError;

const PREFIX: &str = "sha256:";
const LENGTH: usize = PREFIX.len() + 64;

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::from_hash(&Sha256::digest(bytes))
    }

    /// The digest whose 32 bytes were computed elsewhere, such as piece by piece.
    pub fn from_hash(hash: &[u8]) -> Digest {
        let mut text = [b'0'; LENGTH];
        let (prefix, digits) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        for (digits, byte) in digits.chunks_exact_mut(2).zip(hash) {
            digits.copy_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
        }
        Digest(text)
    }

    /// A digest from its text form.
    pub fn parse(text: &str) -> Result<Digest, DigestError> {
        let digits = text.strip_prefix(PREFIX).ok_or(DigestError)?;
        let well_formed = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let text = text.as_bytes().try_into().map_err(|_| DigestError)?;
        if well_formed { Ok(Digest(text)) } else { Err(DigestError) }
    }

    /// The text form, with its algorithm.
    pub fn as_str(&self) -> &str {
        // It holds nothing but ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The hexadecimal digits alone.
    pub fn hex(&self) -> &str {
        self.as_str().strip_prefix(PREFIX).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0[..].hash(state);
    }
}

/// Ordered and hashed as the bytes of its text are, so that maps find it by those.
impl Borrow<[u8]> for Digest {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is `sha256:` and 64 lower-case hexadecimal digits")
    }
}

impl std::error::Error for DigestError {}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_and_parse_agree() {
        let digest = Digest::of(b"");
        assert_eq!(digest.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Digest::parse(digest.as_str()), Ok(digest));
        for wrong in ["sha256:ABC", "sha256:", "md5:00", ""] {
            assert_eq!(Digest::parse(wrong), Err(DigestError));
        }
        assert_eq!(Digest::parse(&format!("sha256:{}", "A".repeat(64))), Err(DigestError));
        assert_eq!(Digest::parse(&format!("sha256:{}", "a".repeat(65))), Err(DigestError));
    }
}
