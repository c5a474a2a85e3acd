//! `shared-cache-mount`: a cache belongs to one project and toolchain, and to one side of the network.

use std::collections::BTreeMap;

use super::Proof;
use super::compile_network::is_fetch;
use crate::rule;
use crate::verify::GivenRole;
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::shape::{Bind, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::SHARED_CACHE_MOUNT);

/// As many digits of the toolchain's digest are in a cache's id.
const DIGITS: usize = 12;

/// Looks at every cache of every step.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let mut sides = BTreeMap::new();
    for (vertex, exec) in proof.steps() {
        let toolchain = exec.mounts.root().and_then(|root| toolchain(proof, root));
        for cache in &exec.mounts.caches {
            let id = quoted(cache.id);
            if *sides.entry(cache.id).or_insert(is_fetch(exec)) != is_fetch(exec) {
                let text = format!("shares the cache {id} across the wall between fetch and compile");
                proof.subject.report(vertex, &LAW, text, found);
            }
            // A toolchain that cannot be told was reported, as was one that is not pinned.
            if toolchain.as_deref().is_some_and(|digits| !names_more_than(cache.id, digits)) {
                let text = format!("uses the cache {id}, whose id does not name project and toolchain");
                proof.subject.report(vertex, &LAW, text, found);
            }
        }
    }
}

/// The first digits of the digest of the image that a step runs in.
fn toolchain(proof: &Proof<'_>, root: &Bind<'_>) -> Option<String> {
    let digest = match proof.subject.shape(proof.subject.root_image(root)?) {
        Shape::Source(source) => source.digest()?,
        Shape::Given(tree) => match proof.case.client.trees.get(*tree)?.role {
            GivenRole::Image { digest, .. } => digest.clone(),
            GivenRole::Context => return None,
        },
        _ => return None,
    };
    Some(digest.hex()[..DIGITS].to_owned())
}

/// Whether an id has the digits, and something else that can be the project's name.
fn names_more_than(id: &str, digits: &str) -> bool {
    id.split_once(digits).is_some_and(|(before, after)| {
        let word = |text: &str| text.chars().any(char::is_alphanumeric);
        word(before) || word(after)
    })
}
