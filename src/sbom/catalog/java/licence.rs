//! Licences as descriptions of Maven and manifests of bundles name them: freely.

use crate::sbom::licence;

/// Words, all of which a name in lower case has, and the identifier that is meant; the first that fits counts.
const NAMES: [(&[&str], &str); 17] = [
    (&["apache", "2"], "Apache-2.0"),
    (&["eclipse distribution"], "BSD-3-Clause"),
    (&["edl", "1.0"], "BSD-3-Clause"),
    (&["eclipse public", "2.0"], "EPL-2.0"),
    (&["epl", "2.0"], "EPL-2.0"),
    (&["eclipse public", "1.0"], "EPL-1.0"),
    (&["bsd", "3"], "BSD-3-Clause"),
    (&["bsd", "new"], "BSD-3-Clause"),
    (&["bsd", "2"], "BSD-2-Clause"),
    (&["mit-0"], "MIT-0"),
    (&["mit license"], "MIT"),
    (&["licenses/mit"], "MIT"),
    (&["gpl", "2", "classpath"], "GPL-2.0-only WITH Classpath-exception-2.0"),
    (&["gpl2 w/ cpe"], "GPL-2.0-only WITH Classpath-exception-2.0"),
    (&["lesser", "2.1"], "LGPL-2.1-only"),
    (&["mozilla", "2.0"], "MPL-2.0"),
    (&["cc0"], "CC0-1.0"),
];

/// The SPDX expression that a name means, where that is clear.
pub(super) fn expression(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    licence::expression(name).or_else(|| {
        let meant = NAMES.iter().find(|(words, _)| words.iter().all(|word| lower.contains(word)));
        meant.map(|(_, identifier)| (*identifier).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_known_and_others_are_not_guessed() {
        for (name, expected) in [
            ("Apache License, Version 2.0", Some("Apache-2.0")),
            ("https://www.apache.org/licenses/LICENSE-2.0.txt", Some("Apache-2.0")),
            ("The MIT License", Some("MIT")),
            ("Eclipse Public License - v 2.0", Some("EPL-2.0")),
            ("EDL 1.0", Some("BSD-3-Clause")),
            ("GPL2 w/ CPE", Some("GPL-2.0-only WITH Classpath-exception-2.0")),
            ("BSD-3-Clause", Some("BSD-3-Clause")),
            ("Public Domain", None),
            ("Apache License 1.1", None),
        ] {
            assert_eq!(expression(name).as_deref(), expected, "{name}");
        }
    }
}
