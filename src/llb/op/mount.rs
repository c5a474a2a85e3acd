//! What a step sees besides its root: trees, caches, memory, secrets, agents (BuildKit `Mount`).

use super::{Inputs, NONE};
use crate::llb::Output;
use crate::llb::cap;
use crate::wire::pb;

/// Something mounted at an absolute path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    /// A tree.
    Bind(Bind),
    /// A directory that lives on between builds.
    Cache(Cache),
    /// Memory.
    Tmpfs(Tmpfs),
    /// A secret as a file, or the socket of an agent.
    Lent(Lent),
}

/// A tree that a step sees, and perhaps changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    pub(super) destination: String,
    pub(super) from: Output,
    pub(super) selector: String,
    pub(super) access: Access,
    pub(super) content: ContentCache,
}

/// What becomes of the changes that a step makes to a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// There can be none.
    ReadOnly,
    /// They are dropped.
    Discarded,
    /// They are an output.
    Output,
}

/// Whether the cache key of a step has the content of a tree rather than the key of what made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContentCache {
    /// As the daemon thinks best: content for trees that are only read.
    #[default]
    Default,
    /// The content.
    On,
    /// The key of what made it.
    Off,
}

/// A directory that lives on between builds; nothing may depend on what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    destination: String,
    id: String,
    sharing: Sharing,
    from: Output,
    selector: String,
}

/// How steps share a cache directory when they run at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// All use it at once.
    Shared,
    /// Each has one of its own.
    Private,
    /// One waits for the other.
    Locked,
}

/// A file system in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    destination: String,
    size: i64,
}

/// What the client lends to a step, as a file that is neither in a layer nor in a cache key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    pub(super) destination: String,
    pub(super) what: Loan,
    id: String,
    uid: u32,
    gid: u32,
    mode: u32,
    optional: bool,
}

/// What a client can lend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loan {
    /// The content of a secret.
    Secret,
    /// The socket of an SSH agent.
    Agent,
}

impl Mount {
    /// A tree that the step cannot change.
    pub fn read_only(from: &Output, destination: impl Into<String>) -> Bind {
        Bind::new(from, destination.into(), Access::ReadOnly)
    }

    /// A tree that the step can change for itself only.
    pub fn discarded(from: &Output, destination: impl Into<String>) -> Bind {
        Bind::new(from, destination.into(), Access::Discarded)
    }

    /// An empty tree that the step fills; its output is found by the same path.
    pub fn output(destination: impl Into<String>) -> Bind {
        Bind::new(&Output::scratch(), destination.into(), Access::Output)
    }

    /// A cache directory; steps with the same id share it.
    pub fn cache(id: impl Into<String>, destination: impl Into<String>, sharing: Sharing) -> Cache {
        let (id, destination) = (id.into(), destination.into());
        Cache { destination, id, sharing, from: Output::scratch(), selector: String::new() }
    }

    /// A file system in memory.
    pub fn tmpfs(destination: impl Into<String>) -> Tmpfs {
        Tmpfs { destination: destination.into(), size: 0 }
    }

    /// The secret of this id as a file, readable by root only.
    pub fn secret(id: impl Into<String>, destination: impl Into<String>) -> Lent {
        Lent::new(Loan::Secret, id.into(), destination.into(), 0o400)
    }

    /// The agent of this id; an empty destination is `/run/buildkit/ssh_agent.N`.
    pub fn ssh(id: impl Into<String>, destination: impl Into<String>) -> Lent {
        Lent::new(Loan::Agent, id.into(), destination.into(), 0o600)
    }
}

impl Bind {
    pub(super) fn new(from: &Output, destination: String, access: Access) -> Bind {
        let (selector, content) = (String::new(), ContentCache::Default);
        Bind { destination, from: from.clone(), selector, access, content }
    }

    /// The tree that is there before the step.
    #[must_use]
    pub fn from(mut self, output: &Output) -> Bind {
        self.from = output.clone();
        self
    }

    /// Only this path of the tree.
    #[must_use]
    pub fn selector(mut self, path: impl Into<String>) -> Bind {
        self.selector = path.into();
        self
    }

    /// Whether the step's cache key has the tree's content.
    #[must_use]
    pub fn content_cache(mut self, content: ContentCache) -> Bind {
        self.content = content;
        self
    }

    pub(super) fn into_wire(self, inputs: &mut Inputs, next_output: &mut u32) -> pb::Mount {
        let output = if self.access == Access::Output {
            *next_output += 1;
            i64::from(*next_output - 1)
        } else {
            NONE
        };
        let content = match self.content {
            ContentCache::Default => pb::MountContentCache::Default,
            ContentCache::On => pb::MountContentCache::On,
            ContentCache::Off => pb::MountContentCache::Off,
        };
        pb::Mount {
            input: inputs.index(&self.from),
            selector: self.selector,
            dest: self.destination,
            output,
            readonly: self.access == Access::ReadOnly,
            content_cache: content.into(),
            ..Default::default()
        }
    }

    fn caps(&self, caps: &mut Vec<&'static str>) {
        let asked = [
            (cap::EXEC_MOUNT_BIND, !self.from.is_scratch()),
            (cap::EXEC_MOUNT_BIND_NO_OUTPUT, self.access == Access::Discarded),
            (cap::EXEC_MOUNT_SELECTOR, !self.selector.is_empty()),
            (cap::EXEC_MOUNT_CONTENT_CACHE, self.content != ContentCache::Default),
        ];
        caps.extend(asked.into_iter().filter(|(_, asked)| *asked).map(|(cap, _)| cap));
    }
}

