//! An application that nothing builds ships straight from the context: an edit of it needs no builder at all.
//!
//! A step that packages it would copy the same files, but in the toolchain's image, which a daemon that knows only a
//! registry's cache would have to pull and unpack for that.

use super::{Made, Project, steps, unshipped};
use crate::facts::matches;
use crate::model::Framework;
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::plan::product::WORK_TREE;

/// Picks the application's files from the context, where that is all there is to do; the inner `None` leaves it to a
/// builder, the outer one says that files are not known yet.
pub(super) fn pick(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<Option<Made>> {
    if !needs_no_builder(planner, project)? {
        return Some(None);
    }
    let directory = &project.workspace.application().directory;
    let tree = planner.context(vec![directory.clone()]);
    let leave_out = Some(unshipped::leave_out());
    Some(Some(Made { tree, from: directory.as_str().to_owned(), seen_at: WORK_TREE, leave_out }))
}

/// Whether the application ships as it lies in the context; `None` while files are not known.
pub(super) fn needs_no_builder(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<bool> {
    if is_plain(planner, project) { starts(planner, project) } else { Some(false) }
}

/// Whether one package ships, and nothing is run, listed or asked for that only a builder tells.
fn is_plain(planner: &Planner<'_>, project: &Project<'_>) -> bool {
    let workspace = &project.workspace;
    let application = workspace.application();
    project.framework == Framework::None
        && project.site.is_none()
        && !steps::may_run(planner, project)
        && !application.lists_files()
        && planner.image.build.artifacts.is_empty()
        && workspace.packages.len() == 1
        && !application.sources().iter().any(|(_, range)| is_local(range))
        && workspace.ground == application.directory
}

/// Whether a package lies in the context, and so perhaps among what only developers need.
fn is_local(range: &str) -> bool {
    ["file:", "link:", "portal:"].iter().any(|protocol| range.starts_with(protocol))
}

/// Whether what the image starts surely ships: a builder looks for what Node would add to its name, and says what is
/// wrong with it.
fn starts(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<bool> {
    let Some(start) = &project.start else { return Some(true) };
    let directory = &project.workspace.application().directory;
    let path = directory.join(&start.program).ok();
    let below = path.as_ref().and_then(|path| path.relative_to(directory));
    let (Some(path), Some(below)) = (path, below) else { return Some(false) };
    let exclude = &planner.image.source.exclude;
    let mut excludes = exclude.iter().map(String::as_str).chain(steps::LEFT_OUT);
    if !unshipped::is_program(&below) || !unshipped::ships(&below) || excludes.any(|one| may_mean(one, &path))
    {
        return Some(false);
    }
    Some(planner.ask.head(&path)?.is_some())
}

/// Whether a pattern of the daemon's (BuildKit `patternmatcher`) may say something of a path or of what it lies in: it knows
/// more forms than ours.
fn may_mean(pattern: &str, path: &ContextPath) -> bool {
    let pattern = pattern.trim_start_matches('!').trim_start_matches('/').trim_end_matches('/');
    let is_ours = |part: &str| !matches!(part, "." | "..") && (part == "**" || !part.contains("**"));
    let is_plain = !pattern.contains(['[', '\\', '^', ' ']) && pattern.split('/').all(is_ours);
    !is_plain || path.ancestors().any(|path| matches(pattern, &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_is_not_understood_may_mean_anything() {
        let path = ContextPath::parse("web/dist/main.js").unwrap();
        for pattern in
            ["web/dist", "**/dist", "!**/main.js", "/web/", "./web", "[w]eb", "**.js", "web/../web", "*"]
        {
            assert!(may_mean(pattern, &path), "{pattern}");
        }
        for pattern in ["dist", "main.js", "web/docs", "**/*.md", "**/.output"] {
            assert!(!may_mean(pattern, &path), "{pattern}");
        }
    }
}
