//! Changes to a tree that run nothing: one layer of files (BuildKit `FileOp`).

use super::action::{Action, Copy, Mkdir, Mkfile, Remove, Symlink};
use super::{Inputs, NONE, Operation, wire_index, wire_op};
use crate::llb::cap;
use crate::llb::{Graph, Meta, Output};
use crate::wire::pb;

/// A tree with changes, which together are one layer; without changes, the tree itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    base: Output,
    actions: Vec<Action>,
}

impl File {
    /// Changes to `base`.
    pub fn on(base: &Output) -> File {
        File { base: base.clone(), actions: Vec::new() }
    }

    /// Changes to the empty tree.
    pub fn on_scratch() -> File {
        File::on(&Output::scratch())
    }

    /// One more change, after all others.
    #[must_use]
    pub fn then(mut self, action: impl Into<Action>) -> File {
        self.actions.push(action.into());
        self
    }

    /// A directory more.
    #[must_use]
    pub fn mkdir(self, mkdir: Mkdir) -> File {
        self.then(mkdir)
    }

    /// A file more, or another in its place.
    #[must_use]
    pub fn mkfile(self, mkfile: Mkfile) -> File {
        self.then(mkfile)
    }

    /// A symbolic link more.
    #[must_use]
    pub fn symlink(self, symlink: Symlink) -> File {
        self.then(symlink)
    }

    /// A copy from another tree.
    #[must_use]
    pub fn copy(self, copy: Copy) -> File {
        self.then(copy)
    }

    /// Some files less.
    #[must_use]
    pub fn remove(self, remove: Remove) -> File {
        self.then(remove)
    }
}

impl Operation for File {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        if self.actions.is_empty() {
            return self.base;
        }
        let mut inputs = Inputs::default();
        let base = inputs.index(&self.base);
        let secondary: Vec<i64> = self.actions.iter().map(|action| inputs.index(action.source())).collect();
        let mut caps = vec![cap::FILE_BASE];
        for action in &self.actions {
            action.caps(&mut caps);
        }
        let (count, last) = (inputs.0.len(), self.actions.len() - 1);
        let actions = self.actions.into_iter().zip(secondary).enumerate();
        let actions = actions.map(|(number, (action, secondary_input))| pb::FileAction {
            // Each action works on what the one before it gave.
            input: if number == 0 { base } else { wire_index(count + number - 1) },
            secondary_input,
            output: if number == last { 0 } else { NONE },
            action: Some(action.into_wire()),
        });
        let op = pb::op::Op::File(pb::FileOp { actions: actions.collect() });
        let op = wire_op(inputs, None, op);
        Output::of(graph.insert(&op, caps, meta.into_wire()), 0)
    }
}
