//! The nodes of a plan as operations: images, files, and the steps of builders.

use super::{Broken, Lowering, Rerun};
use crate::facts::{ImageFact, literal};
use crate::llb::{Copy, Exec, Execution, File, Meta, Mkdir, Mkfile, Mount, Network, Output, Root, Sharing};
use crate::plan::{
    self, Access, Compartment, FileEdit, Files, Node, NodeId, SecretTarget, Selection, Step, Tree,
};

/// What a node became.
pub(super) enum LoweredNode {
    /// One tree.
    Tree(Output),
    /// A step, whose trees are found by their paths.
    Step(Execution),
}

impl LoweredNode {
    /// The tree of a node that is one.
    pub(super) fn root(&self) -> Option<Output> {
        match self {
            LoweredNode::Tree(output) => Some(output.clone()),
            LoweredNode::Step(_) => None,
        }
    }

    /// What a step wrote below one of its output mounts.
    pub(super) fn output(&self, path: &str) -> Result<Output, Broken> {
        match self {
            LoweredNode::Tree(_) => Err(Broken(format!("a tree has no output {path}"))),
            LoweredNode::Step(step) => Ok(step.output(path)?),
        }
    }
}

impl Lowering<'_> {
    /// Lowers every node; each comes after those that it uses.
    pub(super) fn nodes(&mut self) -> Result<(), Broken> {
        let plan = self.plan;
        let steps = plan.nodes.iter().filter(|node| matches!(node, Node::Step(_))).count();
        let mut number = 0;
        for node in &plan.nodes {
            let lowered = match node {
                Node::Image(image) => LoweredNode::Tree(self.image(image)?),
                Node::Context(selection) => LoweredNode::Tree(self.selection(selection)),
                Node::Files(files) => LoweredNode::Tree(self.files(files)?),
                Node::Step(step) => {
                    number += 1;
                    LoweredNode::Step(self.step(step, format_args!("builder {number}/{steps}"))?)
                }
            };
            self.lowered.push(lowered);
        }
        Ok(())
    }

    pub(super) fn image(&mut self, image: &ImageFact) -> Result<Output, Broken> {
        self.pull(image, false)
    }

    /// The same; `anew` where no cache is to stand in for what the image's registry has.
    pub(super) fn pull(&mut self, image: &ImageFact, anew: bool) -> Result<Output, Broken> {
        if let Some(replacement) = &image.replacement {
            return Ok(self.graph.import(&replacement.tree)?);
        }
        let name = self.name_for(&image.platform, "internal", format_args!("pull {}", image.pinned()));
        let meta = Meta::named(name).ignoring_cache(anew);
        Ok(self.graph.add(image.source(), meta))
    }

    /// A part of the context: the whole of it as it is, anything less as a copy.
    fn selection(&mut self, selection: &Selection) -> Output {
        let whole = selection.paths.iter().any(plan_root);
        let part = self.context.part(selection);
        let exclude = part.remaining(selection);
        if whole && exclude.is_empty() {
            return part.output.clone();
        }
        let mut copy = Copy::new(&part.output, "/", "/");
        copy.contents_only = true;
        copy.include = if whole { Vec::new() } else { selection.paths.iter().map(literal).collect() };
        copy.exclude = exclude;
        let meta = self.meta("[internal] select files of the build context".to_owned(), None);
        self.graph.add(File::on_scratch().copy(copy), meta)
    }

    fn files(&mut self, files: &Files) -> Result<Output, Broken> {
        let mut made = std::collections::BTreeSet::new();
        let mut operation = File::on(&self.tree(&files.over)?);
        for edit in &files.edits {
            if let Some(parent) = parent(edit_path(edit)).filter(|parent| made.insert(parent.to_owned())) {
                operation = operation.mkdir(Mkdir::new(parent, 0o755).parents());
            }
            operation = match edit {
                FileEdit::Directory { path, mode } => operation.mkdir(Mkdir::new(path, *mode).parents()),
                FileEdit::File { path, mode, content } => {
                    operation.mkfile(Mkfile::new(path, *mode, content.clone()))
                }
                FileEdit::Copy { tree, from, to, exclude } => {
                    let mut copy = Copy::new(&self.tree(tree)?, from, to);
                    copy.contents_only = true;
                    copy.follow_symlink = true;
                    copy.exclude.clone_from(exclude);
                    operation.copy(copy)
                }
            };
        }
        let meta = self.meta(format!("[internal] {}", files.name), files.span);
        Ok(self.graph.add(operation, meta))
    }

    fn step(&mut self, step: &Step, stage: std::fmt::Arguments<'_>) -> Result<Execution, Broken> {
        let (network, offline) = match step.compartment {
            Compartment::Fetch => (Network::Sandbox, ""),
            Compartment::Compile => (Network::None, " (offline)"),
        };
        let trees = step.mounts.iter().map(|mount| self.mount(mount)).collect::<Result<Vec<_>, _>>()?;
        let options = &self.setting.steps;
        let caches = step.caches.iter().map(|cache| {
            let sharing = if cache.exclusive { Sharing::Locked } else { Sharing::Shared };
            // What a registry's cache brought may get into it: builds that import none do not see that.
            let apart = !cache.exclusive && self.setting.rerun >= Rerun::Inspection;
            let id = if apart { format!("{}-imported", cache.id) } else { cache.id.clone() };
            Mount::cache(options.cache_id(&id), &cache.at, sharing).into()
        });
        let exec = Exec::new(self.platform_of(&step.root), step.script.argv())
            .root(&self.tree(&step.root)?, Root::Output)
            .cwd(&step.directory)
            .network(network)
            .envs(self.root_env(&step.root).chain(step.env.iter().map(|(name, value)| (&**name, &**value))))
            .mounts(trees.into_iter().chain(caches).chain([Mount::tmpfs("/tmp").into()]));
        let exec = options.apply(secrets(exec, step), step.compartment);
        let meta = self.meta(self.name(stage, format_args!("{}{offline}", step.name)), step.span);
        let rerun = meta.ignore_cache || self.setting.steps.reruns(step);
        let meta = meta.ignoring_cache(rerun);
        Ok(self.graph.add(exec, meta))
    }

    fn mount(&self, mount: &plan::Mount) -> Result<Mount, Broken> {
        let tree = self.tree(&mount.tree)?;
        let bind = match mount.access {
            Access::ReadOnly => Mount::read_only(&tree, &mount.at),
            Access::Discarded => Mount::discarded(&tree, &mount.at),
            Access::Output => Mount::output(&mount.at).from(&tree),
        };
        Ok(Mount::from(if mount.selector.is_empty() { bind } else { bind.selector(&mount.selector) }))
    }

    /// The image at the bottom of a builder's root: packages may lie over it.
    fn root_image(&self, tree: &Tree) -> Option<&ImageFact> {
        let (Tree::Root(NodeId(id)) | Tree::Output(NodeId(id), _)) = tree else { return None };
        match self.plan.nodes.get(*id)? {
            Node::Image(image) => Some(image),
            Node::Step(step) => self.root_image(&step.root),
            _ => None,
        }
    }

    fn root_env(&self, tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
        self.root_image(tree).into_iter().flat_map(|image| image.config.env())
    }

    fn platform_of(&self, tree: &Tree) -> &crate::name::Platform {
        self.root_image(tree).map_or(self.build_platform(), |image| &image.platform)
    }
}

fn plan_root(path: &crate::name::ContextPath) -> bool {
    path.is_root()
}

fn secrets(mut exec: Exec, step: &Step) -> Exec {
    for secret in &step.secrets {
        exec = match &secret.target {
            SecretTarget::Env(name) => exec.secret_env(&secret.id, name, !secret.required),
            SecretTarget::File(path) => {
                let mount = Mount::secret(&secret.id, path);
                exec.mount(if secret.required { mount } else { mount.optional() })
            }
        };
    }
    for (index, id) in step.ssh.iter().enumerate() {
        let socket = format!("/run/buildkit/ssh_agent.{index}");
        if index == 0 {
            exec = exec.env("SSH_AUTH_SOCK", &socket);
        }
        exec = exec.mount(Mount::ssh(id, socket));
    }
    exec
}

fn edit_path(edit: &FileEdit) -> &str {
    match edit {
        FileEdit::Directory { path, .. } | FileEdit::File { path, .. } | FileEdit::Copy { to: path, .. } => {
            path
        }
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent).filter(|parent| !parent.is_empty())
}
