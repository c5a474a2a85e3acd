//! The changes that a file operation makes (BuildKit `FileAction`).

use crate::llb::Output;
use crate::llb::cap;
use crate::wire::pb;
use crate::wire::pb::file_action::Action as Wire;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Copies from another tree.
    Copy(Copy),
    /// Makes a directory.
    Mkdir(Mkdir),
    /// Writes a file.
    Mkfile(Mkfile),
    /// Removes files.
    Remove(Remove),
    /// Makes a symbolic link.
    Symlink(Symlink),
}

/// Who owns what a change writes. By number only: names would be looked up in whatever the tree says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Number of the user.
    pub uid: u32,
    /// Number of the group.
    pub gid: u32,
}

/// The permissions that a copy gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The permission bits, the same for all files and directories.
    Bits(u32),
    /// Symbolic, such as `u=rwX,go=rX`.
    Symbolic(String),
}

/// A copy from another tree.
///
/// The switches start as they are when BuildKit's own client is told nothing: modes, owners and times are kept,
/// a source that is a directory becomes an entry of the destination, and no parent is made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are the wire's independent switches")]
pub struct Copy {
    /// The tree to copy from.
    pub from: Output,
    /// The absolute path in it.
    pub source: String,
    /// The absolute path to copy to; a trailing `/` makes it a directory to copy into.
    pub destination: String,
    /// The owner to give, instead of keeping it.
    pub owner: Option<Owner>,
    /// The permissions to give, instead of keeping them.
    pub mode: Option<Mode>,
    /// The time to give, in nanoseconds since 1970, instead of keeping it.
    pub timestamp: Option<i64>,
    /// Whether a symbolic link as the source is followed.
    pub follow_symlink: bool,
    /// Whether the entries of a source directory are copied, not the directory.
    pub contents_only: bool,
    /// Whether an archive as the source is unpacked.
    pub unpack: bool,
    /// Whether missing parents of the destination are made.
    pub create_parents: bool,
    /// Whether the source may have wildcards.
    pub wildcard: bool,
    /// Whether wildcards may match nothing.
    pub empty_wildcard: bool,
    /// Whether what is in the way is replaced, a file by a directory too.
    pub replace: bool,
    /// Only what matches one of these patterns; none means all.
    pub include: Vec<String>,
    /// Nothing that matches these patterns.
    pub exclude: Vec<String>,
    /// Paths that must exist among those included.
    pub required: Vec<String>,
}

/// A directory to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mkdir {
    path: String,
    mode: u32,
    parents: bool,
    owner: Option<Owner>,
    timestamp: Option<i64>,
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mkfile {
    path: String,
    mode: u32,
    data: Vec<u8>,
    owner: Option<Owner>,
    timestamp: Option<i64>,
}

/// A symbolic link to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symlink {
    target: String,
    path: String,
    owner: Option<Owner>,
    timestamp: Option<i64>,
}

/// Files to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remove {
    path: String,
    allow_missing: bool,
    wildcard: bool,
}

impl Copy {
    /// Copies `source` of the tree `from` to `destination`, both absolute.
    pub fn new(from: &Output, source: impl Into<String>, destination: impl Into<String>) -> Copy {
        Copy {
            from: from.clone(),
            source: source.into(),
            destination: destination.into(),
            owner: None,
            mode: None,
            timestamp: None,
            follow_symlink: false,
            contents_only: false,
            unpack: false,
            create_parents: false,
            wildcard: false,
            empty_wildcard: false,
            replace: false,
            include: Vec::new(),
            exclude: Vec::new(),
            required: Vec::new(),
        }
    }

    /// The same copy with this owner.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Copy {
        self.owner = Some(owner);
        self
    }

    /// The same copy with these permissions.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Copy {
        self.mode = Some(mode);
        self
    }

    /// The same copy with this time, in nanoseconds since 1970.
    #[must_use]
    pub fn timestamp(mut self, nanoseconds: i64) -> Copy {
        self.timestamp = Some(nanoseconds);
        self
    }

    fn caps(&self, caps: &mut Vec<&'static str>) {
        let asked = [
            (cap::FILE_COPY_PATTERNS, !self.include.is_empty() || !self.exclude.is_empty()),
            (cap::FILE_COPY_REQUIRED_PATHS, !self.required.is_empty()),
            (cap::FILE_COPY_ALWAYS_REPLACE, self.replace),
        ];
        caps.extend(asked.into_iter().filter(|(_, asked)| *asked).map(|(cap, _)| cap));
    }

    fn into_wire(self) -> pb::FileActionCopy {
        let (mode, mode_str) = match self.mode {
            None => (-1, String::new()),
            Some(Mode::Bits(bits)) => (wire_mode(bits), String::new()),
            Some(Mode::Symbolic(text)) => (0, text),
        };
        pb::FileActionCopy {
            src: self.source,
            dest: self.destination,
            owner: wire_owner(self.owner),
            mode,
            follow_symlink: self.follow_symlink,
            dir_copy_contents: self.contents_only,
            attempt_unpack_docker_compatibility: self.unpack,
            create_dest_path: self.create_parents,
            allow_wildcard: self.wildcard,
            allow_empty_wildcard: self.empty_wildcard,
            timestamp: wire_time(self.timestamp),
            include_patterns: self.include,
            exclude_patterns: self.exclude,
            always_replace_existing_dest_paths: self.replace,
            mode_str,
            required_paths: self.required,
        }
    }
}

