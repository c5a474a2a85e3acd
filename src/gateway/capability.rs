//! What the daemon must be able to do, checked before anything is asked of it.

use super::bridge::Greeting;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::llb::cap;

/// The gateway's capabilities without which nothing works.
const GATEWAY: [&str; 6] =
    ["solve.base", "readfile", "readdir", "return", "proto.refarray", "source.metaresolver"];
/// The operations' capabilities without which no image can be built.
const OPERATIONS: [&str; 5] = [
    "source.image",
    "file.base",
    "exec.meta.base",
    cap::EXEC_MOUNT_BIND_NO_OUTPUT,
    cap::EXEC_MOUNT_CONTENT_CACHE,
];

/// Fails when the daemon lacks something that every build needs.
pub(super) fn check(greeting: &Greeting) -> Result<(), Diagnostic> {
    let gateway = GATEWAY.iter().filter(|&&cap| !greeting.gateway.contains(cap));
    let operations = OPERATIONS.iter().filter(|&&cap| !greeting.llb.contains(cap));
    let missing: Vec<&str> = gateway.chain(operations).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let capabilities = if missing.len() == 1 { "the capability" } else { "the capabilities" };
    let message = format!("the BuildKit daemon lacks {capabilities} {}", missing.join(", "));
    let help = "BuildKit 0.20 (Docker 28) or newer has what Cofferdam needs";
    Err(Diagnostic::error("daemon", message).help(help))
}

/// Whether the daemon can merge trees without copying them.
pub(super) fn can_merge(greeting: &Greeting) -> bool {
    greeting.llb.contains("mergeop")
}

/// Whether the daemon can limit the memory and the processors of a step; one that cannot is told of.
pub(super) fn can_limit(greeting: &Greeting, found: &mut Diagnostics) -> bool {
    let can = greeting.llb.contains(cap::EXEC_META_LINUX_RESOURCES);
    if !can {
        let message = "the steps have no limits of memory and processors: the daemon knows none";
        found.push(Diagnostic::warning("ignored-option", message).help("BuildKit 0.31 or newer has them"));
    }
    can
}
