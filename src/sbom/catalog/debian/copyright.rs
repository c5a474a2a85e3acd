//! Licences from a package's copyright file.
//!
//! Machine-readable files follow "Machine-readable debian/copyright file" (DEP-5). Of the others only the
//! common licences that they point to are known, which says too little for a declared licence.

use std::collections::BTreeSet;

use super::super::stanza::stanzas;
use crate::sbom::{clean, licence};

/// What a copyright file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Licences {
    /// An SPDX expression, where all of its licences have SPDX identifiers.
    pub(super) expression: Option<String>,
    /// Its own words.
    pub(super) comment: Option<String>,
}

/// More licences than any honest file names.
const MOST: usize = 200;

/// The licences of a copyright file.
pub(super) fn licences(text: &[u8]) -> Licences {
    let machine_readable = stanzas(text).next().is_some_and(|header| header.get("Format").is_some());
    if machine_readable { declared(text) } else { mentioned(text) }
}

/// The licences of the stanzas that say which files they are for, and of the header.
fn declared(text: &[u8]) -> Licences {
    let names: BTreeSet<String> = stanzas(text)
        .filter(|stanza| stanza.get("Files").is_some() || stanza.get("Format").is_some())
        .filter_map(|stanza| clean::some_line(stanza.get("License")?))
        .take(MOST)
        .collect();
    let expressions: Option<BTreeSet<String>> = names.iter().map(|name| licence::expression(name)).collect();
    Licences {
        expression: expressions.and_then(licence::all_of),
        comment: comment("debian/copyright declares: ", names),
    }
}

/// The files in `/usr/share/common-licenses` that are mentioned.
fn mentioned(text: &[u8]) -> Licences {
    const PLACE: &str = "/usr/share/common-licenses/";
    let text = String::from_utf8_lossy(text);
    let name = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-.+".contains(c));
        rest[..end.unwrap_or(rest.len())].trim_end_matches('.').to_owned()
    };
    let names: BTreeSet<String> =
        text.split(PLACE).skip(1).take(MOST).map(name).filter(|name| !name.is_empty()).collect();
    Licences { expression: None, comment: comment("debian/copyright mentions: ", names) }
}

fn comment(beginning: &str, names: BTreeSet<String>) -> Option<String> {
    let names: Vec<String> = names.into_iter().collect();
    (!names.is_empty()).then(|| clean::line(format!("{beginning}{}", names.join("; ")).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_readable_file_gives_an_expression() {
        let text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                    Files: *\nCopyright: x\nLicense: Expat\n\nFiles: a\nLicense: GPL-2+ or Artistic-2.0\n text\n\n\
                    License: Something\n text\n";
        let found = licences(text.as_bytes());
        assert_eq!(found.expression.as_deref(), Some("(GPL-2.0-or-later OR Artistic-2.0) AND MIT"));
        assert_eq!(
            found.comment.as_deref(),
            Some("debian/copyright declares: Expat; GPL-2+ or Artistic-2.0")
        );
    }

    #[test]
    fn an_unknown_licence_leaves_the_expression_open() {
        let found = licences(b"Format: 1\n\nFiles: *\nLicense: own-words\n\nFiles: b\nLicense: MIT\n");
        assert_eq!(found.expression, None);
        assert_eq!(found.comment.as_deref(), Some("debian/copyright declares: MIT; own-words"));
        assert_eq!(licences(b"\xff\xfe"), Licences::default());
    }

    #[test]
    fn other_files_only_mention_licences() {
        let found =
            licences(b"see `/usr/share/common-licenses/GPL-3'. Or /usr/share/common-licenses/LGPL.\n");
        assert_eq!(found.comment.as_deref(), Some("debian/copyright mentions: GPL-3; LGPL"));
        assert_eq!(found.expression, None);
    }
}
