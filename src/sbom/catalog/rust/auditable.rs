//! The crates that a program names itself, as the `cargo auditable` project documents it:
//! section `.dep-v0`, zlib around JSON.

use std::io::{self, Read as _};

use flate2::read::ZlibDecoder;
use serde::Deserialize;

use crate::sbom::{clean, limits};
use crate::tree::Content;
use crate::tree::elf::{ElfError, section};

/// What a program was compiled from.
#[derive(Debug, Deserialize)]
pub(super) struct Audit {
    pub(super) packages: Vec<Package>,
}

/// A crate.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// `crates.io`, `registry`, `git`, `local`, or something newer.
    pub(super) source: String,
    #[serde(default)]
    kind: Option<String>,
    /// Whether the program is its.
    #[serde(default)]
    pub(super) root: bool,
}

/// What an ELF file says.
#[derive(Debug)]
pub(super) enum Found {
    /// It has no such section.
    Nothing,
    /// The section cannot be read, and why.
    Broken(&'static str),
    /// The crates.
    Audit(Audit),
}

impl Package {
    /// Whether it only served to build the others.
    pub(super) fn only_for_building(&self) -> bool {
        self.kind.as_deref() == Some("build")
    }
}

/// The crates that an ELF file names.
pub(super) fn read(content: &dyn Content) -> io::Result<Found> {
    match section(content, b".dep-v0", limits::METADATA) {
        Ok(Some(data)) => Ok(parse(&data)),
        Ok(None) | Err(ElfError::Malformed(_)) => Ok(Found::Nothing),
        Err(ElfError::Io(error)) => Err(error),
    }
}

fn parse(data: &[u8]) -> Found {
    let mut json = Vec::new();
    let limit = limits::METADATA as u64 + 1;
    if ZlibDecoder::new(data).take(limit).read_to_end(&mut json).is_err() {
        return Found::Broken("its list of crates is not compressed as it should be");
    }
    if json.len() > limits::METADATA {
        return Found::Broken("its list of crates is larger than any honest one");
    }
    let Ok(mut audit) = serde_json::from_slice::<Audit>(&json) else {
        return Found::Broken("its list of crates is not in the format of cargo auditable");
    };
    for package in &mut audit.packages {
        for text in [&mut package.name, &mut package.version, &mut package.source] {
            *text = clean::line(text.as_bytes());
        }
    }
    Found::Audit(audit)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn crates_are_read() {
        let json = r#"{"packages":[{"name":"a","version":"1.0.0","source":"local","root":true,"dependencies":[1]},
            {"name":"b","version":"2.0.0","source":"crates.io","kind":"build","new":1}]}"#;
        let Found::Audit(audit) = parse(&compressed(json.as_bytes())) else { panic!() };
        assert!(audit.packages[0].root && !audit.packages[0].only_for_building());
        assert!(audit.packages[1].only_for_building() && !audit.packages[1].root);
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let bomb = compressed(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(parse(&bomb), Found::Broken(reason) if reason.contains("larger")));
    }

    #[test]
    fn what_is_broken_is_said() {
        for wrong in [&b""[..], b"x", &compressed(b"{}"), &compressed(b"[[[["), &compressed(&[b'['; 10_000])]
        {
            assert!(matches!(parse(wrong), Found::Broken(_)));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            parse(&bytes);
            parse(&compressed(&bytes));
        }
    }
}
