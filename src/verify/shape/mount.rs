//! The shapes of mounts: trees, caches, memory, secrets and agents, each with its own fields and no others.

use std::collections::BTreeSet;

use super::{Refusal, all_used, clean, input};
use crate::verify::findings::quoted;
use crate::verify::graph::{Link, Vertex};
use crate::wire::pb;

/// The mounts of a step.
#[derive(Debug, Default)]
pub(in crate::verify) struct Mounts<'g> {
    /// Trees, the root among them.
    pub(in crate::verify) binds: Vec<Bind<'g>>,
    /// Directories that stay on the daemon.
    pub(in crate::verify) caches: Vec<Cache<'g>>,
    /// Where secrets and agents appear.
    pub(in crate::verify) secrets: Vec<&'g str>,
    /// Where there is memory.
    pub(in crate::verify) memory: Vec<&'g str>,
    /// Where each output is mounted.
    pub(in crate::verify) outputs: Vec<&'g str>,
}

/// A tree in a step.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::verify) struct Bind<'g> {
    /// Where it is mounted.
    pub(in crate::verify) at: &'g str,
    /// The tree; `None` for an empty one.
    pub(in crate::verify) from: Option<Link>,
    /// A directory of the tree; empty for all of it.
    pub(in crate::verify) selector: &'g str,
    /// What the step may do with it.
    pub(in crate::verify) access: Access,
    /// Whether the step's cache key has what made it alone, and not its content.
    pub(in crate::verify) is_known: bool,
}

/// What a step may do with a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Access {
    /// Look.
    ReadOnly,
    /// Write, but the changes are dropped.
    Discarded,
    /// Write, and this output has the changes.
    Output(usize),
}

/// A directory that stays on the daemon from build to build.
#[derive(Debug)]
pub(in crate::verify) struct Cache<'g> {
    /// Where it is mounted.
    pub(in crate::verify) at: &'g str,
    /// Its name on the daemon.
    pub(in crate::verify) id: &'g str,
}

/// The mounts of a step, each at a place of its own.
pub(super) fn read<'g>(mounts: &'g [pb::Mount], vertex: &Vertex) -> Result<Mounts<'g>, Refusal> {
    let mut read = Mounts::default();
    let mut places = BTreeSet::new();
    for mount in mounts {
        clean(&mount.dest)?;
        if !places.insert(mount.dest.as_str()) {
            return Err(Refusal::shape(format!("mounts twice at {}", quoted(&mount.dest))));
        }
        read.add(mount, vertex)?;
    }
    all_used(vertex, mounts.iter().map(|mount| mount.input))?;
    Ok(read)
}

impl<'g> Mounts<'g> {
    fn add(&mut self, mount: &'g pb::Mount, vertex: &Vertex) -> Result<(), Refusal> {
        let at = mount.dest.as_str();
        let odd = |what: &str| Refusal::shape(format!("has {what} at {} with unknown fields", quoted(at)));
        let is = |expected: pb::Mount, what: &str| {
            if *mount == expected { Ok(()) } else { Err(odd(what)) }
        };
        let bare = |kind: pb::MountType| pb::Mount {
            input: -1,
            dest: mount.dest.clone(),
            mount_type: kind.into(),
            ..Default::default()
        };
        match pb::MountType::try_from(mount.mount_type) {
            Ok(pb::MountType::Bind) => {
                let bind = self.bind(mount, vertex)?;
                self.binds.push(bind);
            }
            Ok(pb::MountType::Cache) => {
                let options = mount.cache_opt.as_ref().ok_or_else(|| odd("a cache"))?;
                pb::CacheSharingOpt::try_from(options.sharing).map_err(|_| odd("a cache"))?;
                let expected =
                    pb::Mount { cache_opt: Some(options.clone()), output: -1, ..bare(pb::MountType::Cache) };
                is(expected, "a cache")?;
                self.caches.push(Cache { at, id: &options.id });
            }
            Ok(pb::MountType::Tmpfs) => {
                let expected =
                    pb::Mount { tmpfs_opt: mount.tmpfs_opt, output: -1, ..bare(pb::MountType::Tmpfs) };
                is(expected, "memory")?;
                self.memory.push(at);
            }
            // The output of secrets and agents means nothing, and BuildKit's client leaves it 0.
            Ok(pb::MountType::Secret) => {
                let options =
                    mount.secret_opt.as_ref().filter(|options| is_private(&options.id, options.mode));
                let options = options.ok_or_else(|| odd("a secret"))?;
                is(
                    pb::Mount { secret_opt: Some(options.clone()), ..bare(pb::MountType::Secret) },
                    "a secret",
                )?;
                self.secrets.push(at);
            }
            Ok(pb::MountType::Ssh) => {
                let options = mount.ssh_opt.as_ref().filter(|options| is_private(&options.id, options.mode));
                let options = options.ok_or_else(|| odd("an agent"))?;
                is(pb::Mount { ssh_opt: Some(options.clone()), ..bare(pb::MountType::Ssh) }, "an agent")?;
                self.secrets.push(at);
            }
            Err(_) => return Err(odd("an unknown kind of mount")),
        }
        Ok(())
    }

    fn bind(&mut self, mount: &'g pb::Mount, vertex: &Vertex) -> Result<Bind<'g>, Refusal> {
        let at = mount.dest.as_str();
        let is_known = mount.content_cache == i32::from(pb::MountContentCache::Off);
        let key = if is_known { pb::MountContentCache::Off } else { pb::MountContentCache::Default };
        let expected = pb::Mount {
            input: mount.input,
            output: mount.output,
            selector: mount.selector.clone(),
            dest: mount.dest.clone(),
            readonly: mount.readonly,
            content_cache: key.into(),
            ..Default::default()
        };
        let access = match (mount.readonly, mount.output) {
            (true, -1) => Access::ReadOnly,
            // The daemon mounts a root without output read-only, whatever is asked for.
            (false, -1) if at == "/" => {
                return Err(Refusal::shape("neither keeps its root nor only reads it"));
            }
            (false, -1) => Access::Discarded,
            // Outputs are numbered in the order of their mounts.
            (false, output) if usize::try_from(output) == Ok(self.outputs.len()) => {
                self.outputs.push(at);
                Access::Output(self.outputs.len() - 1)
            }
            _ => return Err(Refusal::shape(format!("numbers its output at {} wrongly", quoted(at)))),
        };
        let selector = mount.selector.as_str();
        if !selector.is_empty() {
            clean(selector)?;
        }
        let odd_selector = !selector.is_empty() && (at == "/" || matches!(access, Access::Output(_)));
        if *mount != expected || odd_selector {
            return Err(Refusal::shape(format!("mounts a tree at {} with unknown fields", quoted(at))));
        }
        Ok(Bind { at, from: input(vertex, mount.input)?, selector, access, is_known })
    }

    /// The root and the other trees; `None` without a root.
    pub(in crate::verify) fn root(&self) -> Option<&Bind<'g>> {
        self.bind_at("/")
    }

    /// The tree at a place.
    pub(in crate::verify) fn bind_at(&self, at: &str) -> Option<&Bind<'g>> {
        self.binds.iter().find(|bind| bind.at == at)
    }
}

/// Whether a secret or an agent has an id and is for its owner alone.
fn is_private(id: &str, mode: u32) -> bool {
    !id.is_empty() && mode & !0o700 == 0
}
