//! Whether a lock file answers for what the packages ask today.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::manager::{Manager, Tool};
use super::package::{DEPENDENCIES, Package};
use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::name::ContextPath;
use crate::plan::planner::Planner;

/// Reports the first package that asks for something else than is locked; `None` then, and while the lock is not known.
///
/// The managers say so too late, or do not name both files; pnpm does.
pub(super) fn check(planner: &mut Planner<'_>, manager: &Manager, workspace: &Workspace) -> Option<()> {
    let difference = match manager.tool {
        Tool::Npm => npm(planner.ask.file(&manager.lock)??, workspace),
        Tool::YarnClassic => yarn(planner.ask.file(&manager.lock)??, workspace),
        Tool::Yarn => new_yarn(planner.ask.file(&manager.lock)??, workspace),
        Tool::Pnpm => None,
    };
    let Some((package, what)) = difference else {
        if manager.tool == Tool::Npm {
            tell_not_installed(planner, manager, workspace)?;
        }
        return Some(());
    };
    let message = format!("`{}` and `{}` are out of step: {what}", package.path(), manager.lock);
    let error = Diagnostic::error("lock-out-of-step", message).at(planner.image.language.span);
    let help = format!("run `{} install` and commit the lock file", manager.tool.program());
    planner.report(error.why("what is not locked is not fetched").help(help));
    None
}

/// A package and how it differs from what is locked for it.
type Difference<'w> = Option<(&'w Package, String)>;

/// The lock file has a copy of what each package asks for ("package-lock.json", `packages`); its first version has none.
fn npm<'w>(text: &[u8], workspace: &'w Workspace) -> Difference<'w> {
    let lock: Value = serde_json::from_slice(text).unwrap_or_default();
    let Some(locked) = lock.get("packages") else {
        let first = lock.get("lockfileVersion").and_then(Value::as_u64) == Some(1);
        return (!first).then(|| (workspace.top(), "the lock file is none of npm's".to_owned()));
    };
    workspace.packages.iter().find_map(|package| {
        let path = package.directory.relative_to(&workspace.root)?;
        let Some(entry) = locked.get(path.as_str()) else {
            return Some((package, "the lock file does not know the package".to_owned()));
        };
        let what = DEPENDENCIES.iter().find_map(|kind| {
            let locked = entry.get(*kind).and_then(Value::as_object).into_iter().flatten();
            let locked: BTreeMap<&str, &str> =
                locked.filter_map(|(name, wanted)| Some((name.as_str(), wanted.as_str()?))).collect();
            differs(&asked(package, kind), &locked)
        });
        Some((package, what?))
    })
}

/// Warns of what a package outside of npm's workspace needs: npm links the package and installs nothing for it.
fn tell_not_installed(planner: &mut Planner<'_>, manager: &Manager, workspace: &Workspace) -> Option<()> {
    let lock: Value = serde_json::from_slice(planner.ask.file(&manager.lock)??).unwrap_or_default();
    let locked = lock.get("packages").and_then(Value::as_object).into_iter().flatten();
    let installed: BTreeSet<ContextPath> =
        locked.filter_map(|(path, _)| workspace.root.join(path).ok()).collect();
    let outside = workspace.packages.iter().filter(|package| !package.directory.is_within(&workspace.root));
    for package in outside {
        let finds = |name: &str| {
            let mut places = package.directory.ancestors();
            places.any(|above| {
                above.join(&format!("node_modules/{name}")).is_ok_and(|place| installed.contains(&place))
            })
        };
        let needed = package.dependencies("dependencies");
        let Some(name) = needed.keys().find(|name| !finds(name)) else { continue };
        let message = format!("`{}` needs `{name}`, which npm does not install there", package.path());
        let warning = Diagnostic::warning("path-dependency", message)
            .at(planner.image.language.span)
            .why("npm links a package outside of the workspace, and leaves it to others to install what that needs")
            .help("make both members of a workspace: `workspaces` in a package.json above them");
        planner.report(warning);
    }
    Some(())
}

