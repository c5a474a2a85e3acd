//! The image that comes out of a plan: a base, layers, and how it runs.

use super::node::Tree;
use super::process::Process;
use crate::contract::{Contract, LayerContract, User};
use crate::facts::ImageFact;
use crate::text::Span;

/// The final image.
#[derive(Debug, Clone, PartialEq)]
pub struct Final {
    /// What the layers lie over.
    pub base: Base,
    /// The layers, from rarely to often changing.
    pub layers: Vec<Layer>,
    /// How the image runs.
    pub config: RuntimeConfig,
    /// Whether code that was fetched may run with network.
    pub fetched_code: FetchedCode,
}

/// Whether code that was fetched may run with network, which is what the rule `fetch-executes` is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FetchedCode {
    /// No.
    #[default]
    Rests,
    /// In the step that fetches it, of which the graph alone tells nothing.
    RunsInFetch,
    /// In a step of its own, which sees what was fetched.
    RunsApart,
}

/// What the layers lie over.
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// A pinned image.
    Image {
        /// Its tree.
        tree: Tree,
        /// What is known of it.
        fact: Box<ImageFact>,
    },
}

/// One layer of the final image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What may cross into it.
    pub contract: LayerContract,
    /// The one tree that the contract's artifacts come from.
    pub source: Tree,
    /// Where a step of the builder saw that tree, so that absolute links into it are understood.
    pub seen_at: String,
    /// Where the manifest asks for the layer.
    pub span: Option<Span>,
}

/// How the image runs (OCI image specification, "Image Configuration", `config`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// Who runs it, always as numbers.
    pub user: User,
    /// Where it runs.
    pub working_directory: String,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// What runs.
    pub entrypoint: Vec<String>,
    /// Everything that can run, each by a target of its own; empty where it is the entrypoint alone.
    pub processes: Vec<Process>,
    /// The arguments that a user may replace.
    pub cmd: Vec<String>,
    /// The TCP ports on which it listens.
    pub ports: Vec<u16>,
    /// The signal that stops it.
    pub stop_signal: String,
    /// Labels of the configuration.
    pub labels: Vec<(String, String)>,
    /// Annotations of the image manifest.
    pub annotations: Vec<(String, String)>,
    /// Where the manifest names the entrypoint, or what it was derived from.
    pub entrypoint_span: Option<Span>,
}

/// The variables of a base that stay; all others are dropped, so that no base decides how programs load code.
const KEPT_VARIABLES: [&str; 5] = ["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANG", "LC_ALL"];
/// What PATH is where the base says nothing.
pub(super) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Final {
    /// What may cross into this image, as the verifier wants it.
    pub fn contract(&self) -> Contract {
        let layers = self.layers.iter().map(|layer| layer.contract.clone()).collect();
        let fetch_executes = self.fetched_code == FetchedCode::RunsApart;
        Contract { layers, user: self.config.user, fetch_executes }
    }
}

impl Base {
    /// The base's name as users know it.
    pub fn name(&self) -> String {
        match self {
            Base::Scratch => "scratch".to_owned(),
            Base::Image { fact, .. } => fact.reference.familiar(),
        }
    }

    /// The variables that the final image keeps of the base, PATH first.
    pub(super) fn kept_env(&self) -> Vec<(String, String)> {
        let known = |name: &str| match self {
            Base::Scratch => None,
            Base::Image { fact, .. } => fact.config.variable(name).map(str::to_owned),
        };
        let kept = KEPT_VARIABLES.iter().filter_map(|&name| Some((name.to_owned(), known(name)?)));
        let mut env: Vec<(String, String)> = kept.collect();
        if known("PATH").is_none() {
            env.insert(0, ("PATH".to_owned(), DEFAULT_PATH.to_owned()));
        }
        env
    }
}
