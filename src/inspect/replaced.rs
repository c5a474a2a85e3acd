//! `base-file-replaced`: a file of the base is in the image as the base has it.

use super::image::Image;
use crate::rule;
use crate::step::Finding;
use crate::tree::{File, FilePath, Stat};

/// Every file of the base that is another file in the image, unless the manifest asked to extend it.
pub(super) fn find(image: &Image<'_>) -> Vec<Finding> {
    let extended: Vec<FilePath> = image.request.extended.iter().map(FilePath::new).collect();
    let mut findings = Vec::new();
    for (path, &before) in image.base.entries() {
        let Some(file) = image.files.find(path).filter(|_| before.is_file()) else { continue };
        let Some(now) = image.entries.get(path).filter(|_| !extended.contains(path)) else { continue };
        if let Some(change) = change(&image.files.all()[file], before, *now) {
            let message = format!("`{path}` is a file of the base, and has {change} here");
            let finding = Finding::new(rule::BASE_FILE_REPLACED.name, path, message);
            findings.push(finding.help(rule::BASE_FILE_REPLACED.mend));
        }
    }
    findings
}

/// What of a file is not as it was.
fn change(file: &File, before: Stat, now: Stat) -> Option<&'static str> {
    if !file.is_of_base {
        Some("another content")
    } else if before.mode != now.mode {
        Some("another mode")
    } else if (before.uid, before.gid) != (now.uid, now.gid) {
        Some("another owner")
    } else {
        None
    }
}
