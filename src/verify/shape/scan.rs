//! The shape of a scanner's step: an image's command, no network, the tree to look at, and a place to write to.

use super::{Access, Exec, Network, Refusal};
use crate::step::scan;
use crate::verify::findings::{Law, quoted};
use crate::verify::graph::Link;
use crate::verify::rules::{compile_network, scanner_leak, secret_outside_fetch, shared_cache_mount};
use crate::wire::pb;

/// A step of the client's scanner.
#[derive(Debug)]
pub(in crate::verify) struct Scan {
    /// What it runs in.
    pub(in crate::verify) root: Link,
    /// The tree that it looks at; `None` for an empty one.
    pub(in crate::verify) tree: Option<Link>,
    /// The output with what it writes; the other is its root.
    pub(in crate::verify) written: usize,
}

/// Whether a step sees a tree where scanners do.
pub(super) fn is_scan(exec: &Exec<'_>) -> bool {
    exec.mounts.bind_at(scan::SOURCE_MOUNT).is_some()
}

/// The scanner's step that a step is.
pub(super) fn read(exec: &Exec<'_>) -> Result<Scan, Refusal> {
    is_confined(exec)?;
    let refuse = |text: &str| Err(Refusal { law: &scanner_leak::LAW, text: text.to_owned() });
    let bind = |at| exec.mounts.bind_at(at);
    let (Some(root), Some(source), Some(destination)) =
        (bind("/"), bind(scan::SOURCE_MOUNT), bind(scan::DESTINATION_MOUNT))
    else {
        return refuse("scans, and has no place to write to");
    };
    if let Some(other) = exec.mounts.binds.iter().find(|bind| ![root, source, destination].contains(bind)) {
        return refuse(&format!("scans, and sees another tree at {}", quoted(other.at)));
    }
    if source.access != Access::ReadOnly || !source.selector.is_empty() {
        return refuse("scans a tree that it can change, or a part of one");
    }
    match (root.from, root.access, destination.from, destination.access) {
        (Some(root), Access::Output(_), None, Access::Output(written)) => {
            Ok(Scan { root, tree: source.from, written })
        }
        _ => refuse("scans, and does not keep what it writes apart"),
    }
}

/// Whether the step can reach nothing but its mounts, and is told where they are.
fn is_confined(exec: &Exec<'_>) -> Result<(), Refusal> {
    let refuse = |law: &'static Law, text: &str| Err(Refusal { law, text: text.to_owned() });
    let plain = pb::Meta {
        args: exec.meta.args.clone(),
        env: exec.meta.env.clone(),
        cwd: exec.meta.cwd.clone(),
        remove_mount_stubs_recursive: true,
        ..Default::default()
    };
    let told = |(name, value): (&str, &str)| exec.meta.env.contains(&format!("{name}={value}"));
    match () {
        () if exec.network != Network::None => refuse(&compile_network::LAW, "scans and has network"),
        () if !exec.mounts.secrets.is_empty() || !exec.secret_env.is_empty() => {
            refuse(&secret_outside_fetch::LAW, "scans and has a secret")
        }
        () if !exec.mounts.caches.is_empty() => refuse(&shared_cache_mount::LAW, "scans and has a cache"),
        () if exec.mounts.memory != [scan::MEMORY] => {
            refuse(&scanner_leak::LAW, "scans with other memory mounted than it needs")
        }
        () if *exec.meta != plain => refuse(&scanner_leak::LAW, "scans with a user, hosts or limits"),
        () if !scan::PLACES.into_iter().all(told) => {
            refuse(&scanner_leak::LAW, "scans, and is told another place than it has")
        }
        () => Ok(()),
    }
}
