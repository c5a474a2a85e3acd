//! The definition file and the ignore file, read from the client.

use super::bridge::Bridge;
use super::failure::Failure;
use super::options::Options;
use crate::llb::{Graph, Local, Meta, Output};
use crate::manifest;
use crate::text::Source;
use crate::wire::pb;

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

/// Reads the definition file and the ignore file.
pub(super) async fn load(bridge: &Bridge, options: &Options) -> Result<Definition, Failure> {
    let name = options.filename();
    let own_ignore = format!("{name}.dockerignore");
    let mut graph = Graph::new();
    let local = Local::new(options.definition_source(), &options.session)
        .follow_paths([name, &own_ignore])
        .shared_key_hint(options.definition_source())
        .without_differ();
    let output = graph.add(local, Meta::named(format!("[internal] load build definition from {name}")));
    let definition =
        graph.definition(&output, Vec::new()).map_err(|error| Failure::internal(&error.to_string()))?;
    let tree = bridge.solve(definition.clone()).await?;
    let Some(bytes) = bridge.read_file(&tree, name).await? else {
        return Err(Failure::plain(format!("there is no file {name} to read the build from")));
    };
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
    let ignore = match bridge.read_file(&tree, &own_ignore).await? {
        Some(bytes) => Some(bytes),
        None => context_ignore(bridge, options).await?,
    };
    let vertex = output.digest().map(ToString::to_string).unwrap_or_default();
    let mut exclude = ignore.as_deref().map(patterns).unwrap_or_default();
    // A change of the manifest alone must not look like a change of the source.
    exclude.extend([name.to_owned(), own_ignore]);
    Ok(Definition { source, info, vertex, exclude })
}

async fn context_ignore(bridge: &Bridge, options: &Options) -> Result<Option<Vec<u8>>, Failure> {
    const NAME: &str = ".dockerignore";
    let mut graph = Graph::new();
    let local = Local::new("context", &options.session)
        .follow_paths([NAME])
        .shared_key_hint(format!("context-{NAME}"))
        .without_differ();
    let output: Output = graph.add(local, Meta::named(format!("[internal] load {NAME}")));
    let tree = bridge.solve_output(&graph, &output, Vec::new()).await?;
    bridge.read_file(&tree, NAME).await
}

/// The patterns of an ignore file, cleaned as the Dockerfile frontend cleans them.
fn patterns(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.trim_start_matches('\u{feff}').lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| pattern(line.trim())).collect()
}

fn pattern(line: &str) -> Option<String> {
    let (negation, rest) = match line.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", line),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let cleaned = parts.join("/");
    match (rest.is_empty(), cleaned.is_empty()) {
        (true, _) => None,
        (false, true) => Some(format!("{negation}.")),
        (false, false) => Some(format!("{negation}{cleaned}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignore_files_are_cleaned() {
        let text = b"\xef\xbb\xbf# comment\n/target/\n\n ! ./keep//me \na/../b\n#x\n";
        assert_eq!(patterns(text), ["target", "!keep/me", "b"]);
    }
}
