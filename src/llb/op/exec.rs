//! Steps: a process over a root and mounts (BuildKit `ExecOp`).

use std::fmt;

use super::mount::{Access, Bind, Loan, Mount};
use super::{Inputs, Operation, wire_op, wire_platform};
use crate::llb::cap;
use crate::llb::{Graph, Meta, Output};
use crate::name::{Digest, Platform};
use crate::wire::pb;

/// A process to run, its root and its mounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Exec {
    platform: pb::Platform,
    meta: pb::Meta,
    /// The root first.
    mounts: Vec<Mount>,
    network: Network,
    security: Security,
    secret_env: Vec<pb::SecretEnv>,
    devices: Vec<pb::CdiDevice>,
    resources: Option<pb::LinuxResources>,
}

/// What becomes of the changes that a step makes to its root.
///
/// There is no third way: the daemon mounts a root without output read-only, whatever is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// There can be none.
    ReadOnly,
    /// They are the output `/`.
    Output,
}

/// Which network a step sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// One of its own, with a way out.
    Sandbox,
    /// That of the daemon; the client must allow it.
    Host,
    /// None but loopback.
    None,
}

/// How much a step may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// What a container may.
    Sandbox,
    /// Everything; the client must allow it.
    Insecure,
}

/// A step in a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    digest: Digest,
    /// Where they were mounted, and which they are.
    outputs: Vec<(String, u32)>,
}

/// A step has no output at this path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoOutput(String);

/// How many capabilities the steps of usual builds ask for, repetitions included.
const MOST_CAPS: usize = 16;

impl Exec {
    /// Runs a command (program and arguments) at `/`, on an empty root, without network.
    ///
    /// BuildKit refuses a command of no words.
    pub fn new<S: Into<String>>(platform: &Platform, command: impl IntoIterator<Item = S>) -> Exec {
        let args = command.into_iter().map(Into::into).collect();
        let meta = pb::Meta {
            args,
            cwd: "/".to_owned(),
            // As BuildKit's own client: what was made only to mount on is taken away, parents included.
            remove_mount_stubs_recursive: true,
            ..Default::default()
        };
        Exec {
            platform: wire_platform(platform),
            meta,
            mounts: vec![Bind::new(&Output::scratch(), "/".to_owned(), Access::Output).into()],
            network: Network::None,
            security: Security::Sandbox,
            secret_env: Vec::new(),
            devices: Vec::new(),
            resources: None,
        }
    }

    /// The tree that the process sees as `/`.
    #[must_use]
    pub fn root(mut self, tree: &Output, changes: Root) -> Exec {
        let access = match changes {
            Root::ReadOnly => Access::ReadOnly,
            Root::Output => Access::Output,
        };
        self.mounts[0] = Bind::new(tree, "/".to_owned(), access).into();
        self
    }

    /// Something mounted below `/`.
    #[must_use]
    pub fn mount(mut self, mount: impl Into<Mount>) -> Exec {
        self.mounts.push(mount.into());
        self
    }

    /// Several things mounted below `/`.
    #[must_use]
    pub fn mounts(mut self, mounts: impl IntoIterator<Item = Mount>) -> Exec {
        self.mounts.extend(mounts);
        self
    }

    /// The working directory, absolute.
    #[must_use]
    pub fn cwd(mut self, path: impl Into<String>) -> Exec {
        self.meta.cwd = path.into();
        self
    }

    /// An environment variable, in place of one of the same name.
    #[must_use]
    pub fn env(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Exec {
        self.envs([(name.as_ref(), value.as_ref())])
    }

    /// Environment variables, each in place of one of the same name.
    #[must_use]
    pub fn envs<'v>(mut self, variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Exec {
        for (name, value) in variables {
            self.meta.env.retain(|entry| !sets(entry, name));
            self.meta.env.push([name, "=", value].concat());
        }
        self
    }

    /// A secret as an environment variable; empty if it is optional and the client has none.
    #[must_use]
    pub fn secret_env(mut self, id: impl Into<String>, name: impl Into<String>, optional: bool) -> Exec {
        self.secret_env.push(pb::SecretEnv { id: id.into(), name: name.into(), optional });
        self
    }

