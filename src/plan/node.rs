//! The nodes of a plan: images, files of the context, made-up files, and the steps of builders.

use std::sync::Arc;

use crate::facts::ImageFact;
use crate::name::ContextPath;
use crate::text::Span;

/// One node of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// The file system of a pinned image.
    Image(Box<ImageFact>),
    /// Files of the build context.
    Context(Selection),
    /// Files that the plan makes up or picks from other trees.
    Files(Files),
    /// A process in a builder.
    Step(Step),
}

/// A node of the plan that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// A file system that some node provides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// Nothing.
    Scratch,
    /// What an image, the context or made-up files are.
    Root(NodeId),
    /// What a step wrote below one of its output mounts.
    Output(NodeId, String),
}

/// A part of the build context; nothing else of the context is seen, so nothing else invalidates a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Files, and directories with everything in them.
    pub paths: Vec<ContextPath>,
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
}

/// Files that are made or picked, in order, over a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// What they are, for people.
    pub name: String,
    /// What they lie over.
    pub over: Tree,
    /// The edits.
    pub edits: Vec<FileEdit>,
    /// Where the manifest asks for them.
    pub span: Option<Span>,
}

/// One edit of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileEdit {
    /// A directory and its parents.
    Directory {
        /// Absolute path.
        path: String,
        /// Permission bits.
        mode: u32,
    },
    /// A file with this content; its parents are made.
    File {
        /// Absolute path.
        path: String,
        /// Permission bits.
        mode: u32,
        /// The content.
        content: Vec<u8>,
    },
    /// A file or directory of another tree; parents are made.
    Copy {
        /// The other tree.
        tree: Tree,
        /// Absolute path there.
        from: String,
        /// Absolute path here.
        to: String,
        /// Patterns of what is left out, relative to `from`.
        exclude: Vec<String>,
    },
}

/// Which side of the wall between network and application code a step stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compartment {
    /// Has network and secrets, sees only manifests and lock files.
    Fetch,
    /// Sees the source, has neither network nor secrets.
    Compile,
}

/// A process in a builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does, for people.
    pub name: String,
    /// Its compartment.
    pub compartment: Compartment,
    /// The file system that it runs in; what it changes there is seen only by steps that run in its output `/`.
    pub root: Tree,
    /// What it runs.
    pub script: Script,
    /// Where it runs.
    pub directory: String,
    /// Its environment, over the image's.
    pub env: Arc<Vec<(String, String)>>,
    /// What it sees besides its root.
    pub mounts: Vec<Mount>,
    /// Directories that stay on the daemon from build to build; nothing may depend on them.
    pub caches: Vec<Cache>,
    /// Secrets; only fetch steps have any.
    pub secrets: Vec<Secret>,
    /// The agents that ssh may ask; only fetch steps have any.
    pub ssh: Vec<String>,
    /// Where the manifest asks for it.
    pub span: Option<Span>,
}

/// What a step runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// A program with its arguments.
    Program(Vec<String>),
    /// A shell script with its arguments; values reach it as arguments, never as text of the script.
    Shell {
        /// The script.
        text: String,
        /// `$1`, `$2`, …
        arguments: Vec<String>,
    },
}

/// A tree at a place in a step's file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The tree.
    pub tree: Tree,
    /// A directory of the tree; empty for its root.
    pub selector: String,
    /// Absolute path.
    pub at: String,
    /// What may be done there.
    pub access: Access,
}

/// What a step may do with a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Look.
    ReadOnly,
    /// Write, but the changes are dropped.
    Discarded,
    /// Write, and others may use what comes out.
    Output,
}

/// A directory that stays on the daemon from build to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Its name on the daemon: it holds project and toolchain, so that no other build shares it.
    pub id: String,
    /// Absolute path.
    pub at: String,
    /// Whether a step waits until no other uses it. One that is not exclusive may also get what layers bring, so that of
    /// builds with imported caches is another.
    pub exclusive: bool,
}

/// A secret of a fetch step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its id, as given to the client.
    pub id: String,
    /// Where it appears.
    pub target: SecretTarget,
    /// Whether the build fails without it.
    pub required: bool,
    /// Where the manifest asks for it.
    pub span: Span,
}

/// Where a secret appears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretTarget {
    /// As a file.
    File(String),
    /// As an environment variable.
    Env(String),
}

/// Whether a step may use the network: a matter of its compartment alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// It may.
    Open,
    /// It may not.
    None,
}

impl Compartment {
    /// The network of the compartment.
    pub fn network(self) -> Network {
        match self {
            Compartment::Fetch => Network::Open,
            Compartment::Compile => Network::None,
        }
    }
}

impl Script {
    /// The command line.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Script::Program(words) => words.clone(),
            Script::Shell { text, arguments } => {
                let shell = ["/bin/sh", "-euc", text, "sh"].map(str::to_owned);
                shell.into_iter().chain(arguments.iter().cloned()).collect()
            }
        }
    }
}

impl Mount {
    /// A tree to look at.
    pub fn read_only(tree: Tree, at: impl Into<String>) -> Mount {
        Mount { tree, selector: String::new(), at: at.into(), access: Access::ReadOnly }
    }

    /// A tree to write to, whose changes are dropped.
    pub fn discarded(tree: Tree, at: impl Into<String>) -> Mount {
        Mount { access: Access::Discarded, ..Mount::read_only(tree, at) }
    }

    /// A tree to write to, whose changes are kept.
    pub fn output(tree: Tree, at: impl Into<String>) -> Mount {
        Mount { access: Access::Output, ..Mount::read_only(tree, at) }
    }
}
