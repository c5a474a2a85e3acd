//! Directories of the client (BuildKit source `local://`).

use super::{Operation, Source};
use crate::llb::{Graph, Meta, Output};

/// A directory that the client sends, or the parts of it that patterns choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    source: Source,
    excluded: Vec<String>,
}

impl Local {
    /// The directory of this name, sent by this session; an empty session is whichever the build has.
    pub fn new(name: &str, session: impl Into<String>) -> Local {
        let source = Source::new(format!("local://{name}")).attr("local.session", session);
        Local { source, excluded: Vec::new() }
    }

    /// What keeps two builds without a session apart; without it they share what was sent before.
    #[must_use]
    pub fn unique(mut self, id: impl Into<String>) -> Local {
        self.source.set("local.unique", id);
        self
    }

    /// Only the files that match one of these patterns; none means all files.
    #[must_use]
    pub fn include_patterns<S: AsRef<str>>(mut self, patterns: impl IntoIterator<Item = S>) -> Local {
        self.source.set("local.includepattern", json_list(patterns));
        self
    }

    /// None of the files that match these patterns, after those that were named before.
    #[must_use]
    pub fn exclude_patterns<S: AsRef<str>>(mut self, patterns: impl IntoIterator<Item = S>) -> Local {
        self.excluded.extend(patterns.into_iter().map(|pattern| pattern.as_ref().to_owned()));
        self.source.set("local.excludepatterns", json_list(&self.excluded));
        self
    }

    /// Only these paths, and what they point at where they are symbolic links.
    #[must_use]
    pub fn follow_paths<S: AsRef<str>>(mut self, paths: impl IntoIterator<Item = S>) -> Local {
        self.source.set("local.followpaths", json_list(paths));
        self
    }

    /// The name under which the daemon keeps what was sent, to receive only changes next time.
    #[must_use]
    pub fn shared_key_hint(mut self, hint: impl Into<String>) -> Local {
        self.source.set("local.sharedkeyhint", hint);
        self
    }

    /// All files anew, without comparing them with what was sent before; best for a file or two.
    #[must_use]
    pub fn without_differ(mut self) -> Local {
        self.source.set("local.differ", "none");
        self
    }

    /// Names, sizes and modes of the files without their content, except those that match these patterns.
    #[must_use]
    pub fn metadata_only<S: AsRef<str>>(mut self, except: impl IntoIterator<Item = S>) -> Local {
        self.source.set("local.metadatatransfer", "true");
        self.source.set("local.metadatatransferexclude", json_list(except));
        self
    }
}

impl Operation for Local {
    type Added = Output;

    fn add_to(self, graph: &mut Graph, meta: Meta) -> Output {
        self.source.add_to(graph, meta)
    }
}

/// A list of strings as Go writes it in JSON, so that vertices are the same as those of other frontends; empty
/// for no strings.
fn json_list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<serde_json::Value> = items.into_iter().map(|item| item.as_ref().into()).collect();
    if items.is_empty() {
        return String::new();
    }
    let mut text = serde_json::Value::from(items).to_string();
    // These occur inside strings only, where Go escapes them.
    for (c, escaped) in [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        if text.contains(c) {
            text = text.replace(c, escaped);
        }
    }
    text
}
