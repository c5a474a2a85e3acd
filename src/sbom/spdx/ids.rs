//! Identifiers of elements: `SPDXRef-` and letters, digits, `.`, `-` (SPDX 2.3, section 6.3), each given once.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::tree::hexadecimal;

/// The document's own identifier.
pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// Hands out identifiers.
#[derive(Debug, Default)]
pub(super) struct Ids {
    given: BTreeSet<String>,
    counts: BTreeMap<String, u64>,
}

/// Enough of a name to be recognised.
const LONGEST_NAME: usize = 64;

impl Ids {
    /// None is given yet but the document's.
    pub(super) fn new() -> Ids {
        Ids { given: [DOCUMENT.to_owned()].into(), counts: BTreeMap::new() }
    }

    /// An identifier for a kind of element with a name for people; it stays the same in other documents as
    /// long as `identity` does.
    pub(super) fn give(&mut self, kind: &str, name: &str, identity: &[u8]) -> String {
        let mut id = format!("SPDXRef-{kind}-");
        let fits = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        id.extend(name.chars().take(LONGEST_NAME).map(fits));
        if !name.is_empty() {
            id.push('-');
        }
        id.push_str(&hexadecimal(&Sha256::digest(identity)[..8]));
        while !self.given.insert(id.clone()) {
            // Only who wants it finds two identities of one digest, and gets a number.
            let count = self.counts.entry(id.clone()).or_default();
            *count += 1;
            id = format!("{id}-{count}");
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_their_grammar_and_are_never_given_twice() {
        let mut ids = Ids::new();
        let given: Vec<String> =
            (0..100).map(|i| ids.give("Package", ["libstdc++6", "ç/x y", ""][i % 3], b"one")).collect();
        let grammar = |id: &String| {
            let rest = id.strip_prefix("SPDXRef-").unwrap();
            rest.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)) && !rest.is_empty()
        };
        assert!(given.iter().all(grammar), "{given:?}");
        assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), 100);
        assert_eq!(Ids::new().give("Package", "libstdc++6", b"one"), given[0]);
        assert_eq!(Ids::new().give("File", &"x".repeat(500), b"").len(), 13 + LONGEST_NAME + 17);
    }
}
