//! `merge-shadows-base`, the file system's half: no layer turns something of the base into something else.
//!
//! A real `/lib` in place of the base's link, and nothing starts; a `/tmp` without its sticky bit, and every user
//! can remove what others wrote there.

use std::io;

use super::image::Image;
use crate::rule;
use crate::step::Finding;
use crate::tree::{FilePath, Kind, Stat, Tree as _, escaped};

const RULE: &str = rule::MERGE_SHADOWS_BASE.name;

/// Everything of the base that is of another kind in the image, and every directory with another mode or owner.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, &before) in image.base.entries() {
        let Some(now) = image.entries.get(path) else { continue };
        if let Some(change) = change(image, path, before, *now)? {
            let message = format!("`{path}` {change}");
            findings.push(Finding::new(RULE, path, message).help(rule::MERGE_SHADOWS_BASE.mend));
        }
    }
    Ok(findings)
}

/// What a layer made of something of the base, where it is no longer the same.
fn change(image: &Image<'_>, path: &FilePath, before: Stat, now: Stat) -> io::Result<Option<String>> {
    let owned = |stat: Stat| format!("mode {:04o}, owner {}:{}", stat.mode, stat.uid, stat.gid);
    Ok(match (before.kind, now.kind) {
        (Kind::Directory, Kind::Directory) => {
            let same = (before.mode, before.uid, before.gid) == (now.mode, now.uid, now.gid);
            (!same).then(|| {
                format!("is a directory of the base with {}, and here with {}", owned(before), owned(now))
            })
        }
        (Kind::Link, Kind::Link) => {
            let (was, is) = (image.base.link_target(path)?, image.tree.link_target(path)?);
            (was != is)
                .then(|| format!("leads to `{}` in the base, and here to `{}`", escaped(&was), escaped(&is)))
        }
        // A file in the place of a file is a rule of its own, which has exceptions.
        (before, now) if before == now => None,
        (before, now) => Some(format!("is a {} in the base, and here a {}", name(before), name(now))),
    })
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Link => "symbolic link",
        Kind::Special(name) => name,
    }
}
