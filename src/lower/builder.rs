//! The builder as its last step left it, for people who want to look around in it.

use super::{Broken, Lowering};
use crate::llb::{Copy, File, Meta, Mkdir, Output};
use crate::plan::{Access, Compartment, Node};

impl Lowering<'_> {
    /// The last compile step's root with its mounts' trees in their places; `None` where nothing is compiled.
    pub(super) fn builder(&mut self) -> Result<Option<Output>, Broken> {
        let last = self.plan.nodes.iter().enumerate().rev().find_map(|(index, node)| match node {
            Node::Step(step) if step.compartment == Compartment::Compile => Some((index, step)),
            _ => None,
        });
        let Some((index, step)) = last else { return Ok(None) };
        let lowered = &self.lowered[index];
        let mut files = File::on(&lowered.output("/")?);
        let mut filled = false;
        for mount in &step.mounts {
            let tree = match mount.access {
                Access::Output => lowered.output(&mount.at)?,
                Access::ReadOnly | Access::Discarded => self.tree(&mount.tree)?,
            };
            if tree.is_scratch() {
                continue;
            }
            let from = if mount.selector.is_empty() { "/" } else { &mount.selector };
            let mut copy = Copy::new(&tree, from, &mount.at);
            copy.contents_only = true;
            files = files.mkdir(Mkdir::new(&mount.at, 0o755).parents()).copy(copy);
            filled = true;
        }
        let root = lowered.output("/")?;
        let meta = Meta::named(self.name("builder", "collect the builder's file system"));
        Ok(Some(if filled { self.graph.add(files, meta) } else { root }))
    }
}
