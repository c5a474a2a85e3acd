//! The shape of a step: a command, its variables and its mounts, nothing that lifts the sandbox's limits.

use std::collections::BTreeSet;

use super::{Mounts, Refusal, Shape, clean, mount, own, platform, scan};
use crate::verify::findings::quoted;
use crate::verify::graph::Vertex;
use crate::verify::rules::compile_network;
use crate::wire::pb;

/// A process over mounts.
#[derive(Debug)]
pub(in crate::verify) struct Exec<'g> {
    /// The command and its variables.
    pub(in crate::verify) meta: &'g pb::Meta,
    /// Its network.
    pub(in crate::verify) network: Network,
    /// What it sees.
    pub(in crate::verify) mounts: Mounts<'g>,
    /// Secrets among its variables.
    pub(in crate::verify) secret_env: &'g [pb::SecretEnv],
}

/// Which network a step sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Network {
    /// One with a way out.
    Open,
    /// None.
    None,
}

/// The step that an operation is: our own binary's when it runs on an empty root or tests the image, a scanner's when
/// it sees a tree where scanners do, else a builder's.
pub(super) fn read<'g>(
    exec: &'g pb::ExecOp,
    platform: Option<&pb::Platform>,
    sandbox: Option<&pb::Meta>,
    vertex: &Vertex,
) -> Result<Shape<'g>, Refusal> {
    platform::some(platform)?;
    let meta = exec.meta.as_ref().ok_or_else(|| Refusal::shape("runs nothing"))?;
    let network = network(exec)?;
    is_plain(meta, sandbox, network)?;
    if !exec.cdi_devices.is_empty() {
        return Err(Refusal::shape("uses a device of the machine"));
    }
    let mounts = mount::read(&exec.mounts, vertex)?;
    let exec = Exec { meta, network, mounts, secret_env: &exec.secretenv };
    let root = exec.mounts.root().ok_or_else(|| Refusal::shape("has no root"))?;
    if root.from.is_none() || own::is_test(meta) {
        return own::read(&exec).map(Shape::Own);
    }
    if let Some(bind) = exec.mounts.binds.iter().find(|bind| bind.is_known) {
        return Err(Refusal::shape(format!("takes the content of {} for known", quoted(bind.at))));
    }
    if scan::is_scan(&exec) {
        return scan::read(&exec).map(Shape::Scan);
    }
    Ok(Shape::Step(exec))
}

fn network(exec: &pb::ExecOp) -> Result<Network, Refusal> {
    let refuse = |text: &str| Err(Refusal { law: &compile_network::LAW, text: text.to_owned() });
    if exec.security != i32::from(pb::SecurityMode::Sandbox) {
        return refuse("runs with all privileges, and with them on any network");
    }
    match pb::NetMode::try_from(exec.network) {
        Ok(pb::NetMode::Unset) => Ok(Network::Open),
        Ok(pb::NetMode::None) => Ok(Network::None),
        Ok(pb::NetMode::Host) => refuse("runs on the daemon's own network"),
        Err(_) => Err(Refusal::shape("runs on an unknown kind of network")),
    }
}

/// Command, variables, directory and user may differ; hosts and limits are none or those that the client asks for,
/// and proxies are for steps with network alone.
fn is_plain(meta: &pb::Meta, sandbox: Option<&pb::Meta>, network: Network) -> Result<(), Refusal> {
    let bare = pb::Meta {
        args: meta.args.clone(),
        env: meta.env.clone(),
        cwd: meta.cwd.clone(),
        user: meta.user.clone(),
        remove_mount_stubs_recursive: true,
        ..Default::default()
    };
    let limited = sandbox.map(|sandbox| pb::Meta {
        extra_hosts: sandbox.extra_hosts.clone(),
        hostname: sandbox.hostname.clone(),
        ulimit: sandbox.ulimit.clone(),
        cgroup_parent: sandbox.cgroup_parent.clone(),
        proxy_env: sandbox.proxy_env.clone().filter(|_| network == Network::Open),
        ..bare.clone()
    });
    if *meta != bare && Some(meta) != limited.as_ref() {
        return Err(Refusal::shape("changes hosts, limits or the meaning of its exit code"));
    }
    if meta.args.is_empty() {
        return Err(Refusal::shape("runs no program"));
    }
    clean(&meta.cwd)?;
    let mut names = BTreeSet::new();
    for variable in &meta.env {
        let name = variable.split_once('=').map_or("", |(name, _)| name);
        if name.is_empty() || !names.insert(name) {
            return Err(Refusal::shape(format!("sets a variable oddly: {}", quoted(name))));
        }
    }
    Ok(())
}
