//! Following links inside a tree, with no way out of it.

use std::io;

use super::{FilePath, Kind, Stat, Tree};

/// As many links as the kernel follows before it gives up (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// What a link may do.
#[derive(Debug, Clone, Copy)]
pub enum Bounds<'a> {
    /// The tree is the whole world, as for a process whose root it is: absolute links start at its root, and
    /// `..` stays there.
    World,
    /// The tree is a part of another world, where it was mounted at `seen_at`: whatever leads elsewhere escapes.
    Part {
        /// The path of the tree's root in that world.
        seen_at: &'a FilePath,
    },
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// To something that is not a link.
    Found(FilePath, Stat),
    /// To nothing.
    Missing {
        /// The first part of the way that is not there.
        path: FilePath,
        /// The last link that was followed.
        link: Option<FilePath>,
    },
    /// Out of the tree.
    Escapes {
        /// The link that leads out; `None` where the path itself does.
        link: Option<FilePath>,
        /// What the link says.
        target: Vec<u8>,
    },
    /// Round in circles, or through more links than the kernel follows.
    Loop(FilePath),
}

/// Follows `path` from the directory `start`, links included.
pub fn resolve(
    tree: &dyn Tree,
    start: &FilePath,
    path: impl AsRef<[u8]>,
    bounds: Bounds<'_>,
) -> io::Result<Resolved> {
    let path = path.as_ref();
    let here = if path.starts_with(b"/") { FilePath::root() } else { start.clone() };
    Way { tree, bounds, here, ahead: reversed(path), link: None, target: path.to_vec(), links: 0 }.follow()
}

/// A way that is being followed.
struct Way<'a> {
    tree: &'a dyn Tree,
    bounds: Bounds<'a>,
    here: FilePath,
    /// The parts still to go, the next one last.
    ahead: Vec<Vec<u8>>,
    /// The last link that was followed, and what it said (at first: the path itself).
    link: Option<FilePath>,
    target: Vec<u8>,
    links: usize,
}

impl Way<'_> {
    fn follow(mut self) -> io::Result<Resolved> {
        while let Some(part) = self.ahead.pop() {
            if part == b".." {
                match (self.here.parent(), self.bounds) {
                    (Some(parent), _) => self.here = parent,
                    (None, Bounds::World) => {}
                    (None, Bounds::Part { .. }) => return Ok(self.escapes()),
                }
                continue;
            }
            let next = self.here.join(&part);
            match self.tree.stat(&next)?.map(|stat| stat.kind) {
                Some(Kind::Link) => {
                    if let Some(end) = self.follow_link(next)? {
                        return Ok(end);
                    }
                }
                Some(kind) if kind == Kind::Directory || self.ahead.is_empty() => self.here = next,
                _ => return Ok(Resolved::Missing { path: next, link: self.link }),
            }
        }
        Ok(match self.tree.stat(&self.here)? {
            Some(stat) => Resolved::Found(self.here, stat),
            None => Resolved::Missing { path: self.here, link: self.link },
        })
    }

    /// Puts a link's parts before what is ahead; the end of the way where it cannot be followed.
    fn follow_link(&mut self, link: FilePath) -> io::Result<Option<Resolved>> {
        self.links += 1;
        if self.links > MOST_LINKS {
            return Ok(Some(Resolved::Loop(link)));
        }
        self.target = self.tree.link_target(&link)?;
        self.link = Some(link);
        let mut parts = reversed(&self.target);
        if self.target.starts_with(b"/") {
            self.here = FilePath::root();
            if let Bounds::Part { seen_at } = self.bounds {
                for part in seen_at.parts() {
                    if parts.pop().as_deref() != Some(part) {
                        return Ok(Some(self.escapes()));
                    }
                }
            }
        }
        self.ahead.append(&mut parts);
        Ok(None)
    }

    fn escapes(&self) -> Resolved {
        Resolved::Escapes { link: self.link.clone(), target: self.target.clone() }
    }
}

/// The parts of a path, the first one last; a trailing slash asks for a directory and is not kept.
fn reversed(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|&b| b == b'/').filter(|part| !matches!(*part, b"" | b"."));
    parts.rev().map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;

    fn world(tree: &Memory, path: &str) -> String {
        match resolve(tree, &FilePath::root(), path, Bounds::World).unwrap() {
            Resolved::Found(path, _) => path.to_string(),
            Resolved::Missing { path, link } => {
                format!("missing {path} after {}", link.unwrap_or_default())
            }
            other => format!("{other:?}"),
        }
    }

    fn part(tree: &Memory, path: &str) -> Resolved {
        let seen_at = FilePath::new("/output");
        resolve(tree, &FilePath::root(), path, Bounds::Part { seen_at: &seen_at }).unwrap()
    }

    #[test]
    fn a_world_has_no_outside() {
        let tree = Memory::new()
            .file("usr/lib/a.so", 0o644, b"")
            .link("lib", "usr/lib")
            .link("up", "../../../usr")
            .link("absolute", "/lib/a.so")
            .link("dangling", "nowhere/x");
        assert_eq!(world(&tree, "/lib/a.so"), "/usr/lib/a.so");
        assert_eq!(world(&tree, "up/lib/../lib/a.so"), "/usr/lib/a.so");
        assert_eq!(world(&tree, "absolute"), "/usr/lib/a.so");
        assert_eq!(world(&tree, "dangling"), "missing /nowhere after /dangling");
        assert_eq!(world(&tree, "lib/a.so/x"), "missing /usr/lib/a.so after /lib");
    }

    #[test]
    fn loops_end() {
        let tree = Memory::new().link("a", "b").link("b", "a").link("c", "c/c/c/c");
        for path in ["a", "c", "a/x/y"] {
            assert!(world(&tree, path).starts_with("Loop"), "{path}");
        }
    }

    #[test]
    fn a_part_has_an_outside() {
        let tree = Memory::new()
            .file("app/x", 0o755, b"")
            .link("inside", "/output/app/x")
            .link("etc", "/etc")
            .link("prefix", "/output2/app")
            .link("up", "app/../../etc")
            .link("back", "/output/../etc");
        assert!(matches!(part(&tree, "inside"), Resolved::Found(path, _) if path == FilePath::new("app/x")));
        for escaping in ["etc", "prefix", "up", "back", "etc/passwd"] {
            assert!(matches!(part(&tree, escaping), Resolved::Escapes { link: Some(_), .. }), "{escaping}");
        }
        assert!(matches!(part(&tree, "../x"), Resolved::Escapes { link: None, .. }));
    }
}
