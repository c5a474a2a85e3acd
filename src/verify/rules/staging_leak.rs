//! `staging-leak`: the layers hold exactly what the contract names, picked by our own binary.

use super::Proof;
use crate::contract::{LayerContract, LeaveOut};
use crate::name::ContextPath;
use crate::rule;
use crate::step::{self, StageRequest};
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::graph::Link;
use crate::verify::shape::{Own, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::STAGING_LEAK);

/// Holds each layer's request against the contract.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    if !proof.image.is_known {
        return;
    }
    let (stages, contracts) = (&proof.image.stages, &proof.case.contract.layers);
    if stages.len() != contracts.len() {
        let message = format!("the image has {} layers, but {} are declared", stages.len(), contracts.len());
        found.image(&LAW, message);
    }
    for (&vertex, contract) in stages.iter().zip(contracts) {
        let Shape::Own(stage) = proof.subject.shape(vertex) else { continue };
        let request = super::uninspected::request_bytes(proof.subject, stage.request);
        let text = match request.map(step::decode::<StageRequest>) {
            None => Some("gets no plain request".to_owned()),
            Some(Err(error)) => Some(format!("gets a request that it cannot read: {error}")),
            Some(Ok(request)) => difference(&request, contract).or_else(|| misplaced(proof, stage, &request)),
        };
        if let Some(text) = text {
            proof.subject.report(vertex, &LAW, text, found);
        }
    }
}

/// What of a directory stays behind, as a request says it.
fn left_out(leave_out: &LeaveOut) -> step::LeaveOut {
    step::LeaveOut { paths: leave_out.paths.clone(), files: leave_out.files.clone() }
}

/// How a request differs from the contract.
fn difference(request: &StageRequest, contract: &LayerContract) -> Option<String> {
    let artifacts = contract.artifacts.iter().map(|artifact| step::Artifact {
        from: artifact.from.clone(),
        to: artifact.to.as_str().to_owned(),
        mode: artifact.mode,
        into: artifact.into,
        sha256: artifact.sha256.clone(),
        required: true,
        leave_out: artifact.leave_out.as_ref().map(left_out),
    });
    let declared: Vec<_> = artifacts.collect();
    let picked = request.artifacts.iter().map(|artifact| &artifact.from);
    let mut picked = picked.chain(request.bundles.iter().flat_map(|bundle| &bundle.parts));
    if let Some(other) = picked.find(|path| !is_inside(path)) {
        return Some(format!("picks {}, which is no path inside the builder's output", quoted(other)));
    }
    if request.artifacts != declared {
        let differs = |(index, artifact): &(usize, &step::Artifact)| declared.get(*index) != Some(*artifact);
        let first = request.artifacts.iter().enumerate().find(differs);
        return Some(match first {
            Some((_, artifact)) => format!(
                "picks {} for {}, which is not what the artifact declares",
                quoted(&artifact.from),
                quoted(&artifact.to)
            ),
            None => "does not pick every declared artifact".to_owned(),
        });
    }
    let bundles = contract.bundles.iter();
    let bundles =
        bundles.map(|bundle| step::Bundle { parts: bundle.parts.clone(), to: bundle.to.as_str().to_owned() });
    if !bundles.eq(request.bundles.iter().cloned()) {
        return Some("puts files together otherwise than declared".to_owned());
    }
    let directories = contract.directories.iter().map(|directory| step::Directory {
        path: directory.path.as_str().to_owned(),
        mode: directory.mode,
        uid: directory.owner.uid,
        gid: directory.owner.gid,
    });
    let declared: Vec<_> = directories.collect();
    let links = contract.links.iter();
    let links = links.map(|link| step::Link { path: link.path.to_string(), target: link.target.to_string() });
    if !links.eq(request.links.iter().cloned()) {
        return Some("makes symbolic links otherwise than declared".to_owned());
    }
    (request.directories != declared).then(|| {
        let odd = request.directories.iter().find(|directory| !declared.contains(directory));
        odd.map_or("does not make every declared directory".to_owned(), |directory| {
            format!("makes the directory {} otherwise than declared", quoted(&directory.path))
        })
    })
}

/// Whether the step sees a tree of which nothing is declared, or believes that the builder saw it elsewhere than
/// it did, so that links would be understood wrongly.
fn misplaced(proof: &Proof<'_>, stage: &Own, request: &StageRequest) -> Option<String> {
    if stage.tree.is_some() && request.artifacts.is_empty() && request.bundles.is_empty() {
        return Some("sees a tree, although nothing of it is declared".to_owned());
    }
    let seen_at = request.seen_at.as_str();
    let wrong = match stage.tree.and_then(|tree| mounted_at(proof, tree)) {
        Some(at) => at != seen_at,
        None => !seen_at.starts_with('/'),
    };
    wrong.then(|| format!("believes that the builder saw its output at {}", quoted(seen_at)))
}

/// Where the step that wrote a tree had it mounted; `None` if no step wrote it.
fn mounted_at<'g>(proof: &Proof<'g>, tree: Link) -> Option<&'g str> {
    let Shape::Step(exec) = proof.subject.shape(tree.vertex) else { return None };
    exec.mounts.outputs.get(tree.output).copied()
}

/// Whether a path stays inside the tree that it is looked up in.
fn is_inside(path: &str) -> bool {
    path.is_empty() || ContextPath::parse(path).is_ok()
}
