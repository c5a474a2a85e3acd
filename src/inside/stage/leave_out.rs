//! What of a directory stays behind.

use crate::facts::matches_parts;
use crate::step::LeaveOut;
use crate::tree::{Entry, FilePath, Stat};

/// The entries below a directory, each after those above it, without what stays behind. Directories are not among them:
/// what crosses makes those that it needs.
pub(super) fn what_crosses(
    mut entries: Vec<Entry>,
    directory: &FilePath,
    leave_out: &LeaveOut,
) -> Vec<Entry> {
    let mut left: Option<FilePath> = None;
    let crosses = |entry: &Entry| {
        let Some(below) = entry.path.below(directory) else { return false };
        if left.as_ref().is_some_and(|left| entry.path.below(left).is_some()) {
            return false;
        }
        let stays = stays_behind(leave_out, &below, entry.stat);
        if stays {
            left = Some(entry.path.clone());
        }
        !stays && !entry.stat.is_directory()
    };
    entries.retain(crosses);
    entries
}

/// Whether patterns name a path; of what is no text, the rest is held against them.
fn stays_behind(leave_out: &LeaveOut, below: &FilePath, stat: Stat) -> bool {
    let path = String::from_utf8_lossy(below.as_bytes());
    // Most patterns are names.
    let is = |pattern: &str, path: &str| match pattern.contains(['*', '?', '\\']) {
        true => matches_parts(pattern, path),
        false => pattern == path,
    };
    let is_one_of = |patterns: &[String], path: &str| patterns.iter().any(|one| is(one, path));
    is_one_of(&leave_out.paths, &path)
        || (!stat.is_directory() && is_one_of(&leave_out.files, &path.to_ascii_lowercase()))
}
