//! `base-file-replaced`: a file of the base is in the image as the base has it.

use std::io;

use super::image::Image;
use crate::rule;
use crate::step::Finding;
use crate::tree::{FilePath, Stat, Tree, read_range, walk};

/// As much of two files as is compared at once.
const PIECE: usize = 256 * 1024;

/// Every file of the base that is another file in the image, unless the manifest asked to extend it.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let extended: Vec<FilePath> = image.request.extended.iter().map(FilePath::new).collect();
    let mut findings = Vec::new();
    for entry in walk(image.base, &FilePath::root())? {
        let now = image.entries.get(&entry.path).filter(|now| now.is_file() && entry.stat.is_file());
        let Some(now) = now.filter(|_| !extended.contains(&entry.path)) else { continue };
        if let Some(change) = change(image, &entry.path, entry.stat, *now)? {
            let message = format!("`{}` is a file of the base, and has {change} here", entry.path);
            let finding = Finding::new(rule::BASE_FILE_REPLACED.name, &entry.path, message);
            findings.push(finding.help(rule::BASE_FILE_REPLACED.mend));
        }
    }
    Ok(findings)
}

/// What of a file is not as it was.
fn change(image: &Image<'_>, path: &FilePath, before: Stat, now: Stat) -> io::Result<Option<&'static str>> {
    Ok(if before.size != now.size || !is_equal(image.base, image.tree, path)? {
        Some("another content")
    } else if before.mode != now.mode {
        Some("another mode")
    } else if (before.uid, before.gid) != (now.uid, now.gid) {
        Some("another owner")
    } else {
        None
    })
}

/// Whether a file has the same bytes in two trees.
fn is_equal(one: &dyn Tree, other: &dyn Tree, path: &FilePath) -> io::Result<bool> {
    let (one, other) = (one.open(path)?, other.open(path)?);
    let mut offset = 0;
    loop {
        let piece = read_range(one.as_ref(), offset, PIECE)?;
        if piece != read_range(other.as_ref(), offset, PIECE)? {
            return Ok(false);
        }
        if piece.is_empty() {
            return Ok(true);
        }
        offset += piece.len() as u64;
    }
}
