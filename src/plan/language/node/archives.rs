//! Archives of the context that packages depend on: a fetch sees those whose digest is locked, and its manager checks it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::manager::{Manager, Tool};
use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::yaml;

/// The archives that fetching needs; `None` while files are not known, or when errors were found.
pub(super) fn read(
    planner: &mut Planner<'_>,
    manager: &Manager,
    workspace: &Workspace,
) -> Option<Vec<ContextPath>> {
    let text = planner.ask.file(&manager.lock)??;
    let locked = match manager.tool {
        Tool::Npm => npm(text),
        Tool::Pnpm => pnpm(&String::from_utf8_lossy(text)),
        // The old one has digests that can be forged, the newer one that of another archive, which it makes itself.
        Tool::Yarn | Tool::YarnClassic => Vec::new(),
    };
    let locked: BTreeSet<ContextPath> =
        locked.iter().filter_map(|path| workspace.root.join(path).ok()).collect();
    let needed: Vec<(String, ContextPath)> = workspace.archives().collect();
    let heads: Vec<_> = needed.iter().map(|(_, path)| planner.ask.head(path)).collect();
    for ((need, path), head) in needed.iter().zip(heads) {
        let what = match head? {
            None => "which is not there",
            Some(_) if !locked.contains(path) => "whose digest is not locked",
            Some(_) => continue,
        };
        let error = Diagnostic::error("path-dependency", format!("{need}, {what}"))
            .at(planner.source_span())
            .why("what is fetched beside network and secrets is held against a digest")
            .help(
                "lock it with pnpm or npm (7 or newer), unpack it into a directory, or depend on a registry; an ignore file may hide it",
            );
        planner.report(error);
        return None;
    }
    Some(needed.into_iter().map(|(_, path)| path).collect())
}

/// Whether a path is that of an archive, as `npm pack` names it.
pub(super) fn is_archive(path: &str) -> bool {
    path.strip_suffix(".tgz").is_some()
}

/// The path of an archive in the context whose digest is one that nobody forges.
fn checked<'a>(address: &'a str, integrity: &str) -> Option<&'a str> {
    address.strip_prefix("file:").filter(|path| is_archive(path) && integrity.starts_with("sha512-"))
}

/// Entries of npm's lock file say whence and with which digest ("package-lock.json", `packages`).
fn npm(text: &[u8]) -> Vec<String> {
    let lock: Value = serde_json::from_slice(text).unwrap_or_default();
    let entries = lock.get("packages").and_then(Value::as_object).into_iter().flatten();
    let path = |entry: &Value| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        checked(text("resolved")?, text("integrity")?).map(str::to_owned)
    };
    entries.filter_map(|(_, entry)| path(entry)).collect()
}

/// pnpm writes the digest of an archive before where it lies.
fn pnpm(text: &str) -> Vec<String> {
    let texts = yaml::scalars(text).unwrap_or_default();
    let path = |four: &[(usize, String)]| match four {
        [(_, integrity), (_, digest), (_, tarball), (_, address)]
            if integrity == "integrity" && tarball == "tarball" =>
        {
            checked(address, digest).map(str::to_owned)
        }
        _ => None,
    };
    texts.windows(4).filter_map(path).collect()
}
