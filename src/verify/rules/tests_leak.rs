//! `tests-leak`: tests run in the very image that ships, as it is started, and leave nothing but their reports.
//!
//! That nothing else comes out of a test is its shape, and that nothing takes its report for files is its kind.

use super::Proof;
use super::uninspected::{own_steps, request_bytes};
use crate::rule;
use crate::step::{self, Step, TestRequest};
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::graph::Link;
use crate::verify::shape::Own;

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::TESTS_LEAK);

/// Looks at every test.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for (vertex, own) in own_steps(proof.subject).filter(|(_, own)| own.step == Step::Test) {
        let is_reported = proof.subject.graph.reports.contains(&Link { vertex, output: own.report });
        let unread = (!is_reported).then(|| "tests the image, and nobody reads its report".to_owned());
        if let Some(text) = misled(proof, own).or(unread) {
            proof.subject.report(vertex, &LAW, text, found);
        }
    }
}

/// What is wrong with where a test runs, or with what it is told of that.
fn misled(proof: &Proof<'_>, own: &Own) -> Option<String> {
    if own.tree != proof.subject.graph.image {
        return Some("tests another tree than the image".to_owned());
    }
    let user = proof.case.contract.user;
    let directories = proof.case.contract.layers.iter().flat_map(|layer| &layer.directories);
    let declared: Vec<&str> = directories
        .filter(|directory| directory.owner == user)
        .map(|directory| directory.path.as_str())
        .collect();
    if let Some(other) = own.writable.iter().find(|path| !declared.contains(&path.as_str())) {
        return Some(format!("may write to {}, which the image's user may not", quoted(other)));
    }
    let Some(bytes) = request_bytes(proof.subject, own.request) else {
        return Some("gets no plain request".to_owned());
    };
    let request: TestRequest = match step::decode(bytes) {
        Ok(request) => request,
        Err(error) => return Some(format!("gets a request that it cannot read: {error}")),
    };
    let config = proof.config;
    let truths = [
        ("user", (request.uid, request.gid) == (user.uid, user.gid)),
        ("working directory", request.workdir == config.working_directory),
        ("environment", request.env == config.env),
        ("command", request.argv.iter().eq(config.entrypoint.iter().chain(&config.cmd))),
    ];
    let (what, _) = truths.into_iter().find(|(_, is_true)| !is_true)?;
    Some(format!("is told a {what} that is not the image's"))
}
