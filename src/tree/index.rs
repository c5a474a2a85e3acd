//! A tree that was walked once.

use std::collections::BTreeMap;
use std::io;

use super::{Content, FilePath, Stat, Tree, walk};

/// A tree of which it is known what is where; only links and contents are still asked for.
pub struct Index<'a> {
    tree: &'a dyn Tree,
    root: Option<Stat>,
    entries: BTreeMap<FilePath, Stat>,
}

impl<'a> Index<'a> {
    /// Walks a tree; an error where there is more than can be looked at.
    pub fn of(tree: &'a dyn Tree) -> io::Result<Index<'a>> {
        let root = FilePath::root();
        let entries = walk(tree, &root)?.into_iter().map(|entry| (entry.path, entry.stat)).collect();
        Ok(Index { tree, root: tree.stat(&root)?, entries })
    }

    /// Everything but the root, links not followed.
    pub fn entries(&self) -> &BTreeMap<FilePath, Stat> {
        &self.entries
    }
}

impl Tree for Index<'_> {
    fn stat(&self, path: &FilePath) -> io::Result<Option<Stat>> {
        Ok(if path.is_root() { self.root } else { self.entries.get(path).copied() })
    }

    fn list(&self, path: &FilePath) -> io::Result<Vec<Vec<u8>>> {
        let below = self.entries.range(path.clone()..);
        let below = below.map_while(|(entry, _)| entry.as_bytes().strip_prefix(path.as_bytes()));
        let inside =
            below.filter_map(|rest| if path.is_root() { Some(rest) } else { rest.strip_prefix(b"/") });
        Ok(inside.filter(|name| !name.is_empty() && !name.contains(&b'/')).map(<[u8]>::to_vec).collect())
    }

    fn link_target(&self, path: &FilePath) -> io::Result<Vec<u8>> {
        self.tree.link_target(path)
    }

    fn open(&self, path: &FilePath) -> io::Result<Box<dyn Content>> {
        self.tree.open(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;

    #[test]
    fn an_index_tells_what_its_tree_does() {
        let tree = Memory::new()
            .file("a/b/c", 0o640, b"x")
            .file("a/b-c", 0o644, b"")
            .file("a-b/c", 0o644, b"")
            .directory("a/empty", 0o700)
            .link("link", "a/b");
        let index = Index::of(&tree).unwrap();
        let walked = walk(&tree, &FilePath::root()).unwrap();
        assert_eq!(walk(&index, &FilePath::root()).unwrap(), walked);
        assert_eq!(index.entries().len(), walked.len());
        for path in
            ["", "a", "a/b", "a/b/c", "a/empty", "link", "gone", "link/c", "a/b/c/d"].map(FilePath::new)
        {
            assert_eq!(index.stat(&path).unwrap(), tree.stat(&path).unwrap(), "{path}");
            assert_eq!(index.list(&path).unwrap(), tree.list(&path).unwrap(), "{path}");
        }
    }
}
