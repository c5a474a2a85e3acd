//! Licences of Python distributions ("Core metadata specifications", `License-Expression`, `License`, `Classifier`).

use std::collections::BTreeSet;

use super::super::stanza::Stanza;
use crate::sbom::{clean, licence};

/// What metadata says of a licence: an SPDX expression where there is one, else its own words.
pub(super) struct Licence {
    pub(super) expression: Option<String>,
    pub(super) comment: Option<String>,
}

const PREFIX: &str = "License :: OSI Approved :: ";
/// The classifiers that name exactly one licence, by their last part.
const CLASSIFIERS: &[(&str, &str)] = &[
    ("Apache Software License", "Apache-2.0"),
    ("BSD License", "BSD-3-Clause"),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("Python Software Foundation License", "PSF-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("zlib/libpng License", "Zlib"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
    ("GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"),
];

/// The licence of a distribution.
pub(super) fn of(stanza: &Stanza<'_>) -> Licence {
    if let Some(expression) = stanza.get("License-Expression").and_then(clean::some_line) {
        return Licence { expression: Some(expression), comment: None };
    }
    let classifiers: Vec<String> = stanza.all("Classifier").filter_map(clean::some_line).collect();
    let named = classifiers.iter().filter_map(|classifier| classifier.strip_prefix(PREFIX));
    let known: Option<BTreeSet<String>> = named
        .map(|name| {
            let found = CLASSIFIERS.iter().find(|(known, _)| *known == name);
            found.map(|(_, identifier)| (*identifier).to_owned())
        })
        .collect();
    let comment = stanza.get("License").and_then(clean::some_line).filter(|text| text != "UNKNOWN");
    let written = comment.as_deref().and_then(licence::expression);
    Licence { expression: written.or_else(|| licence::all_of(known.unwrap_or_default())), comment }
}

#[cfg(test)]
mod tests {
    use super::super::super::stanza::stanzas;
    use super::*;

    fn expression(text: &str) -> Option<String> {
        of(&stanzas(text.as_bytes()).next().unwrap()).expression
    }

    #[test]
    fn the_best_word_for_a_licence_wins() {
        for (text, expected) in [
            ("License-Expression: MIT OR Apache-2.0\nLicense: x\n", Some("MIT OR Apache-2.0")),
            ("License: Apache-2.0\n", Some("Apache-2.0")),
            ("License: ask us\nClassifier: License :: OSI Approved :: MIT License\n", Some("MIT")),
            ("Name: a\nClassifier: License :: OSI Approved :: Something New\n", None),
            ("License: UNKNOWN\n", None),
        ] {
            assert_eq!(expression(text).as_deref(), expected, "{text}");
        }
    }
}
