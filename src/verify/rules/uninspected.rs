//! `uninspected`: our own binary, and no other, looks at the very image that ships, told the truth about it.

use std::collections::BTreeSet;

use super::Proof;
use crate::rule;
use crate::step::{self, InspectRequest, Process, Step};
use crate::verify::Program;
use crate::verify::findings::{Findings, Law};
use crate::verify::flow::{Kind, Subject};
use crate::verify::graph::Link;
use crate::verify::shape::{Act, Own, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::UNINSPECTED);

/// Looks at every step of ours and at what the daemon is asked for.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let subject = proof.subject;
    programs(proof, found);
    let asked: BTreeSet<Link> = subject.graph.reports.iter().copied().collect();
    for link in &asked {
        if !matches!(
            subject.kind(*link),
            Kind::Report | Kind::Verdict | Kind::Bill | Kind::Scan | Kind::Unknown
        ) {
            let text = format!("is {}, where a report is asked for", subject.kind(*link).name());
            subject.report(link.vertex, &LAW, text, found);
        }
    }
    let (mut inspections, mut is_inspected) = (0, false);
    for (vertex, own) in own_steps(subject) {
        let is_reported = asked.contains(&Link { vertex, output: own.report });
        match own.step {
            Step::Stage if is_reported => {}
            Step::Test => {}
            Step::Stage => subject.report(vertex, &LAW, "stages files, and nobody reads its report", found),
            Step::Inspect if inspections > 0 => {
                subject.report(vertex, &LAW, "is one inspection too many", found);
            }
            Step::Inspect => {
                inspections += 1;
                is_inspected |= is_reported;
                if let Some(text) = misled(proof, own) {
                    subject.report(vertex, &LAW, text, found);
                }
            }
        }
    }
    if !is_inspected {
        found.image(&LAW, "nobody reads an inspection of the image");
    }
}

/// The content of the one file of a tree that is nothing but a request; `None` for any other tree.
pub(super) fn request_bytes<'g>(subject: &'g Subject<'_>, link: Link) -> Option<&'g [u8]> {
    only_file(subject, link, &format!("/{}", step::REQUEST_FILE), 0o444)
}

/// Every step of ours runs the program that the caller names; each tree with a program is looked at once.
fn programs(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for (_, own) in own_steps(proof.subject).filter(|(_, own)| seen.insert(own.program)) {
        let is_ours = match (proof.case.program, proof.subject.shape(own.program.vertex)) {
            (_, Shape::Unknown) => true,
            (Program::Image(identifier), Shape::Source(source)) => source.identifier == identifier,
            (Program::Bytes(bytes), _) => {
                only_file(proof.subject, own.program, step::PROGRAM_IN_IMAGE, 0o755) == Some(bytes)
            }
            _ => false,
        };
        if !is_ours {
            proof.subject.report(own.program.vertex, &LAW, "is run as if it were our own binary", found);
        }
    }
}

pub(super) fn own_steps<'g>(subject: &'g Subject<'_>) -> impl Iterator<Item = (usize, &'g Own)> {
    subject.shapes.iter().enumerate().filter_map(|(vertex, shape)| match shape {
        Shape::Own(own) => Some((vertex, own)),
        _ => None,
    })
}

/// What an inspection is told wrongly, or looks at instead of the image.
fn misled(proof: &Proof<'_>, own: &Own) -> Option<String> {
    if own.tree != proof.subject.graph.image {
        return Some("looks at another tree than the image".to_owned());
    }
    if proof.image.is_known && own.base.map(|base| base.vertex) != proof.image.base {
        return Some("compares with another tree than the base".to_owned());
    }
    let Some(bytes) = request_bytes(proof.subject, own.request) else {
        return Some("gets no plain request".to_owned());
    };
    let request: InspectRequest = match step::decode(bytes) {
        Ok(request) => request,
        Err(error) => return Some(format!("gets a request that it cannot read: {error}")),
    };
    let (config, user) = (proof.config, proof.case.contract.user);
    let argv: Vec<String> = config.entrypoint.iter().chain(&config.cmd).cloned().collect();
    let is_started = |process: &Process| process.argv == argv;
    let base = proof.image.base.and_then(|base| match proof.subject.shape(base) {
        Shape::Source(source) => source.digest().map(|digest| digest.to_string()),
        _ => None,
    });
    let bundles = proof.case.contract.layers.iter().flat_map(|layer| &layer.bundles);
    let extended = bundles.map(|bundle| bundle.to.as_str());
    let truths = [
        ("platform", request.platform == config.platform()),
        ("user", (request.uid, request.gid) == (user.uid, user.gid)),
        ("working directory", request.workdir == config.working_directory),
        ("environment", request.env == config.env),
        ("command", request.processes.iter().any(is_started)),
        ("list of extended files", extended.eq(request.extended.iter().map(String::as_str))),
        ("base", !proof.image.is_known || request.base.digest == base),
    ];
    let (what, _) = truths.into_iter().find(|(_, is_true)| !is_true)?;
    Some(format!("is told a {what} that is not the image's"))
}

/// The content of the only file of a made tree, where it has this path and mode and a fixed time.
fn only_file<'g>(subject: &'g Subject<'_>, link: Link, path: &str, mode: i32) -> Option<&'g [u8]> {
    let Shape::File(file) = subject.shape(link.vertex) else { return None };
    match (&file.acts[..], file.over) {
        ([Act::Mkfile(file)], None) if file.path == path && file.mode == mode && file.timestamp >= 0 => {
            Some(&file.data)
        }
        _ => None,
    }
}
