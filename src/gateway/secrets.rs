//! Secrets and agents: whether the client has those that steps need, asked before any of them runs.
//!
//! The daemon tells nobody which secrets a client has. But it prepares the mounts of a container when a frontend
//! makes one, and no process needs to run in it; so all that is missing is told at once, each at its line.

use std::collections::BTreeMap;

use super::bridge::Bridge;
use super::failure::Failure;
use super::platform_build::PlatformBuild;
use super::side_by_side::side_by_side;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Image;
use crate::plan::{Node, Plan, Secret, Step};
use crate::text::Span;
use crate::wire::pb;

/// Something that the client must have for the build to succeed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// The secret with this id.
    Secret(String),
    /// The agent with this id.
    Agent(String),
}

impl Need {
    /// A mount that the daemon can only prepare if the client has it.
    fn mount(&self) -> pb::Mount {
        let dest = "/need".to_owned();
        match self {
            Need::Secret(id) => pb::Mount {
                dest,
                mount_type: pb::MountType::Secret.into(),
                secret_opt: Some(pb::SecretOpt { id: id.clone(), mode: 0o400, ..Default::default() }),
                ..Default::default()
            },
            Need::Agent(id) => pb::Mount {
                dest,
                mount_type: pb::MountType::Ssh.into(),
                ssh_opt: Some(pb::SshOpt { id: id.clone(), mode: 0o600, ..Default::default() }),
                ..Default::default()
            },
        }
    }

    /// Whether a failure says that the client does not have it (BuildKit `session/secrets`, `session/sshforward`).
    fn is_lacking(&self, failure: &Failure) -> bool {
        let says = |text: &str| failure.message().contains(text);
        match self {
            Need::Secret(id) => says(&format!("secret {id}: not found")),
            Need::Agent(id) => {
                says(&format!("no SSH key {id:?} forwarded")) || says(&format!("unset ssh forward key {id}"))
            }
        }
    }

    fn error(&self, span: Span) -> Diagnostic {
        let error = match self {
            Need::Secret(id) => {
                let help = format!("build with `--secret id={id},src=FILE` or `--secret id={id},env=NAME`");
                let message = format!("the build was not given the secret `{id}`");
                Diagnostic::error("missing-secret", message).help(help)
            }
            Need::Agent(id) => {
                Diagnostic::error("missing-agent", format!("the build was not given the SSH agent `{id}`"))
                    .help(format!(
                        "build with `--ssh {id}`, where an agent runs or `--ssh {id}=KEY` names a key"
                    ))
            }
        };
        error.at(span).why("the manifest says that fetching needs it")
    }
}

impl PlatformBuild {
    /// Fails where the client lacks a secret or an agent that steps need.
    pub(super) async fn check_needs(&self, image: &Image, plan: &Plan) -> Result<(), Failure> {
        let needs = needs(image, plan);
        let asked = needs.iter().map(|(need, span)| {
            let container = format!("{} {need:?}", plan.platform);
            lacking(self.bridge.clone(), container, need.clone(), *span)
        });
        let mut found = Diagnostics::new();
        found.extend(side_by_side(asked).await?.into_iter().flatten());
        if found.has_errors() { Err(self.failure(&found)) } else { Ok(()) }
    }

    /// A failure in the words of the manifest, where a step failed for want of a secret or an agent.
    pub(super) fn explained(&self, failure: Failure, image: &Image, plan: &Plan) -> Failure {
        match needs(image, plan).into_iter().find(|(need, _)| need.is_lacking(&failure)) {
            Some((need, span)) => self.failure(&Diagnostics::from(need.error(span))),
            None => failure,
        }
    }
}

/// What the steps of a plan need of the client, each with the place where the manifest asks for it.
fn needs(image: &Image, plan: &Plan) -> BTreeMap<Need, Span> {
    let steps =
        || plan.nodes.iter().filter_map(|node| if let Node::Step(step) = node { Some(step) } else { None });
    let secrets = steps().flat_map(|step: &Step| &step.secrets).filter(|secret| secret.required);
    let secrets = secrets.map(|secret: &Secret| (Need::Secret(secret.id.clone()), secret.span));
    let agents = steps().flat_map(|step: &Step| &step.ssh);
    let span = |id: &str| image.fetch.ssh.iter().find(|agent| agent.value == id).map(|agent| agent.span);
    secrets.chain(agents.map(|id| (Need::Agent(id.clone()), span(id).unwrap_or_default()))).collect()
}

/// The error for something that the client lacks. Whatever else keeps the daemon from answering is for the step to tell.
async fn lacking(bridge: Bridge, container: String, need: Need, span: Span) -> Option<Diagnostic> {
    let failure = bridge.try_mount(container, need.mount()).await.err()?;
    need.is_lacking(&failure).then(|| need.error(span))
}