impl Cache {
    /// What is in the directory the first time.
    #[must_use]
    pub fn from(mut self, output: &Output) -> Cache {
        self.from = output.clone();
        self
    }

    /// Only this path of what is there the first time.
    #[must_use]
    pub fn selector(mut self, path: impl Into<String>) -> Cache {
        self.selector = path.into();
        self
    }

    fn into_wire(self, inputs: &mut Inputs) -> pb::Mount {
        let sharing = match self.sharing {
            Sharing::Shared => pb::CacheSharingOpt::Shared,
            Sharing::Private => pb::CacheSharingOpt::Private,
            Sharing::Locked => pb::CacheSharingOpt::Locked,
        };
        pb::Mount {
            input: inputs.index(&self.from),
            selector: self.selector,
            dest: self.destination,
            output: NONE,
            mount_type: pb::MountType::Cache.into(),
            cache_opt: Some(pb::CacheOpt { id: self.id, sharing: sharing.into() }),
            ..Default::default()
        }
    }
}

impl Tmpfs {
    /// The most bytes it can hold.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Tmpfs {
        self.size = i64::try_from(bytes).unwrap_or(i64::MAX);
        self
    }

    fn into_wire(self) -> pb::Mount {
        pb::Mount {
            input: NONE,
            dest: self.destination,
            output: NONE,
            mount_type: pb::MountType::Tmpfs.into(),
            tmpfs_opt: Some(pb::TmpfsOpt { size: self.size }),
            ..Default::default()
        }
    }
}

impl Lent {
    fn new(what: Loan, id: String, destination: String, mode: u32) -> Lent {
        Lent { destination, what, id, uid: 0, gid: 0, mode, optional: false }
    }

    /// The owner of the file; root without it.
    #[must_use]
    pub fn owner(mut self, uid: u32, gid: u32) -> Lent {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    /// The permissions of the file.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Lent {
        self.mode = mode;
        self
    }

    /// The step runs without the file if the client has nothing to lend.
    #[must_use]
    pub fn optional(mut self) -> Lent {
        self.optional = true;
        self
    }

    fn into_wire(self) -> pb::Mount {
        let Lent { destination, what, id, uid, gid, mode, optional } = self;
        let mount = pb::Mount { input: NONE, dest: destination, ..Default::default() };
        match what {
            Loan::Secret => pb::Mount {
                mount_type: pb::MountType::Secret.into(),
                secret_opt: Some(pb::SecretOpt { id, uid, gid, mode, optional }),
                ..mount
            },
            Loan::Agent => pb::Mount {
                mount_type: pb::MountType::Ssh.into(),
                ssh_opt: Some(pb::SshOpt { id, uid, gid, mode, optional }),
                ..mount
            },
        }
    }
}

impl Mount {
    /// The absolute path that it is mounted at.
    pub fn destination(&self) -> &str {
        match self {
            Mount::Bind(bind) => &bind.destination,
            Mount::Cache(cache) => &cache.destination,
            Mount::Tmpfs(tmpfs) => &tmpfs.destination,
            Mount::Lent(lent) => &lent.destination,
        }
    }

    /// Where it comes in the order of mounts: trees, caches and memory by path, then secrets, then agents.
    pub(super) fn order(&self) -> (u8, &str) {
        match self {
            Mount::Bind(_) | Mount::Cache(_) | Mount::Tmpfs(_) => (0, self.destination()),
            Mount::Lent(Lent { what: Loan::Secret, .. }) => (1, ""),
            Mount::Lent(Lent { what: Loan::Agent, .. }) => (2, ""),
        }
    }

    /// Whether it is the socket of an agent.
    pub(super) fn is_agent(&self) -> bool {
        matches!(self, Mount::Lent(Lent { what: Loan::Agent, .. }))
    }

    pub(super) fn into_wire(self, inputs: &mut Inputs, next_output: &mut u32) -> pb::Mount {
        match self {
            Mount::Bind(bind) => bind.into_wire(inputs, next_output),
            Mount::Cache(cache) => cache.into_wire(inputs),
            Mount::Tmpfs(tmpfs) => tmpfs.into_wire(),
            Mount::Lent(lent) => lent.into_wire(),
        }
    }

    pub(super) fn caps(&self, caps: &mut Vec<&'static str>) {
        match self {
            Mount::Bind(bind) => bind.caps(caps),
            Mount::Cache(cache) => {
                caps.extend([cap::EXEC_MOUNT_CACHE, cap::EXEC_MOUNT_CACHE_SHARING]);
                caps.extend((!cache.selector.is_empty()).then_some(cap::EXEC_MOUNT_SELECTOR));
            }
            Mount::Tmpfs(tmpfs) => {
                caps.push(cap::EXEC_MOUNT_TMPFS);
                caps.extend((tmpfs.size > 0).then_some(cap::EXEC_MOUNT_TMPFS_SIZE));
            }
            Mount::Lent(lent) => caps.push(match lent.what {
                Loan::Secret => cap::EXEC_MOUNT_SECRET,
                Loan::Agent => cap::EXEC_MOUNT_SSH,
            }),
        }
    }
}

macro_rules! mounts {
    ($($name:ident),*) => {
        $(impl From<$name> for Mount {
            fn from(mount: $name) -> Mount {
                Mount::$name(mount)
            }
        })*
    };
}

mounts!(Bind, Cache, Tmpfs, Lent);
