//! `final-setuid`: files that give their caller rights.

use std::io;

use super::image::Image;
use crate::rule;
use crate::step::Finding;
use crate::tree::{File, Stat};

/// Every regular file with the setuid or setgid bit or with file capabilities. Directories may have the setgid
/// bit: there it only says whose the new files are.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in image.files.all() {
        let path = &file.path;
        let Some(stat) = image.tree.stat(path)? else { continue };
        if let Some(what) = privilege(file, stat) {
            let message =
                format!("`{path}` has {what} (mode {:04o}, owner {}:{})", stat.mode, stat.uid, stat.gid);
            findings.push(Finding::new(rule::FINAL_SETUID.name, path, message).help(rule::FINAL_SETUID.mend));
        }
    }
    Ok(findings)
}

fn privilege(file: &File, stat: Stat) -> Option<&'static str> {
    match stat.mode & 0o6000 {
        0o6000 => Some("the setuid and setgid bits"),
        0o4000 => Some("the setuid bit"),
        0o2000 => Some("the setgid bit"),
        _ => file.has_capabilities.then_some("file capabilities"),
    }
}
