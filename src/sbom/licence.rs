//! Licence names: from what package metadata writes to SPDX expressions.

use std::collections::BTreeMap;

/// Identifiers of SPDX's licence list that package metadata uses as they are.
const KNOWN: &[&str] = &[
    "0BSD",
    "AFL-2.1",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-1.0",
    "Artistic-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-4-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDDL-1.0",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.2",
    "GFDL-1.2-only",
    "GFDL-1.2-or-later",
    "GFDL-1.3-only",
    "GFDL-1.3-or-later",
    "GPL-1.0-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ICU",
    "IJG",
    "ISC",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-1.1",
    "MPL-2.0",
    "MS-PL",
    "NCSA",
    "NTP",
    "OFL-1.1",
    "OLDAP-2.8",
    "OpenSSL",
    "PHP-3.01",
    "PSF-2.0",
    "PostgreSQL",
    "Python-2.0",
    "Ruby",
    "SSPL-1.0",
    "TCL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Vim",
    "W3C",
    "WTFPL",
    "X11",
    "ZPL-2.1",
    "Zlib",
    "blessing",
    "bzip2-1.0.6",
    "curl",
    "libpng-2.0",
    "zlib-acknowledgement",
];

/// Debian's short names that differ from SPDX's by more than a version's form.
const DEBIAN: &[(&str, &str)] = &[
    ("Expat", "MIT"),
    ("BSD-2-clause", "BSD-2-Clause"),
    ("BSD-3-clause", "BSD-3-Clause"),
    ("BSD-4-clause", "BSD-4-Clause"),
    ("BSD-3-Clause", "BSD-3-Clause"),
    ("CC0", "CC0-1.0"),
    ("Artistic", "Artistic-1.0"),
    ("PSF-2", "PSF-2.0"),
    ("Zope-2.1", "ZPL-2.1"),
    ("ZLIB", "Zlib"),
    ("zlib", "Zlib"),
    ("Boost-1.0", "BSL-1.0"),
    ("Apache-2", "Apache-2.0"),
    ("MPL-2", "MPL-2.0"),
    ("Unlicence", "Unlicense"),
];

/// The SPDX expression of a licence field of a Debian copyright file; names that SPDX does not have become
/// references, which are noted in `references` (identifier and name). `None` for an empty field.
pub(super) fn from_debian(field: &str, references: &mut BTreeMap<String, String>) -> Option<String> {
    let mut parts = Vec::new();
    // "A, and B or C": a comma only groups, which AND before OR does as well in nearly every file.
    for word in field.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match word.to_ascii_lowercase().as_str() {
            "and" | "and/or" => parts.push(Part::And),
            "or" => parts.push(Part::Or),
            "with" => parts.push(Part::With),
            _ => parts.push(Part::Word(word)),
        }
    }
    expression(&parts, references)
}

/// The SPDX expression of a field that should be one already (Alpine); unknown names become references.
pub(super) fn from_expression(field: &str, references: &mut BTreeMap<String, String>) -> Option<String> {
    from_debian(&field.replace(['(', ')'], " "), references)
}

enum Part<'a> {
    Word(&'a str),
    And,
    Or,
    With,
}

fn expression(parts: &[Part<'_>], references: &mut BTreeMap<String, String>) -> Option<String> {
    let mut text = String::new();
    let mut operator = "";
    let mut excepting = false;
    for part in parts {
        match part {
            Part::And => (operator, excepting) = (" AND ", false),
            Part::Or => (operator, excepting) = (" OR ", false),
            // Exceptions have other names in SPDX, and say "more is allowed": the licence alone is the safe claim.
            Part::With => excepting = true,
            Part::Word(_) if excepting => {}
            Part::Word(name) => {
                let identifier = identifier(name, references);
                let joint = match (text.is_empty(), operator) {
                    (true, _) => "",
                    // Words without an operator between them are prose; each counts.
                    (false, "") => " AND ",
                    (false, operator) => operator,
                };
                text.push_str(joint);
                text.push_str(&identifier);
                operator = "";
            }
        }
    }
    (!text.is_empty()).then_some(text)
}

fn identifier(name: &str, references: &mut BTreeMap<String, String>) -> String {
    if let Some((_, known)) = DEBIAN.iter().find(|(debian, _)| *debian == name) {
        return (*known).to_owned();
    }
    if let Some(known) = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        return (*known).to_owned();
    }
    if let Some(known) = gnu(name) {
        return known;
    }
    let valid = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '-' };
    let reference = format!("LicenseRef-{}", name.chars().map(valid).collect::<String>());
    references.entry(reference.clone()).or_insert_with(|| name.to_owned());
    reference
}

/// GNU's licences, which Debian writes with a short version and `+` for "or later".
fn gnu(name: &str) -> Option<String> {
    let (family, version) = name.split_once('-')?;
    let (version, later) = match version.strip_suffix('+') {
        Some(version) => (version, true),
        None => (version, false),
    };
    let version = if version.contains('.') { version.to_owned() } else { format!("{version}.0") };
    let family = family.to_ascii_uppercase();
    let spdx = format!("{family}-{version}-{}", if later { "or-later" } else { "only" });
    (matches!(family.as_str(), "GPL" | "LGPL" | "AGPL" | "GFDL") && KNOWN.contains(&spdx.as_str()))
        .then_some(spdx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_names_become_spdx_names() {
        let mut references = BTreeMap::new();
        for (field, expression) in [
            ("Expat", "MIT"),
            ("GPL-2+", "GPL-2.0-or-later"),
            ("LGPL-2.1", "LGPL-2.1-only"),
            ("GPL-2+ or Artistic", "GPL-2.0-or-later OR Artistic-1.0"),
            ("GPL-3+ with GCC-Runtime exception", "GPL-3.0-or-later"),
            ("BSD-3-clause, and public-domain", "BSD-3-Clause AND LicenseRef-public-domain"),
            ("GPL-9+", "LicenseRef-GPL-9-"),
        ] {
            assert_eq!(from_debian(field, &mut references).as_deref(), Some(expression), "{field}");
        }
        assert_eq!(references["LicenseRef-public-domain"], "public-domain");
        assert_eq!(from_debian(" ", &mut references), None);
    }
}
