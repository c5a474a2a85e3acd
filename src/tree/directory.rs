//! A directory on disk as a tree: reached part by part from its root, through no link.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fgetxattr_query, openat, readlinkat, statat};
use rustix::io::Errno;

use super::{Content, FilePath, Kind, Stat, Tree};

const SEARCH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// As many directories as are kept open: a tree may be deeper than a process may open files.
const MOST_OPEN: usize = 64;

/// A directory on disk, used as the root of a tree.
#[derive(Debug)]
pub struct Directory {
    root: Arc<OwnedFd>,
    /// The way from the root to the directory used last: the next one is nearly always near it.
    way: Mutex<Vec<(Vec<u8>, Arc<OwnedFd>)>>,
}

impl Directory {
    /// The tree below an existing directory.
    pub fn open(root: &Path) -> io::Result<Directory> {
        let root = openat(CWD, root, SEARCH.difference(OFlags::NOFOLLOW), Mode::empty())?;
        Ok(Directory { root: Arc::new(root), way: Mutex::default() })
    }

    /// The open directory at a path.
    fn directory(&self, path: &FilePath) -> Result<Arc<OwnedFd>, Errno> {
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        let common = way.iter().zip(path.parts()).take_while(|((name, _), part)| name == part).count();
        way.truncate(common);
        let mut at = Arc::clone(way.last().map_or(&self.root, |(_, directory)| directory));
        for part in path.parts().skip(common) {
            at = Arc::new(openat(&at, part, SEARCH, Mode::empty())?);
            if way.len() < MOST_OPEN {
                way.push((part.to_vec(), Arc::clone(&at)));
            }
        }
        Ok(at)
    }

    /// The directory that holds a path, and the name in it; `.` for the root.
    fn holder<'a>(&self, path: &'a FilePath) -> Result<(Arc<OwnedFd>, &'a [u8]), Errno> {
        match path.parent() {
            Some(parent) => Ok((self.directory(&parent)?, path.name())),
            None => Ok((Arc::clone(&self.root), b".")),
        }
    }

    /// A regular file, open for reading; never waits for a writer of a pipe.
    fn file(&self, path: &FilePath) -> io::Result<File> {
        let (holder, name) = self.holder(path)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat(&holder, name, flags, Mode::empty())?);
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{path} is not a regular file")))
        }
    }
}

impl Tree for Directory {
    fn stat(&self, path: &FilePath) -> io::Result<Option<Stat>> {
        let found =
            self.holder(path).and_then(|(holder, name)| statat(&holder, name, AtFlags::SYMLINK_NOFOLLOW));
        match found {
            Ok(stat) => Ok(Some(Stat {
                kind: kind(FileType::from_raw_mode(stat.st_mode)),
                mode: stat.st_mode & 0o7777,
                uid: stat.st_uid,
                gid: stat.st_gid,
                size: u64::try_from(stat.st_size).unwrap_or_default(),
            })),
            // A name that is too long cannot be there; a parent that is a link or a file has nothing below it.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, path: &FilePath) -> io::Result<Vec<Vec<u8>>> {
        let at = self.directory(path)?;
        let mut names = Vec::new();
        let listed = openat(&at, c".", SEARCH.difference(OFlags::PATH), Mode::empty())?;
        for entry in Dir::new(listed)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                names.push(name.to_vec());
            }
        }
        names.sort();
        Ok(names)
    }

    fn link_target(&self, path: &FilePath) -> io::Result<Vec<u8>> {
        let (holder, name) = self.holder(path)?;
        Ok(readlinkat(&holder, name, Vec::new())?.into_bytes())
    }

    fn open(&self, path: &FilePath) -> io::Result<Box<dyn Content>> {
        Ok(Box::new(self.file(path)?))
    }
}

impl Content for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match FileExt::read_at(self, &mut buffer[done..], offset.saturating_add(done as u64)) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn has_capabilities(&self) -> io::Result<bool> {
        match fgetxattr_query(self, "security.capability") {
            Ok(length) => Ok(length > 0),
            Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn kind(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Special("named pipe"),
        FileType::Socket => Kind::Special("socket"),
        FileType::CharacterDevice => Kind::Special("character device"),
        FileType::BlockDevice => Kind::Special("block device"),
        FileType::Unknown => Kind::Special("file of an unknown kind"),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::tree::{Bounds, Resolved, resolve, walk};

    #[test]
    fn nothing_is_reached_through_a_link() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let inside = tempfile::tempdir().unwrap();
        symlink(outside.path(), inside.path().join("door")).unwrap();
        symlink("/", inside.path().join("root")).unwrap();
        fs::write(inside.path().join("etc"), "mine").unwrap();
        let tree = Directory::open(inside.path()).unwrap();
        let secret = FilePath::new("door/secret");
        assert_eq!(tree.stat(&secret).unwrap(), None);
        assert!(tree.open(&secret).is_err() && tree.list(&FilePath::new("door")).is_err());
        assert!(tree.open(&FilePath::new("door")).is_err(), "a link is not opened");
        let to = resolve(&tree, &FilePath::root(), "root/etc", Bounds::World).unwrap();
        assert!(matches!(to, Resolved::Found(path, _) if path == FilePath::new("etc")));
        assert_eq!(walk(&tree, &FilePath::root()).unwrap().len(), 3);
    }

    #[test]
    fn names_need_not_be_text_and_pipes_do_not_block() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(OsStr::from_bytes(b"a\xff")), "x").unwrap();
        rustix::fs::mkfifoat(CWD, root.path().join("pipe"), Mode::RWXU).unwrap();
        let tree = Directory::open(root.path()).unwrap();
        assert_eq!(tree.list(&FilePath::root()).unwrap(), [b"a\xff".to_vec(), b"pipe".to_vec()]);
        assert!(tree.open(&FilePath::new("pipe")).is_err());
        assert_eq!(
            tree.stat(&FilePath::new("pipe")).unwrap().map(|stat| stat.kind),
            Some(Kind::Special("named pipe"))
        );
        let name = FilePath::new(b"a\xff");
        assert!(!tree.open(&name).unwrap().has_capabilities().unwrap());
        assert_eq!(crate::tree::read_file(&tree, &name, 1).unwrap(), b"x");
        assert!(crate::tree::read_file(&tree, &name, 0).is_err());
        assert_eq!(tree.stat(&FilePath::new([b'n'; 300])).unwrap(), None);
    }

    #[test]
    fn a_tree_deeper_than_what_is_kept_open_is_reached_everywhere() {
        let root = tempfile::tempdir().unwrap();
        let deep = vec!["d"; 3 * MOST_OPEN].join("/");
        fs::create_dir_all(root.path().join(&deep)).unwrap();
        fs::create_dir_all(root.path().join("d/d/e")).unwrap();
        fs::write(root.path().join(&deep).join("x"), "1").unwrap();
        fs::write(root.path().join("d/d/e/x"), "23").unwrap();
        let tree = Directory::open(root.path()).unwrap();
        let size =
            |directory: &str| tree.stat(&FilePath::new(directory).join(b"x")).unwrap().map(|stat| stat.size);
        for _ in 0..2 {
            assert_eq!((size(&deep), size("d/d/e"), size("d/d")), (Some(1), Some(2), None));
        }
        assert_eq!(walk(&tree, &FilePath::root()).unwrap().len(), 3 * MOST_OPEN + 3);
    }
}
