//! `compile-network`: no step with network sees the source or what was fetched; what it hands on was empty before.

use super::{Proof, fetch_executes};
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::flow::Sight;
use crate::verify::shape::{Access, Bind, Exec, Network, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::COMPILE_NETWORK);

/// Looks at every step with network.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for (vertex, exec) in proof.steps().filter(|(_, exec)| exec.network == Network::Open) {
        for bind in &exec.mounts.binds {
            if sight(proof, bind) >= Sight::Source {
                let text = format!("has network and sees the source at {}", quoted(bind.at));
                proof.subject.report(vertex, &LAW, text, found);
            }
            if fetch_executes::is_fetched(proof, bind) {
                continue;
            }
            if bind.at != "/" && is_written_by_a_step(proof, bind) {
                let text = format!("has network and sees what another step wrote at {}", quoted(bind.at));
                proof.subject.report(vertex, &LAW, text, found);
            }
            if is_handed_on(bind) {
                let text = format!("has network and hands on what was mounted at {}", quoted(bind.at));
                proof.subject.report(vertex, &LAW, text, found);
            }
        }
    }
}

fn sight(proof: &Proof<'_>, bind: &Bind<'_>) -> Sight {
    bind.from.map_or(Sight::Nothing, |from| proof.subject.kind(from).sight())
}

/// Whether a tree is what a step wrote: what was fetched is there to be compiled, which needs no network.
fn is_written_by_a_step(proof: &Proof<'_>, bind: &Bind<'_>) -> bool {
    bind.from.is_some_and(|from| matches!(proof.subject.shape(from.vertex), Shape::Step(_)))
}

/// Whether a tree other than the root comes out of a step that it went into.
fn is_handed_on(bind: &Bind<'_>) -> bool {
    bind.at != "/" && bind.from.is_some() && matches!(bind.access, Access::Output(_))
}

/// Whether a step is a fetch.
pub(super) fn is_fetch(exec: &Exec<'_>) -> bool {
    exec.network == Network::Open
}
