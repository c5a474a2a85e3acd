//! The build of a site: everything but the site stays in the builder.

use super::bundler::{self, Bundler};
use super::{Built, Project, ask_ahead, build, locked_build, version, workspace};
use crate::diagnostic::Diagnostic;
use crate::model::{Framework, Node};
use crate::name::ContextPath;
use crate::plan::node::Tree;
use crate::plan::planner::{Planner, Toolchain};
use crate::text::Spanned;

/// A site that Node made.
pub(in crate::plan::language) struct BuiltSite {
    /// Its files.
    pub(in crate::plan::language) made: Tree,
    /// The work tree.
    pub(in crate::plan::language) work: Tree,
    /// Its directory below the application's.
    pub(in crate::plan::language) root: String,
    /// What made it, where that is known.
    pub(in crate::plan::language) bundler: Option<&'static Bundler>,
}

/// Plans the build of a site: nothing of Node runs in the image, so it is built once for all platforms.
pub(in crate::plan::language) fn plan(
    planner: &mut Planner<'_>,
    options: &Node,
    root: Option<&Spanned<ContextPath>>,
) -> Option<BuiltSite> {
    ask_ahead(planner);
    let workspace = workspace::read(planner)?;
    let reference = version::image(planner, options.version.as_ref(), &workspace);
    let bundler = bundler::find(workspace.application());
    let root = directory(planner, root, bundler);
    let found = locked_build(planner, options, &workspace);
    let platform = planner.platforms.build.clone();
    let toolchain = planner.toolchain(reference?, &platform);
    let ((manager, script), root) = (found?, root?);
    let Toolchain { root: file_system, fact, .. } = toolchain?;
    let (framework, site) = (Framework::None, Some(root.clone()));
    let project = Project { options, workspace, manager, framework, script, start: None, site };
    let Built { made, work, .. } = build(planner, &project, file_system, fact)?;
    Some(BuiltSite { made: made.tree, work, root, bundler })
}

/// Where the build puts the site: the manifest's word, else what is usual for the tool that makes it.
fn directory(
    planner: &mut Planner<'_>,
    written: Option<&Spanned<ContextPath>>,
    bundler: Option<&Bundler>,
) -> Option<String> {
    let error = match (written, bundler) {
        (Some(root), _) if root.value.is_root() => {
            Diagnostic::error("no-root", "the site cannot be the directory of the application")
                .at(root.span)
                .why("the source and all packages of the build lie there")
        }
        (Some(root), _) => return Some(root.value.to_string()),
        (None, Some(bundler)) => return Some(bundler.output.to_owned()),
        (None, None) => Diagnostic::error("no-root", "nothing says where the build puts the site")
            .at(planner.image.language.span)
            .why("none of the tools whose directory is known is among the dependencies"),
    };
    planner.report(error.help("name the directory that the build makes: `static: {root: dist}`"));
    None
}
