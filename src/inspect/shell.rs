//! `final-shell`: programs that read commands.

use std::io;

use memchr::memmem;

use super::image::Image;
use super::names::is_one_of;
use crate::rule;
use crate::step::Finding;
use crate::tree::{FilePath, read_file};

/// The names of shells.
pub(super) const SHELLS: &[&str] = &[
    "sh", "ash", "bash", "csh", "dash", "elvish", "fish", "hush", "ksh", "loksh", "lksh", "mksh", "msh",
    "oksh", "osh", "pdksh", "posh", "rbash", "rksh", "rzsh", "sash", "tcsh", "xonsh", "yash", "zsh", "pwsh",
];
const MULTI_CALL: &[&str] = &["busybox", "toybox"];

/// What is in every build of the two programs that are many programs in one.
const MARKS: [(&str, &[u8]); 2] =
    [("busybox", b"BusyBox is a multi-call binary"), ("toybox", b"usage: toybox [")];
/// Several times as large as any build of them.
const LARGEST_MULTI_CALL: u64 = 4 << 20;

/// Every shell of the image.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let named = image.programs_named(|name| is_one_of(name, SHELLS) || is_one_of(name, MULTI_CALL))?;
    let mut findings: Vec<Finding> = named
        .iter()
        .map(|(path, target)| {
            let message = match target {
                Some(target) => format!("`{path}` is a link to a shell or has a shell's name (`{target}`)"),
                None => format!("`{path}` is a shell"),
            };
            finding(path, message)
        })
        .collect();
    for path in image.binaries.keys().filter(|path| !named.iter().any(|(known, _)| known == *path)) {
        if let Some(what) = multi_call(image, path)? {
            findings.push(finding(path, format!("`{path}` is {what} under another name")));
        }
    }
    findings.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(findings)
}

fn finding(path: &FilePath, message: String) -> Finding {
    Finding::new(rule::FINAL_SHELL.name, path, message).help(rule::FINAL_SHELL.mend)
}

/// Which of the multi-call programs an executable is.
fn multi_call(image: &Image<'_>, path: &FilePath) -> io::Result<Option<&'static str>> {
    let small = |stat: &&crate::tree::Stat| stat.is_executable() && stat.size <= LARGEST_MULTI_CALL;
    let Some(stat) = image.entries.get(path).filter(small) else { return Ok(None) };
    let limit = usize::try_from(stat.size).unwrap_or_default();
    let bytes = read_file(image.tree, path, limit)?;
    Ok(MARKS.into_iter().find(|(_, mark)| memmem::find(&bytes, mark).is_some()).map(|(name, _)| name))
}