impl Mkdir {
    /// The directory at this absolute path.
    pub fn new(path: impl Into<String>, mode: u32) -> Mkdir {
        Mkdir { path: path.into(), mode, parents: false, owner: None, timestamp: None }
    }

    /// Makes missing parents too, and leaves an existing directory as it is.
    #[must_use]
    pub fn parents(mut self) -> Mkdir {
        self.parents = true;
        self
    }

    /// The owner; root without it.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Mkdir {
        self.owner = Some(owner);
        self
    }

    /// The time, in nanoseconds since 1970; the time of the build without it.
    #[must_use]
    pub fn timestamp(mut self, nanoseconds: i64) -> Mkdir {
        self.timestamp = Some(nanoseconds);
        self
    }
}

impl Mkfile {
    /// The file at this absolute path, whose parent must exist.
    pub fn new(path: impl Into<String>, mode: u32, data: impl Into<Vec<u8>>) -> Mkfile {
        Mkfile { path: path.into(), mode, data: data.into(), owner: None, timestamp: None }
    }

    /// The owner; root without it.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Mkfile {
        self.owner = Some(owner);
        self
    }

    /// The time, in nanoseconds since 1970; the time of the build without it.
    #[must_use]
    pub fn timestamp(mut self, nanoseconds: i64) -> Mkfile {
        self.timestamp = Some(nanoseconds);
        self
    }
}

impl Symlink {
    /// The link at the absolute path `path` that says `target`.
    pub fn new(path: impl Into<String>, target: impl Into<String>) -> Symlink {
        Symlink { target: target.into(), path: path.into(), owner: None, timestamp: None }
    }

    /// The owner; root without it.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Symlink {
        self.owner = Some(owner);
        self
    }

    /// The time, in nanoseconds since 1970; the time of the build without it.
    #[must_use]
    pub fn timestamp(mut self, nanoseconds: i64) -> Symlink {
        self.timestamp = Some(nanoseconds);
        self
    }
}

impl Remove {
    /// The file or the directory at this absolute path.
    pub fn new(path: impl Into<String>) -> Remove {
        Remove { path: path.into(), allow_missing: false, wildcard: false }
    }

    /// Nothing to remove is no error.
    #[must_use]
    pub fn allow_missing(mut self) -> Remove {
        self.allow_missing = true;
        self
    }

    /// The path may have wildcards.
    #[must_use]
    pub fn wildcard(mut self) -> Remove {
        self.wildcard = true;
        self
    }
}

impl Action {
    /// The tree that is copied from; the empty tree where nothing is copied.
    pub(super) fn source(&self) -> &Output {
        const NOTHING: &Output = &Output::scratch();
        match self {
            Action::Copy(copy) => &copy.from,
            _ => NOTHING,
        }
    }

    pub(super) fn caps(&self, caps: &mut Vec<&'static str>) {
        match self {
            Action::Copy(copy) => copy.caps(caps),
            Action::Remove(Remove { wildcard: true, .. }) => caps.push(cap::FILE_RM_WILDCARD),
            Action::Symlink(_) => caps.push(cap::FILE_SYMLINK_CREATE),
            Action::Remove(_) | Action::Mkdir(_) | Action::Mkfile(_) => {}
        }
    }

    pub(super) fn into_wire(self) -> Wire {
        match self {
            Action::Copy(copy) => Wire::Copy(copy.into_wire()),
            Action::Mkdir(mkdir) => Wire::Mkdir(pb::FileActionMkDir {
                path: mkdir.path,
                mode: wire_mode(mkdir.mode),
                make_parents: mkdir.parents,
                owner: wire_owner(mkdir.owner),
                timestamp: wire_time(mkdir.timestamp),
            }),
            Action::Mkfile(mkfile) => Wire::Mkfile(pb::FileActionMkFile {
                path: mkfile.path,
                mode: wire_mode(mkfile.mode),
                data: mkfile.data,
                owner: wire_owner(mkfile.owner),
                timestamp: wire_time(mkfile.timestamp),
            }),
            Action::Symlink(symlink) => Wire::Symlink(pb::FileActionSymlink {
                oldpath: symlink.target,
                newpath: symlink.path,
                owner: wire_owner(symlink.owner),
                timestamp: wire_time(symlink.timestamp),
            }),
            Action::Remove(remove) => Wire::Rm(pb::FileActionRm {
                path: remove.path,
                allow_not_found: remove.allow_missing,
                allow_wildcard: remove.wildcard,
            }),
        }
    }
}

macro_rules! actions {
    ($($name:ident),*) => {
        $(impl From<$name> for Action {
            fn from(action: $name) -> Action {
                Action::$name(action)
            }
        })*
    };
}

actions!(Copy, Mkdir, Mkfile, Remove, Symlink);

/// An unset time is -1 on the wire; 0 would be 1970.
fn wire_time(timestamp: Option<i64>) -> i64 {
    timestamp.unwrap_or(-1)
}

/// Only the permission bits and set-user, set-group and sticky exist in a mode.
fn wire_mode(bits: u32) -> i32 {
    i32::try_from(bits & 0o7777).unwrap_or_default()
}

fn wire_owner(owner: Option<Owner>) -> Option<pb::ChownOpt> {
    let id = |id| Some(pb::UserOpt { user: Some(pb::user_opt::User::ById(id)) });
    owner.map(|owner| pb::ChownOpt { user: id(owner.uid), group: id(owner.gid) })
}