    /// The user, and the group after a `:`; root without it.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Exec {
        self.meta.user = user.into();
        self
    }

    /// The network that the process sees.
    #[must_use]
    pub fn network(mut self, network: Network) -> Exec {
        self.network = network;
        self
    }

    /// How much the process may do.
    #[must_use]
    pub fn security(mut self, security: Security) -> Exec {
        self.security = security;
        self
    }

    /// The host name that the process sees.
    #[must_use]
    pub fn hostname(mut self, name: impl Into<String>) -> Exec {
        self.meta.hostname = name.into();
        self
    }

    /// A line of the hosts file.
    #[must_use]
    pub fn extra_host(mut self, host: impl Into<String>, address: std::net::IpAddr) -> Exec {
        self.meta.extra_hosts.push(pb::HostIp { host: host.into(), ip: address.to_string() });
        self
    }

    /// Proxy variables, which stay out of the cache key.
    #[must_use]
    pub fn proxy(mut self, proxy: pb::ProxyEnv) -> Exec {
        self.meta.proxy_env = Some(proxy);
        self
    }

    /// A resource limit.
    #[must_use]
    pub fn ulimit(mut self, name: impl Into<String>, soft: i64, hard: i64) -> Exec {
        self.meta.ulimit.push(pb::Ulimit { name: name.into(), soft, hard });
        self
    }

    /// The control group above that of the process.
    #[must_use]
    pub fn cgroup_parent(mut self, parent: impl Into<String>) -> Exec {
        self.meta.cgroup_parent = parent.into();
        self
    }

    /// Limits of processor time and memory; not part of the operation's digest.
    #[must_use]
    pub fn resources(mut self, resources: pb::LinuxResources) -> Exec {
        self.resources = Some(resources);
        self
    }

    /// A device by its Container Device Interface name.
    #[must_use]
    pub fn device(mut self, name: impl Into<String>, optional: bool) -> Exec {
        self.devices.push(pb::CdiDevice { name: name.into(), optional });
        self
    }

    /// The exit codes that count as success, instead of 0 alone.
    #[must_use]
    pub fn valid_exit_codes(mut self, codes: impl IntoIterator<Item = u8>) -> Exec {
        self.meta.valid_exit_codes = codes.into_iter().map(i32::from).collect();
        self
    }

    /// The mounts in wire order, root first (it sorts before all other paths).
    fn take_mounts(&mut self) -> Vec<Mount> {
        let mut mounts = std::mem::take(&mut self.mounts);
        let agents = mounts.iter_mut().filter_map(|mount| match mount {
            Mount::Lent(lent) if lent.what == Loan::Agent => Some(lent),
            _ => None,
        });
        for (number, agent) in agents.enumerate() {
            if agent.destination.is_empty() {
                agent.destination = format!("/run/buildkit/ssh_agent.{number}");
            }
        }
        mounts.sort_by(|a, b| a.order().cmp(&b.order()));
        mounts
    }

    /// Programs find the first agent by this variable, unless it is set already.
    fn point_at_agent(&mut self, mounts: &[Mount]) {
        let agent = mounts.iter().find(|mount| mount.is_agent());
        if let Some(agent) = agent.filter(|_| !self.has_env("SSH_AUTH_SOCK")) {
            self.meta.env.push(["SSH_AUTH_SOCK=", agent.destination()].concat());
        }
    }

    fn has_env(&self, name: &str) -> bool {
        self.meta.env.iter().any(|entry| sets(entry, name))
    }

    fn caps(&self, mounts: &[Mount]) -> Vec<&'static str> {
        let asked = [
            (cap::EXEC_META_SETS_DEFAULT_PATH, !self.has_env("PATH")),
            (cap::EXEC_META_NETWORK, self.network != Network::Sandbox),
            (cap::EXEC_META_SECURITY, self.security != Security::Sandbox),
            (cap::EXEC_META_PROXY, self.meta.proxy_env.is_some()),
            (cap::EXEC_META_ULIMIT, !self.meta.ulimit.is_empty()),
            (cap::EXEC_META_CGROUP_PARENT, !self.meta.cgroup_parent.is_empty()),
            (cap::EXEC_META_LINUX_RESOURCES, self.resources.is_some()),
            (cap::EXEC_META_CDI, !self.devices.is_empty()),
            (cap::EXEC_VALID_EXIT_CODE, !self.meta.valid_exit_codes.is_empty()),
            (cap::EXEC_SECRET_ENV, !self.secret_env.is_empty()),
        ];
        let mut caps = Vec::with_capacity(MOST_CAPS);
        caps.push(cap::EXEC_META_BASE);
        caps.extend(asked.into_iter().filter(|(_, asked)| *asked).map(|(cap, _)| cap));
        for mount in mounts {
            mount.caps(&mut caps);
        }
        caps
    }

    fn into_wire(self, mounts: Vec<pb::Mount>) -> pb::ExecOp {
        let network = match self.network {
            Network::Sandbox => pb::NetMode::Unset,
            Network::Host => pb::NetMode::Host,
            Network::None => pb::NetMode::None,
        };
        let security = match self.security {
            Security::Sandbox => pb::SecurityMode::Sandbox,
            Security::Insecure => pb::SecurityMode::Insecure,
        };
        pb::ExecOp {
            meta: Some(self.meta),
            mounts,
            network: network.into(),
            security: security.into(),
            secretenv: self.secret_env,
            cdi_devices: self.devices,
        }
    }
}

impl Execution {
    /// What the step left at this path, which was mounted as an output (`/` for a root that is one).
    pub fn output(&self, destination: &str) -> Result<Output, NoOutput> {
        let output = self.outputs.iter().find(|(path, _)| path == destination);
        let (_, index) = output.ok_or_else(|| NoOutput(destination.to_owned()))?;
        Ok(Output::of(self.digest.clone(), *index))
    }

    /// The digest of the step, which is its name in progress and errors.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl Operation for Exec {
    type Added = Execution;

    fn add_to(mut self, graph: &mut Graph, meta: Meta) -> Execution {
        let mounts = self.take_mounts();
        self.point_at_agent(&mounts);
        let caps = self.caps(&mounts);
        let (mut inputs, mut next_output, mut outputs) = (Inputs::default(), 0, Vec::new());
        let mut wire_mounts = Vec::with_capacity(mounts.len());
        for mount in mounts {
            let index = next_output;
            let mount = mount.into_wire(&mut inputs, &mut next_output);
            if next_output > index {
                outputs.push((mount.dest.clone(), index));
            }
            wire_mounts.push(mount);
        }
        let (mut meta, locations) = meta.into_wire();
        meta.linux_resources = self.resources.take();
        let platform = std::mem::take(&mut self.platform);
        let op = wire_op(inputs, Some(platform), pb::op::Op::Exec(self.into_wire(wire_mounts)));
        Execution { digest: graph.insert(&op, caps, (meta, locations)), outputs }
    }
}

/// Whether a variable of the environment has this name.
fn sets(entry: &str, name: &str) -> bool {
    entry.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
}

impl fmt::Display for NoOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the step has no output at {}", self.0)
    }
}

impl std::error::Error for NoOutput {}
