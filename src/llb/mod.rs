//! A content-addressed graph of build operations that marshals to a BuildKit definition.
//!
//! An operation that is added to a [`Graph`] is encoded at once, and its SHA-256 is its name. What it gives is an
//! [`Output`], which later operations take as input; so a graph has no circles and inputs always exist before
//! their users. Adding the same operation twice gives the same output.

pub mod cap;
mod graph;
mod import;
mod meta;
mod op;
mod output;

pub use cap::required_caps;
pub use graph::{Graph, UnknownOutput};
pub use import::ImportError;
pub use meta::{Group, Location, Meta};
pub use op::{
    Action, Bind, Blob, Build, Cache, ContentCache, Copy, Diff, Exec, Execution, File, Git, GitUrlError,
    Http, Image, Lent, Local, Merge, Mkdir, Mkfile, Mode, Mount, Network, NoOutput, OciLayout, Operation,
    Owner, Passthrough, Remove, ResolveMode, Root, Security, Sharing, Source, Symlink, Tmpfs,
};
pub use output::Output;