/// What a package asks for; an optional dependency is none of the others (npm, "optionalDependencies").
fn asked<'p>(package: &'p Package, kind: &str) -> BTreeMap<&'p str, &'p str> {
    let mut asked = package.dependencies(kind);
    if kind == "dependencies" {
        let optional = package.dependencies("optionalDependencies");
        asked.retain(|name, _| !optional.contains_key(name));
    }
    asked
}

fn differs(asked: &BTreeMap<&str, &str>, locked: &BTreeMap<&str, &str>) -> Option<String> {
    let wanted = asked.iter().find_map(|(name, wanted)| match locked.get(name) {
        None => Some(format!("`{name}` is not locked")),
        Some(locked) if locked != wanted => {
            Some(format!("`{name}` is to be `{wanted}`, but is locked for `{locked}`"))
        }
        Some(_) => None,
    });
    let more = || locked.keys().find(|name| !asked.contains_key(*name));
    wanted.or_else(|| more().map(|name| format!("`{name}` is locked, but not asked for")))
}

/// Each entry of the lock file begins with what it answers for: `name@range, other@range:`.
fn yarn<'w>(text: &[u8], workspace: &'w Workspace) -> Difference<'w> {
    let text = String::from_utf8_lossy(text);
    let heads =
        text.lines().filter(|line| !line.starts_with([' ', '#'])).filter_map(|line| line.strip_suffix(':'));
    let answered: BTreeSet<&str> =
        heads.flat_map(|line| line.split(", ")).map(|word| word.trim_matches('"')).collect();
    let own: BTreeSet<&str> = workspace.packages.iter().filter_map(Package::name).collect();
    workspace.packages.iter().find_map(|package| {
        let mut wanted = package.all_dependencies();
        let (name, range) = wanted.find(|(name, range)| {
            let is_local = own.contains(name) || range.starts_with("file:") || range.starts_with("link:");
            !is_local && !answered.contains(format!("{name}@{range}").as_str())
        })?;
        Some((package, format!("`{name}@{range}` is not locked")))
    })
}

/// The lock file has a block for each package of the workspace, with what the package asks for.
fn new_yarn<'w>(text: &[u8], workspace: &'w Workspace) -> Difference<'w> {
    let text = String::from_utf8_lossy(text);
    workspace.packages.iter().find_map(|package| {
        let path = package.directory.relative_to(&workspace.root)?;
        let end = format!("@workspace:{}\":", if path.is_root() { "." } else { path.as_str() });
        let block = text.lines().skip_while(|line| !line.ends_with(&end)).take_while(|line| !line.is_empty());
        let asked = block.skip_while(|line| *line != "  dependencies:").skip(1);
        let asked = asked.map_while(|line| line.strip_prefix("    ")?.rsplit_once(": "));
        let plain = |(name, range)| (unquoted(name), without_registry(unquoted(range)));
        let wanted = package.all_dependencies().map(plain).collect();
        Some((package, differs(&wanted, &asked.map(plain).collect())?))
    })
}

fn unquoted(word: &str) -> &str {
    word.trim_matches('"')
}

/// A range without the word for the usual registry, which the lock file adds.
fn without_registry(range: &str) -> &str {
    range.strip_prefix("npm:").unwrap_or(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_the_package() {
        let of = |pairs: &[(&'static str, &'static str)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
        let asked = of(&[("a", "^1"), ("b", "2")]);
        assert_eq!(differs(&asked, &asked), None);
        assert_eq!(differs(&asked, &of(&[("a", "^1")])).unwrap(), "`b` is not locked");
        let other = differs(&asked, &of(&[("a", "^2"), ("b", "2")])).unwrap();
        assert_eq!(other, "`a` is to be `^1`, but is locked for `^2`");
        let more = differs(&of(&[]), &asked).unwrap();
        assert_eq!(more, "`a` is locked, but not asked for");
    }
}
