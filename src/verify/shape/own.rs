//! The shape of our own steps: a fixed root, no network, and exactly the mounts that [`crate::step`] names.
//!
//! The root is empty, but for a test: that has the image as its root, which it cannot change.

use super::{Access, Bind, Exec, Network, Refusal};
use crate::step::{self, Step};
use crate::verify::findings::{Law, quoted};
use crate::verify::graph::Link;
use crate::verify::rules::{
    compile_network, secret_outside_fetch, shared_cache_mount, staging_leak, tests_leak, uninspected,
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
    /// The directories of the image that a test may write, for itself alone.
    pub(in crate::verify) writable: Vec<String>,
    /// The output with what it writes; a test writes nothing but its report.
    pub(in crate::verify) written: Option<usize>,
    /// The output with its report.
    pub(in crate::verify) report: usize,
    /// How many outputs it has.
    pub(in crate::verify) outputs: usize,
}

/// Whether a command is that of a test.
pub(super) fn is_test(meta: &pb::Meta) -> bool {
    Step::Test.argv() == meta.args
}

/// The step of ours that a step is.
pub(super) fn read(exec: &Exec<'_>) -> Result<Own, Refusal> {
    let step = Step::ALL.into_iter().find(|step| step.argv() == exec.meta.args);
    let step =
        step.ok_or_else(|| Refusal::shape("runs on an empty root, but is no step of our own binary"))?;
    let (law, looks_at, has_base) = match step {
        Step::Stage => (&staging_leak::LAW, step::INPUT_MOUNT, false),
        Step::Inspect => (&uninspected::LAW, step::FINAL_MOUNT, true),
        Step::Test => (&tests_leak::LAW, step::FINAL_MOUNT, false),
    };
    is_confined(exec, step, law)?;
    let mut mounts = Known { exec, step, law, seen: vec!["/".to_owned()] };
    let tree = mounts.read_only(looks_at)?;
    let own = Own {
        step,
        program: mounts.filled(step::PROGRAM_MOUNT)?,
        request: mounts.filled(step::REQUEST_MOUNT)?,
        tree,
        base: if has_base { mounts.read_only(step::BASE_MOUNT)? } else { None },
        writable: if step == Step::Test { mounts.on_the_image(tree)? } else { Vec::new() },
        written: if step == Step::Test { None } else { Some(mounts.output(step::OUTPUT_MOUNT)?) },
        report: mounts.output(step::REPORT_MOUNT)?,
        outputs: exec.mounts.outputs.len(),
    };
    let binds = || exec.mounts.binds.iter();
    if let Some(other) = binds().find(|bind| !mounts.seen.iter().any(|at| at == bind.at)) {
        return mounts.refuse(format!("sees another tree at {}", quoted(other.at)));
    }
    match binds().find(|bind| bind.is_known != is_known(bind)) {
        Some(odd) => mounts.refuse(format!("has {} in its cache key in another way", quoted(odd.at))),
        None => Ok(own),
    }
}

/// Whether a tree is in a step's cache key by what made it alone: all are but what a builder wrote.
fn is_known(bind: &Bind<'_>) -> bool {
    bind.at != "/" && bind.at != step::INPUT_MOUNT && !matches!(bind.access, Access::Output(_))
}

/// The mounts that a step of ours must have.
struct Known<'a> {
    exec: &'a Exec<'a>,
    step: Step,
    law: &'static Law,
    /// Where those are that were looked at.
    seen: Vec<String>,
}

impl Known<'_> {
    fn refuse<T>(&self, text: String) -> Result<T, Refusal> {
        Err(Refusal { law: self.law, text })
    }

    /// A tree that is only read; `None` for an empty one.
    fn read_only(&mut self, mount: &str) -> Result<Option<Link>, Refusal> {
        let at = self.step.at(mount);
        let bind = self.exec.mounts.bind_at(&at);
        let bind = bind.filter(|bind| bind.access == Access::ReadOnly && bind.selector.is_empty());
        let Some(bind) = bind else { return self.refuse(format!("does not mount {at} read-only")) };
        self.seen.push(at);
        Ok(bind.from)
    }

    /// The same, which cannot be empty.
    fn filled(&mut self, mount: &str) -> Result<Link, Refusal> {
        let Some(tree) = self.read_only(mount)? else {
            return self.refuse(format!("has nothing at {mount}"));
        };
        Ok(tree)
    }

    /// An output that begins empty.
    fn output(&mut self, mount: &str) -> Result<usize, Refusal> {
        let at = self.step.at(mount);
        match self.exec.mounts.bind_at(&at) {
            Some(bind) if bind.from.is_none() => match bind.access {
                Access::Output(index) => {
                    self.seen.push(at);
                    Ok(index)
                }
                _ => self.refuse(format!("does not keep what it writes to {at}")),
            },
            _ => self.refuse(format!("does not start with an empty {at}")),
        }
    }

    /// The directories of the image that can be written and whose changes are dropped: the root is the image and no
    /// output, and so is everything that lies over it.
    fn on_the_image(&mut self, image: Option<Link>) -> Result<Vec<String>, Refusal> {
        let root = self.exec.mounts.root().filter(|root| root.access == Access::ReadOnly);
        if image.is_none() || root.and_then(|root| root.from) != image {
            return self.refuse("does not run on the image that it looks at, or could change it".to_owned());
        }
        let binds = self.exec.mounts.binds.iter();
        let writable = binds.filter(|bind| bind.access == Access::Discarded && bind.from == image);
        let writable: Vec<String> =
            writable.filter(|bind| bind.selector == bind.at).map(|bind| bind.at.to_owned()).collect();
        self.seen.extend_from_slice(&writable);
        Ok(writable)
    }
}

/// Whether the step can reach nothing but its mounts.
fn is_confined(exec: &Exec<'_>, step: Step, law: &'static Law) -> Result<(), Refusal> {
    let refuse = |law, text: &str| Err(Refusal { law, text: text.to_owned() });
    let plain = pb::Meta {
        args: exec.meta.args.clone(),
        cwd: "/".to_owned(),
        remove_mount_stubs_recursive: true,
        ..Default::default()
    };
    let memory: &[&str] = if step == Step::Test { &[step::TEST_MEMORY] } else { &[] };
    match () {
        () if exec.network != Network::None => refuse(&compile_network::LAW, "has network"),
        () if !exec.mounts.secrets.is_empty() || !exec.secret_env.is_empty() => {
            refuse(&secret_outside_fetch::LAW, "has a secret")
        }
        () if !exec.mounts.caches.is_empty() => refuse(&shared_cache_mount::LAW, "has a cache"),
        () if exec.mounts.memory != memory => refuse(law, "has other memory mounted than it needs"),
        () if *exec.meta != plain => refuse(law, "runs with variables, a user, a directory or limits"),
        () => Ok(()),
    }
}
