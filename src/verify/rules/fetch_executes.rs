//! `fetch-executes`: a step with network sees what another step wrote only where the manifest says so, and then no secret.

use super::Proof;
use super::compile_network::is_fetch;
use super::secret_outside_fetch::has_secrets;
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};
use crate::verify::flow::Sight;
use crate::verify::shape::{Bind, Exec, Shape};

/// How breaches are reported.
pub(in crate::verify) static LAW: Law = Law::of(&rule::FETCH_EXECUTES);

/// Looks at every step with network that sees what another step wrote, but not the source.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let is_fetch =
        |(_, exec): &(usize, &Exec<'_>)| is_fetch(exec) && proof.subject.seen(exec) < Sight::Source;
    for (vertex, exec) in proof.steps().filter(is_fetch) {
        for bind in exec.mounts.binds.iter().filter(|bind| is_fetched(proof, bind)) {
            let text = if !proof.case.contract.fetch_executes {
                format!("has network and sees what another step wrote at {}", quoted(bind.at))
            } else if has_secrets(exec) {
                format!("has network and a secret and sees what another step wrote at {}", quoted(bind.at))
            } else {
                continue;
            };
            proof.subject.report(vertex, &LAW, text, found);
        }
    }
}

/// Whether what is mounted comes from a step that saw manifests only: from others it is the source.
pub(super) fn is_fetched(proof: &Proof<'_>, bind: &Bind<'_>) -> bool {
    let Some(from) = bind.from.filter(|_| bind.at != "/") else { return false };
    let is_of_fetch = |exec: &Exec<'_>| is_fetch(exec) && proof.subject.seen(exec) < Sight::Source;
    matches!(proof.subject.shape(from.vertex), Shape::Step(exec) if is_of_fetch(exec))
}
