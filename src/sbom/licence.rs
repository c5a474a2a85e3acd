//! Debian's short names of licences as SPDX expressions (SPDX 2.3, annex D).

use std::collections::BTreeSet;

/// Short names in lower case and the SPDX identifiers that mean the same; the GNU licences follow a scheme and are not here.
const NAMES: &[(&str, &str)] = &[
    ("0bsd", "0BSD"),
    ("afl-2.1", "AFL-2.1"),
    ("apache-1.1", "Apache-1.1"),
    ("apache-2", "Apache-2.0"),
    ("apache-2.0", "Apache-2.0"),
    ("artistic", "Artistic-1.0"),
    ("artistic-1", "Artistic-1.0"),
    ("artistic-1.0", "Artistic-1.0"),
    ("artistic-2", "Artistic-2.0"),
    ("artistic-2.0", "Artistic-2.0"),
    ("boost-1.0", "BSL-1.0"),
    ("bsd-2-clause", "BSD-2-Clause"),
    ("bsd-3-clause", "BSD-3-Clause"),
    ("bsd-4-clause", "BSD-4-Clause"),
    ("bsd-4-clause-uc", "BSD-4-Clause-UC"),
    ("bsl-1.0", "BSL-1.0"),
    ("bzip2-1.0.6", "bzip2-1.0.6"),
    ("cc-by-3.0", "CC-BY-3.0"),
    ("cc-by-4.0", "CC-BY-4.0"),
    ("cc-by-sa-3.0", "CC-BY-SA-3.0"),
    ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
    ("cc0", "CC0-1.0"),
    ("cc0-1.0", "CC0-1.0"),
    ("curl", "curl"),
    ("epl-1.0", "EPL-1.0"),
    ("epl-2.0", "EPL-2.0"),
    ("expat", "MIT"),
    ("ftl", "FTL"),
    ("hpnd", "HPND"),
    ("icu", "ICU"),
    ("ijg", "IJG"),
    ("isc", "ISC"),
    ("libpng", "Libpng"),
    ("mit", "MIT"),
    ("mit-0", "MIT-0"),
    ("mpl-1.1", "MPL-1.1"),
    ("mpl-2.0", "MPL-2.0"),
    ("ncsa", "NCSA"),
    ("ofl-1.1", "OFL-1.1"),
    ("openssl", "OpenSSL"),
    ("postgresql", "PostgreSQL"),
    ("psf-2", "PSF-2.0"),
    ("psf-2.0", "PSF-2.0"),
    ("python-2.0", "Python-2.0"),
    ("unlicense", "Unlicense"),
    ("vim", "Vim"),
    ("wtfpl", "WTFPL"),
    ("wtfpl-2", "WTFPL"),
    ("x11", "X11"),
    ("zlib", "Zlib"),
    ("zpl-2.1", "ZPL-2.1"),
];

/// The GNU licences and the versions that they have.
const GNU: &[(&str, &str, &[&str])] = &[
    ("agpl", "AGPL", &["3.0"]),
    ("gfdl", "GFDL", &["1.1", "1.2", "1.3"]),
    ("gpl", "GPL", &["1.0", "2.0", "3.0"]),
    ("lgpl", "LGPL", &["2.0", "2.1", "3.0"]),
];

/// Exceptions in lower case, without the word "exception".
const EXCEPTIONS: &[(&str, &str)] = &[
    ("autoconf", "Autoconf-exception-2.0"),
    ("bison", "Bison-exception-2.2"),
    ("classpath", "Classpath-exception-2.0"),
    ("font", "Font-exception-2.0"),
    ("gcc-runtime", "GCC-exception-3.1"),
    ("libtool", "Libtool-exception"),
];

