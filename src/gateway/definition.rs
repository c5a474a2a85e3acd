//! The definition file and the ignore file, read from the client or from the context.

use super::bridge::Bridge;
use super::context::{BuildContext, local};
use super::failure::Failure;
use super::options::Options;
use crate::llb::{Graph, Meta};
use crate::manifest;
use crate::text::Source;
use crate::wire::{decode_op, pb};
use crate::yaml;

/// The definition file, and what its reading brought with it.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// The file.
    pub(super) source: Source,
    /// The file as the daemon's source maps want it.
    pub(super) info: pb::SourceInfo,
    /// The operation that read it, to which warnings are attached.
    pub(super) vertex: String,
    /// What the client is told not to send.
    pub(super) exclude: Vec<String>,
}

/// Reads the definition file and the ignore file, from wherever the build's files come.
pub(super) async fn load(
    bridge: &Bridge,
    options: &Options,
    context: &BuildContext,
) -> Result<Definition, Failure> {
    let name = context.definition_name(options);
    let own_ignore = format!("{name}.dockerignore");
    let definition = match &context.definition {
        Some(tree) => tree.clone(),
        None => client_directory(options, name, &own_ignore)?,
    };
    let files = async {
        let tree = bridge.solve(definition.clone()).await?;
        // A byte more than is looked at tells that there are too many; of a whole file of 16 MiB the daemon gives nothing.
        let most = u32::try_from(yaml::MAX_BYTES).unwrap_or(u32::MAX).saturating_add(1);
        tokio::try_join!(bridge.read_head(&tree, name, most), bridge.read_file(&tree, &own_ignore))
    };
    // Ignore files tell the client what not to send; what comes from elsewhere comes as it is.
    let usual_ignore = async {
        if context.tree.is_some() { Ok(None) } else { local::ignore_file(bridge, options, "context").await }
    };
    // The usual ignore file is asked for beside the others, since few definition files have one of their own.
    let (files, usual_ignore) = tokio::join!(files, usual_ignore);
    let (bytes, own) = files?;
    let Some(bytes) = bytes else {
        return Err(Failure::plain(format!("there is no file {name} to read the build from")));
    };
    let vertex = vertex(&definition);
    let info = pb::SourceInfo {
        filename: name.to_owned(),
        data: bytes.clone(),
        definition: Some(definition),
        language: "YAML".to_owned(),
    };
    let source = match manifest::source(name, &bytes) {
        Ok(source) => source,
        Err(found) => return Err(Failure::diagnostics(&found, &Source::new(name, ""))),
    };
    let mut exclude = Vec::new();
    if context.tree.is_none() {
        let ignore = if own.is_some() { own } else { usual_ignore? };
        exclude = ignore.as_deref().map(local::patterns).unwrap_or_default();
        // A change of the manifest alone must not look like a change of the source.
        exclude.extend([name.to_owned(), own_ignore]);
    }
    Ok(Definition { source, info, vertex, exclude })
}

/// The client's directory with the definition file, as the Dockerfile frontend asks for it, so that both share it.
fn client_directory(options: &Options, name: &str, own_ignore: &str) -> Result<pb::Definition, Failure> {
    let directory = options.definition_source();
    let mut graph = Graph::new();
    let local = local::directory(options, directory)
        .follow_paths([name, own_ignore])
        .shared_key_hint(directory)
        .without_differ();
    let output = graph.add(local, Meta::named(format!("[internal] load build definition from {name}")));
    graph.definition(&output, Vec::new()).map_err(|error| Failure::internal(&error.to_string()))
}

/// The operation that a definition ends in, by its digest; empty for an empty definition.
fn vertex(definition: &pb::Definition) -> String {
    let last = definition.def.last().and_then(|bytes| decode_op(bytes).ok());
    last.and_then(|op| op.inputs.into_iter().next()).map(|input| input.digest).unwrap_or_default()
}
