//! Where locked packages come from: what makes a manager run code as it fetches is refused.
//!
//! npm before its version 11 and the old Yarn run `prepare` of a package from a repository although they are told to
//! run no script, the newer Yarn packs it by its own scripts, and runs any file that `exec:` names.

mod address;
mod lock;

use std::collections::BTreeSet;

use self::address::is_unlocked;
pub(super) use self::address::names_program;
use self::lock::Found;
use super::manager::{Manager, Tool};
use super::package::Package;
use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::model::{FetchScripts, Node};
use crate::plan::planner::Planner;
use crate::rule;

/// The most packages that one error names besides the first.
const MOST_NAMED: usize = 8;

/// Reports the packages whose fetch would run code, unless the manifest lets it; `None` then, and while files are
/// not known.
pub(super) fn check(
    planner: &mut Planner<'_>,
    options: &Node,
    manager: &Manager,
    workspace: &Workspace,
) -> Option<()> {
    let text = planner.ask.file(&manager.lock)??;
    let found = match manager.tool {
        Tool::Npm => Some(lock::npm(text)),
        Tool::YarnClassic => lock::classic(&String::from_utf8_lossy(text)),
        Tool::Yarn => lock::yarn(&String::from_utf8_lossy(text)),
        Tool::Pnpm => lock::pnpm(&String::from_utf8_lossy(text)),
    };
    let span = planner.image.language.span;
    let Some(mut found) = found else {
        let message = format!("`{}` is not as {} writes it", manager.lock, manager.tool.program());
        let help = format!("run `{} install` and commit the lock file", manager.tool.program());
        planner.report(Diagnostic::error("lock-file", message).at(span).help(help));
        return None;
    };
    if matches!(manager.tool, Tool::Npm | Tool::Yarn) {
        found.extend(workspace.packages.iter().flat_map(asked));
    }
    let is_public = planner.image.fetch.is_public();
    let refused = |(name, address): &&Found| match &options.fetch_scripts {
        _ if !is_public || names_program(address) => true,
        FetchScripts::None => true,
        FetchScripts::All(_) => false,
        FetchScripts::Packages(names) => !names.iter().any(|allowed| allowed.value == *name),
    };
    let refused: Vec<&Found> = found.iter().filter(refused).collect();
    let Some(error) = error(&refused) else { return Some(()) };
    planner.report(error.at(span));
    None
}

/// What is said of the packages that are refused.
fn error(refused: &[&Found]) -> Option<Diagnostic> {
    let (name, address) = refused.first()?;
    let named: BTreeSet<&str> =
        refused.iter().map(|(name, _)| name.as_str()).filter(|name| !name.is_empty()).collect();
    let others = named.iter().filter(|other| *other != name).take(MOST_NAMED);
    let others: Vec<String> = others.map(|other| format!("`{other}`")).collect();
    let others =
        if others.is_empty() { String::new() } else { format!("; the same holds for {}", others.join(", ")) };
    let message = format!("`{name}` comes from `{address}`, which is no archive{others}");
    let why = "managers run code of such packages as they fetch them, beside network and secrets";
    let help = match refused.iter().any(|(_, address)| names_program(address)) {
        true => "depend on a release in a registry".to_owned(),
        false if named.is_empty() => "depend on a release in a registry or on an archive".to_owned(),
        false => {
            let names: Vec<String> = named.iter().map(|name| format!("\"{name}\"")).collect();
            format!(
                "depend on a release in a registry or on an archive; where no secret is fetched with, `node: {{fetch-scripts: \
                [{}]}}` lets it",
                names.join(", ")
            )
        }
    };
    Some(Diagnostic::error(rule::FETCH_EXECUTES.name, message).why(why).help(help))
}

/// What a package itself asks for, which npm and the newer Yarn look up where the lock file does not answer.
fn asked(package: &Package) -> Vec<Found> {
    let all = package.sources().into_iter().filter(|(_, range)| is_unlocked(range));
    all.map(|(name, range)| (name.to_owned(), range.to_owned())).collect()
}
