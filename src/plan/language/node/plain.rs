//! An application that nothing builds ships straight from the context: an edit of it needs no builder at all.
//!
//! A step that packages it would copy the same files, but in the toolchain's image, which a daemon that knows only a
//! registry's cache would have to pull and unpack for that.

use super::{Made, Project, steps, unshipped};
use crate::facts::{literal, matches};
use crate::model::Framework;
use crate::name::ContextPath;
use crate::plan::node::{Node, Selection, Tree};
use crate::plan::planner::Planner;
use crate::plan::product::in_directory;

/// Picks the application's files from the context, where that is all there is to do; the inner `None` leaves it to a
/// builder, the outer one says that files are not known yet.
pub(super) fn pick(planner: &mut Planner<'_>, project: &Project<'_>) -> Option<Option<Made>> {
    if !is_plain(planner, project) {
        return Some(None);
    }
    let directory = &project.workspace.application().directory;
    // Their names are asked for, because a pattern would leave directories out too.
    let hidden = planner.ask.glob(in_directory(directory, ".*"));
    let start = project.start.as_ref().and_then(|start| directory.join(&start.program).ok());
    let has_start = start.as_ref().map(|start| planner.ask.head(start));
    let mut exclude = steps::LEFT_OUT.map(str::to_owned).to_vec();
    exclude.extend(planner.image.source.exclude.iter().cloned());
    // The last word is not the manifest's: what `!` takes back is still what only developers need.
    exclude.extend(unshipped::patterns_in(directory));
    exclude.extend(hidden?.iter().map(literal));
    let starts = match (&start, has_start) {
        // Only a builder looks for what Node would add to the name, or says what is wrong with it.
        (Some(start), Some(found)) => found?.is_some() && !may_be_left_out(start, &exclude),
        _ => project.start.is_none(),
    };
    if !starts {
        return Some(None);
    }
    let selection = Selection { paths: vec![directory.clone()], exclude };
    let tree = Tree::Root(planner.add(Node::Context(selection)));
    Some(Some(Made { tree, from: directory.as_str().to_owned(), seen_at: "/" }))
}

/// Whether one package ships, and nothing is run, listed or asked for that only a builder tells.
fn is_plain(planner: &Planner<'_>, project: &Project<'_>) -> bool {
    let workspace = &project.workspace;
    let application = workspace.application();
    project.framework == Framework::None
        && !steps::may_run(planner, project)
        && !application.lists_files()
        && planner.image.build.artifacts.is_empty()
        && workspace.packages.len() == 1
        && workspace.ground == application.directory
}

/// Whether a pattern says something of a path or of a directory above it.
fn may_be_left_out(path: &ContextPath, exclude: &[String]) -> bool {
    let says = |pattern: &String, path: &ContextPath| matches(pattern.trim_start_matches('!'), path);
    path.ancestors().any(|path| exclude.iter().any(|pattern| says(pattern, &path)))
}
