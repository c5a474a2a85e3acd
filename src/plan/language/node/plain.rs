//! An application that nothing builds ships straight from the context: an edit of it needs no builder at all.
//!
//! A step that packages it would copy the same files, but in the toolchain's image, which a daemon that knows only a
//! registry's cache would have to pull and unpack for that.

use super::{Made, Project, steps, unshipped};
use crate::model::Framework;
use crate::plan::planner::Planner;
use crate::plan::product::WORK_TREE;

/// Picks the application's files from the context, where that is all there is to do; the inner `None` leaves it to a
/// builder, the outer one says that files are not known yet.
pub(super) fn pick(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<Option<Made>> {
    if !is_plain(planner, project) || !starts(planner, project)? {
        return Some(None);
    }
    let directory = &project.workspace.application().directory;
    let tree = planner.context(vec![directory.clone()]);
    let leave_out = Some(unshipped::leave_out());
    Some(Some(Made { tree, from: directory.as_str().to_owned(), seen_at: WORK_TREE, leave_out }))
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
        && workspace.ground == application.directory
}

/// Whether what the image starts surely ships: a builder looks for what Node would add to its name, and says what is
/// wrong with it.
fn starts(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<bool> {
    let Some(start) = &project.start else { return Some(true) };
    let directory = &project.workspace.application().directory;
    let path = directory.join(&start.program).ok();
    let below = path.as_ref().and_then(|path| path.relative_to(directory));
    match (&path, below) {
        (Some(path), Some(below)) if unshipped::is_program(&below) && unshipped::ships(&below) => {
            Some(planner.ask.head(path)?.is_some())
        }
        _ => Some(false),
    }
}