/// The SPDX expression of a DEP-5 expression; `None` where one of its licences has no SPDX identifier.
///
/// `and` binds tighter than `or`, as in SPDX; a comma ends what was said so far.
pub(super) fn expression(text: &str) -> Option<String> {
    let mut whole: Option<String> = None;
    for group in text.split(',') {
        let mut words: Vec<&str> = group.split_whitespace().collect();
        let operator = words.first().copied().and_then(operator);
        if whole.is_some() && operator.is_some() {
            words.remove(0);
        }
        let group = terms(&words)?;
        whole = Some(match whole {
            None => group,
            Some(before) => {
                format!("{} {} {}", wrapped(before), operator.unwrap_or("AND"), wrapped(group))
            }
        });
    }
    whole
}

/// The expression that demands every one of these; `None` where there are none.
pub(super) fn all_of(expressions: BTreeSet<String>) -> Option<String> {
    let mut expressions: Vec<String> = expressions.into_iter().collect();
    if expressions.len() > 1 {
        for expression in &mut expressions {
            *expression = wrapped(std::mem::take(expression));
        }
    }
    expressions.sort();
    (!expressions.is_empty()).then(|| expressions.join(" AND "))
}

/// Licences with operators between them.
fn terms(words: &[&str]) -> Option<String> {
    let mut out = String::new();
    let mut rest = words;
    loop {
        let end = rest.iter().position(|word| operator(word).is_some()).unwrap_or(rest.len());
        out.push_str(&licence(&rest[..end])?);
        let Some(word) = rest.get(end) else { return Some(out) };
        out.extend([" ", operator(word)?, " "]);
        rest = &rest[end + 1..];
    }
}

fn operator(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "and" => Some("AND"),
        "or" | "and/or" => Some("OR"),
        _ => None,
    }
}

/// One licence, maybe with an exception.
fn licence(words: &[&str]) -> Option<String> {
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower[..] {
        [name] => identifier(name),
        [name, "with", exception, "exception"] => {
            let found = EXCEPTIONS.iter().find(|(known, _)| *known == exception)?;
            Some(format!("{} WITH {}", identifier(name)?, found.1))
        }
        _ => None,
    }
}

fn identifier(name: &str) -> Option<String> {
    let known = NAMES.iter().find(|(known, _)| *known == name).map(|(_, id)| (*id).to_owned());
    known.or_else(|| gnu(name))
}

/// `gpl-2`, `gpl-2.0`, `gpl-2+`, `gpl-2-only` and `gpl-2-or-later` are all in use.
fn gnu(name: &str) -> Option<String> {
    let (family, rest) = name.split_once('-')?;
    let (version, suffix) = match rest.strip_suffix('+').or(rest.strip_suffix("-or-later")) {
        Some(version) => (version, "or-later"),
        None => (rest.strip_suffix("-only").unwrap_or(rest), "only"),
    };
    let (_, family, versions) = GNU.iter().find(|(known, _, _)| *known == family)?;
    let version = versions.iter().find(|v| **v == version || v.strip_suffix(".0") == Some(version))?;
    Some(format!("{family}-{version}-{suffix}"))
}

fn wrapped(expression: String) -> String {
    let compound = expression.contains(" AND ") || expression.contains(" OR ");
    if compound { format!("({expression})") } else { expression }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_become_expressions() {
        for (debian, spdx) in [
            ("Expat", "MIT"),
            ("GPL-2", "GPL-2.0-only"),
            ("LGPL-2.1+", "LGPL-2.1-or-later"),
            ("gpl-3.0-or-later", "GPL-3.0-or-later"),
            ("GPL-2+ and BSD-3-clause or ISC", "GPL-2.0-or-later AND BSD-3-Clause OR ISC"),
            ("GPL-2 or MIT, and Zlib", "(GPL-2.0-only OR MIT) AND Zlib"),
            ("GPL-2+ with Libtool exception", "GPL-2.0-or-later WITH Libtool-exception"),
        ] {
            assert_eq!(expression(debian).as_deref(), Some(spdx));
        }
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for unknown in [
            "",
            "public-domain",
            "GPL",
            "GPL-4",
            "MIT or",
            "or MIT",
            "GPL-2 with own exception",
            "MIT Expat",
            ",",
        ] {
            assert_eq!(expression(unknown), None, "{unknown}");
        }
    }
}
