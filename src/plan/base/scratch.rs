//! Scratch: nothing but what every program expects: accounts, certificate authorities, `/tmp`, time zones.

use super::{CA_BUNDLE, distroless};
use crate::contract::{Artifact, Directory, LayerContract, Role, User};
use crate::name::ImagePath;
use crate::plan::final_image::Base;
use crate::plan::final_image::Layer;
use crate::plan::node::{FileEdit, Files, Node, Tree};
use crate::plan::planner::Planner;
use crate::plan::product::Needs;
use crate::text::Spanned;

const ZONES: &str = "/usr/share/zoneinfo";

/// Plans an empty base; `None` while the image that certificates come from is not resolved.
pub(super) fn plan(planner: &mut Planner<'_>) -> Option<(Base, Option<Layer>)> {
    let span = planner.image.runtime.base.span;
    let donor = donor(planner)?;
    let mut edits = accounts(planner);
    edits.push(copy(&donor, CA_BUNDLE, &[]));
    if planner.image.runtime.tzdata {
        // Debian's package has a link to the machine's own zone, which lies elsewhere.
        edits.push(copy(&donor, ZONES, &["localtime"]));
    }
    let name = "scaffold of an empty base".to_owned();
    let files = Files { name, over: Tree::Scratch, edits, span: Some(span) };
    let source = Tree::Root(planner.add(Node::Files(files)));
    let artifacts = artifacts(planner);
    let contract =
        LayerContract { directories: directories(), ..LayerContract::of(Role::Scaffold, artifacts) };
    Some((Base::Scratch, Some(Layer { contract, source, seen_at: "/".to_owned(), span: Some(span) })))
}

/// The tree that certificates and time zones come from.
///
/// The smallest official image has both; taking them pinned from there beats carrying copies that age.
pub(super) fn donor(planner: &mut Planner<'_>) -> Option<Tree> {
    let span = planner.image.runtime.base.span;
    let reference = Spanned::new(distroless::reference(Needs::Nothing), span);
    let platform = planner.platforms.target.clone();
    planner.pull(&reference, &platform).map(|(tree, _)| tree)
}

fn accounts(planner: &Planner<'_>) -> Vec<FileEdit> {
    let runtime = &planner.image.runtime;
    let (user, name) = (runtime.user, &runtime.user_name);
    let passwd = format!(
        "root:x:0:0:root:/root:/sbin/nologin\n{name}:x:{}:{}:{name}:/nonexistent:/sbin/nologin\n",
        user.uid, user.gid
    );
    let group = match user.gid {
        0 => "root:x:0:\n".to_owned(),
        gid => format!("root:x:0:\n{name}:x:{gid}:\n"),
    };
    vec![
        file("/etc/passwd", passwd),
        file("/etc/group", group),
        file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n".to_owned()),
    ]
}

fn artifacts(planner: &Planner<'_>) -> Vec<Artifact> {
    let zones = planner.image.runtime.tzdata.then_some(ZONES);
    let paths = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", CA_BUNDLE].into_iter().chain(zones);
    paths.filter_map(artifact).collect()
}

fn artifact(path: &str) -> Option<Artifact> {
    let to = ImagePath::parse(path).ok()?;
    Some(Artifact::new(to.relative(), to.clone()))
}

fn directories() -> Vec<Directory> {
    let tmp = ImagePath::parse("/tmp").ok();
    tmp.map(|path| Directory { path, mode: 0o1777, owner: User::ROOT }).into_iter().collect()
}

fn file(path: &str, content: String) -> FileEdit {
    FileEdit::File { path: path.to_owned(), mode: 0o644, content: content.into_bytes() }
}

fn copy(tree: &Tree, path: &str, exclude: &[&str]) -> FileEdit {
    let exclude = exclude.iter().map(|&pattern| pattern.to_owned()).collect();
    FileEdit::Copy { tree: tree.clone(), from: path.to_owned(), to: path.to_owned(), exclude }
}
