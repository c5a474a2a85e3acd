//! Every entry of a tree, in one order.

use std::io;

use super::{FilePath, Stat, Tree};

/// More entries than any image has.
const MOST_ENTRIES: usize = 4_000_000;
/// Twice as long as any path that the kernel takes at once.
const LONGEST_PATH: usize = 8192;

/// Something in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: FilePath,
    /// What it is.
    pub stat: Stat,
}

/// Everything below `directory`, parents before their children, names in the order of their bytes; no link is
/// followed. An error where there is more than can be looked at.
pub fn walk(tree: &dyn Tree, directory: &FilePath) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut ahead = children(tree, directory)?;
    while let Some(path) = ahead.pop() {
        let Some(stat) = tree.stat(&path)? else { continue };
        if path.as_bytes().len() > LONGEST_PATH {
            return Err(io::Error::new(
                io::ErrorKind::InvalidFilename,
                format!("a path is longer than {LONGEST_PATH} bytes"),
            ));
        }
        if stat.is_directory() {
            ahead.append(&mut children(tree, &path)?);
        }
        if entries.len() == MOST_ENTRIES {
            return Err(io::Error::other(format!("the tree has more than {MOST_ENTRIES} entries")));
        }
        entries.push(Entry { path, stat });
    }
    Ok(entries)
}

/// The paths in a directory, the first one last.
fn children(tree: &dyn Tree, directory: &FilePath) -> io::Result<Vec<FilePath>> {
    Ok(tree.list(directory)?.iter().rev().map(|name| directory.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;

    #[test]
    fn a_walk_has_one_order_and_follows_no_link() {
        let tree = Memory::new().file("b/z", 0o644, b"").file("b/a/x", 0o644, b"").link("a", "b");
        let paths: Vec<String> =
            walk(&tree, &FilePath::root()).unwrap().iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(paths, ["/a", "/b", "/b/a", "/b/a/x", "/b/z"]);
    }
}
