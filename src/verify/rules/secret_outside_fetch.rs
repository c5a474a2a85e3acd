//! `secret-outside-fetch`: secrets exist in fetches only, where no code of the repository runs, and stay there.

use std::collections::BTreeSet;

use super::Proof;
use super::compile_network::is_fetch;
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::flow::{Sight, Subject};
use crate::verify::shape::{Exec, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::SECRET_OUTSIDE_FETCH);

/// Looks at every step with secrets, and at what crosses from one.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for (vertex, exec) in proof.steps().filter(|(_, exec)| has_secrets(exec)) {
        for text in breaches(proof.subject, exec) {
            proof.subject.report(vertex, &LAW, text, found);
        }
    }
    let written = written_with_secrets(proof.subject);
    for &vertex in &proof.image.stages {
        let Shape::Own(stage) = proof.subject.shape(vertex) else { continue };
        if stage.tree.is_some_and(|tree| written[tree.vertex]) {
            proof.subject.report(vertex, &LAW, "picks from what a step with a secret wrote", found);
        }
    }
}

/// Whether a step has a secret or an agent.
pub(in crate::verify) fn has_secrets(exec: &Exec<'_>) -> bool {
    !exec.mounts.secrets.is_empty() || !exec.secret_env.is_empty()
}

fn breaches(subject: &Subject<'_>, exec: &Exec<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    if !is_fetch(exec) {
        texts.push("has a secret and no network, so it is no fetch".to_owned());
    }
    if subject.seen(exec) >= Sight::Commands {
        texts.push("has a secret and sees files of the repository that can name programs to run".to_owned());
    }
    let outputs = exec.mounts.outputs.iter().copied();
    let kept =
        outputs.filter(|at| *at != "/").chain(exec.mounts.caches.iter().map(|cache| cache.at)).collect();
    for secret in exec.mounts.secrets.iter().filter(|secret| is_within(secret, &kept)) {
        texts.push(format!("has the secret {} in a directory that stays", quoted(secret)));
    }
    let names = exec.meta.env.iter().filter_map(|variable| variable.split_once('='));
    let plain: BTreeSet<&str> = names.map(|(name, _)| name).collect();
    let mut secret_names = BTreeSet::new();
    for secret in exec.secret_env {
        let name = secret.name.as_str();
        if plain.contains(name) || !secret_names.insert(name) || name.is_empty() || secret.id.is_empty() {
            texts.push(format!("has the secret variable {} twice or without an id", quoted(name)));
        }
    }
    texts
}

/// Whether a path is one of the places, or lies below one.
fn is_within(path: &str, places: &BTreeSet<&str>) -> bool {
    let mut parents =
        std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent));
    parents.any(|parent| places.contains(parent))
}

/// For each vertex, whether it is a step with secrets, or files that come from one however often they were copied.
fn written_with_secrets(subject: &Subject<'_>) -> Vec<bool> {
    let mut written: Vec<bool> = Vec::with_capacity(subject.shapes.len());
    for (shape, vertex) in subject.shapes.iter().zip(subject.graph.vertices()) {
        written.push(match shape {
            Shape::Step(exec) => has_secrets(exec),
            Shape::File(_) => vertex.inputs.iter().any(|input| written[input.vertex]),
            _ => false,
        });
    }
    written
}
