//! Where the build's files come from: the client, a repository, a download, another build.
//!
//! The order in which they are looked for is BuildKit's (`frontend/dockerui`, "initContext").

mod git_url;
pub(super) mod given;
pub(super) mod local;
mod named;
mod remote;

use std::collections::BTreeMap;

pub(super) use named::NamedContexts;
pub(super) use remote::import;

use git_url::GitUrl;
pub(super) use git_url::is_address;

use super::bridge::{Bridge, Greeting};
use super::failure::Failure;
use super::options::{Epoch, Options};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::llb::Graph;
use crate::wire::pb;

/// The trees that a client sent along with the build, by name.
pub(super) type Inputs = BTreeMap<String, pb::Definition>;

/// The build context and the place of the definition file.
#[derive(Debug, Clone, Default)]
pub(super) struct BuildContext {
    /// What gives the whole context; `None` when the client has it as a directory.
    pub(super) tree: Option<pb::Definition>,
    /// The client's own definition, where the context is an input of the build.
    pub(super) input: Option<pb::Definition>,
    /// What gives the definition file; `None` when the client has it in a directory.
    pub(super) definition: Option<pb::Definition>,
    /// When it was made, in seconds since 1970; `None` unless it was asked for and something tells it.
    pub(super) time: Option<i64>,
    /// The name of the definition file, where it is not the user's to give.
    file: Option<&'static str>,
}

/// The inputs of the build; none from daemons that have none.
pub(super) async fn inputs(bridge: &Bridge, greeting: &Greeting) -> Result<Inputs, Failure> {
    if !greeting.gateway.contains("frontend.inputs") {
        return Ok(Inputs::new());
    }
    let inputs = bridge.inputs().await?;
    for definition in inputs.values() {
        import(&mut Graph::new(), definition)?;
    }
    Ok(inputs)
}

/// Warnings about repositories that any host could give: reached by ssh, without the host's key or the commit's name.
pub(super) fn unchecked_hosts(options: &Options) -> Diagnostics {
    let urls = url(options).into_iter().chain(options.prefixed("context:").map(|(_, value)| value));
    let repositories = urls.filter_map(|url| GitUrl::parse(url)?.ok());
    let unchecked =
        repositories.filter(|url| url.is_ssh() && url.commit().is_none() && options.known_hosts().is_empty());
    let mut found = Diagnostics::new();
    found.extend(unchecked.map(|url| {
        let message =
            format!("nothing says which key the host of {} has, so any is taken for it", url.remote);
        let help = "name the commit in full in the URL, or give the host's lines of a known_hosts file with \
            `--build-arg COFFERDAM_KNOWN_HOSTS=\"$(ssh-keygen -F HOST)\"`";
        Diagnostic::warning("unchecked-host", message).help(help)
    }));
    found
}

/// The URL of the build context; `None` where it has none.
fn url(options: &Options) -> Option<&str> {
    options.get(options.get("contextkey").unwrap_or("context"))
}

/// Whether repositories keep `.git`, wherever they stand for the context.
fn keep_git_dir(options: &Options) -> bool {
    let asked = options.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR");
    asked.is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "True" | "TRUE"))
}

impl BuildContext {
    /// The client's own directories; `None` where files come from anywhere else, which would have to be asked for them.
    pub(super) fn of_client(options: &Options, inputs: &Inputs) -> Option<BuildContext> {
        let is_input = ["context", options.definition_source()].iter().any(|name| inputs.contains_key(*name));
        (url(options).is_none() && !is_input).then(BuildContext::default)
    }

    /// Finds out where the build's files come from.
    pub(super) async fn find(
        bridge: &Bridge,
        options: &Options,
        inputs: &Inputs,
    ) -> Result<BuildContext, Failure> {
        let mut found = match url(options) {
            Some(text) => {
                let wanted = remote::Wanted {
                    git_dir: keep_git_dir(options),
                    time: options.epoch()? == Epoch::OfContext,
                    known_hosts: options.known_hosts(),
                };
                let remote =
                    remote::find(bridge, text, "the build context", wanted).await?.ok_or_else(|| {
                        Failure::plain(format!("the build context `{text}` is neither a git nor an http URL"))
                    })?;
                let file = remote.is_file.then_some(remote::FILE);
                BuildContext {
                    tree: Some(remote.tree.clone()),
                    definition: Some(remote.tree),
                    input: None,
                    time: remote.time,
                    file,
                }
            }
            None => {
                let definition = inputs.get(options.definition_source()).cloned();
                let input = inputs.get("context").cloned();
                BuildContext { tree: input.clone(), definition, input, ..BuildContext::default() }
            }
        };
        if options.get("dockerfilekey").is_some() && url(options).is_some() {
            // The client has the definition file, whatever the context is.
            (found.definition, found.file) = (inputs.get(options.definition_source()).cloned(), None);
        }
        if let (Some(tree), Some(path)) = (&found.tree, options.get("contextsubdir")) {
            found.tree = Some(remote::subdirectory(tree, path)?);
        }
        Ok(found)
    }

    /// The name of the definition file.
    pub(super) fn definition_name<'o>(&self, options: &'o Options) -> &'o str {
        self.file.unwrap_or_else(|| options.filename())
    }
}
