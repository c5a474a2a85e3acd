//! Directories of the client, and their ignore files.

use crate::gateway::bridge::Bridge;
use crate::gateway::failure::Failure;
use crate::gateway::options::Options;
use crate::llb::{Graph, Local, Meta, Output};

const IGNORE_FILE: &str = ".dockerignore";

/// A directory of the client, from the session that has it: a bake file's directories may each have their own.
pub(in crate::gateway) fn directory(options: &Options, name: &str) -> Local {
    let own = options.get(&format!("local-sessionid:{name}"));
    Local::new(name, own.unwrap_or(&options.session))
}

/// The name under which the daemon keeps a named context's directory.
pub(super) fn shared_key(options: &Options, context: &str, local: &str) -> String {
    let key = options.get(&format!("sharedkey:localdir:{local}")).unwrap_or_default();
    format!("context:{context}-{key}")
}

/// The ignore file at the top of a directory; `None` when it has none.
pub(in crate::gateway) async fn ignore_file(
    bridge: &Bridge,
    options: &Options,
    name: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut graph = Graph::new();
    let local = directory(options, name)
        .follow_paths([IGNORE_FILE])
        .shared_key_hint(format!("{name}-{IGNORE_FILE}"))
        .without_differ();
    let output: Output = graph.add(local, Meta::named(format!("[internal] load {IGNORE_FILE}")));
    let tree = bridge.solve_output(&graph, &output, Vec::new()).await?;
    bridge.read_file(&tree, IGNORE_FILE).await
}

/// The patterns of an ignore file, cleaned as the Dockerfile frontend cleans them.
pub(in crate::gateway) fn patterns(bytes: &[u8]) -> Vec<String> {
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

    #[test]
    fn a_directory_comes_from_the_session_that_has_it() {
        let raw = [("local-sessionid:app", "other"), ("sharedkey:localdir:app", "k")];
        let raw = raw.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let options = Options::new(raw, "mine");
        assert_eq!(directory(&options, "app"), Local::new("app", "other"));
        assert_eq!(directory(&options, "context"), Local::new("context", "mine"));
        assert_eq!(shared_key(&options, "base", "app"), "context:base-k");
    }
}
