//! The shape of our own steps: an empty root, no network, and exactly the mounts that [`crate::step`] names.

use super::{Access, Exec, Network, Refusal};
use crate::step::{self, Step};
use crate::verify::findings::{Law, quoted};
use crate::verify::graph::Link;
use crate::verify::rules::{
    compile_network, secret_outside_fetch, shared_cache_mount, staging_leak, uninspected,
};
use crate::wire::pb;

/// A step of our own binary.
#[derive(Debug)]
pub(in crate::verify) struct Own {
    /// Which one.
    pub(in crate::verify) step: Step,
    /// The tree with the binary.
    pub(in crate::verify) program: Link,
    /// The tree with the request.
    pub(in crate::verify) request: Link,
    /// The tree that it looks at; `None` for an empty one.
    pub(in crate::verify) tree: Option<Link>,
    /// The tree of the base that an inspection compares with; `None` for an empty one.
    pub(in crate::verify) base: Option<Link>,
    /// The output with what it writes.
    pub(in crate::verify) written: usize,
    /// The output with its report.
    pub(in crate::verify) report: usize,
    /// How many outputs it has.
    pub(in crate::verify) outputs: usize,
}

/// The step of ours that a step on an empty root is.
pub(super) fn read(exec: &Exec<'_>) -> Result<Own, Refusal> {
    let step = Step::ALL.into_iter().find(|step| step.argv() == exec.meta.args);
    let step =
        step.ok_or_else(|| Refusal::shape("runs on an empty root, but is no step of our own binary"))?;
    let law = match step {
        Step::Stage => &staging_leak::LAW,
        Step::Inspect => &uninspected::LAW,
    };
    is_confined(exec, law)?;
    let looks_at = match step {
        Step::Stage => step::INPUT_MOUNT,
        Step::Inspect => step::FINAL_MOUNT,
    };
    let read_only = |at: &'static str| {
        let bind = exec.mounts.bind_at(at);
        let bind = bind.filter(|bind| bind.access == Access::ReadOnly && bind.selector.is_empty());
        bind.ok_or_else(|| Refusal { law, text: format!("does not mount {at} read-only") })
    };
    let output = |at: &'static str| match exec.mounts.bind_at(at) {
        Some(bind) if bind.from.is_none() => match bind.access {
            Access::Output(index) => Ok(index),
            _ => Err(Refusal { law, text: format!("does not keep what it writes to {at}") }),
        },
        _ => Err(Refusal { law, text: format!("does not start with an empty {at}") }),
    };
    let filled = |at: &'static str| {
        let missing = || Refusal { law, text: format!("has nothing at {at}") };
        read_only(at)?.from.ok_or_else(missing)
    };
    let tree = read_only(looks_at)?.from;
    let base = match step {
        Step::Stage => None,
        Step::Inspect => read_only(step::BASE_MOUNT)?.from,
    };
    let known =
        ["/", step::PROGRAM_MOUNT, step::REQUEST_MOUNT, looks_at, step::OUTPUT_MOUNT, step::REPORT_MOUNT];
    let is_known = |at: &str| known.contains(&at) || (step == Step::Inspect && at == step::BASE_MOUNT);
    if let Some(other) = exec.mounts.binds.iter().find(|bind| !is_known(bind.at)) {
        return Err(Refusal { law, text: format!("sees another tree at {}", quoted(other.at)) });
    }
    Ok(Own {
        step,
        program: filled(step::PROGRAM_MOUNT)?,
        request: filled(step::REQUEST_MOUNT)?,
        tree,
        base,
        written: output(step::OUTPUT_MOUNT)?,
        report: output(step::REPORT_MOUNT)?,
        outputs: exec.mounts.outputs.len(),
    })
}

/// Whether the step can reach nothing but its mounts.
fn is_confined(exec: &Exec<'_>, law: &'static Law) -> Result<(), Refusal> {
    let refuse = |law, text: &str| Err(Refusal { law, text: text.to_owned() });
    let plain = pb::Meta {
        args: exec.meta.args.clone(),
        cwd: "/".to_owned(),
        remove_mount_stubs_recursive: true,
        ..Default::default()
    };
    match () {
        () if exec.network != Network::None => refuse(&compile_network::LAW, "has network"),
        () if !exec.mounts.secrets.is_empty() || !exec.secret_env.is_empty() => {
            refuse(&secret_outside_fetch::LAW, "has a secret")
        }
        () if !exec.mounts.caches.is_empty() => refuse(&shared_cache_mount::LAW, "has a cache"),
        () if exec.mounts.has_memory => refuse(law, "has memory mounted"),
        () if *exec.meta != plain => refuse(law, "runs with variables, a user, a directory or limits"),
        () => Ok(()),
    }
}
