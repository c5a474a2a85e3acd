//! What the client asks of builders' steps: hosts, limits, proxies, caches, and which of them run again.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::llb::{Exec, Mount};
use crate::plan::{Compartment, Step};
use crate::wire::pb;

/// What the client asks of builders' steps; none of it applies to steps of our own binary.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepOptions {
    /// Lines of the hosts file.
    pub hosts: Vec<(String, IpAddr)>,
    /// The host name; empty for the daemon's own choice.
    pub hostname: String,
    /// Resource limits: name, soft and hard limit.
    pub ulimits: Vec<(String, i64, i64)>,
    /// The control group above those of the steps; empty for the daemon's own choice.
    pub cgroup_parent: String,
    /// The size of `/dev/shm` in bytes.
    pub shared_memory: Option<u64>,
    /// Limits of processor time and memory.
    pub resources: Option<pb::LinuxResources>,
    /// Proxies, which only steps with network see.
    pub proxy: Option<pb::ProxyEnv>,
    /// What keeps the caches of this build apart from those of others.
    pub cache_namespace: String,
    /// The compartments whose steps run even where their results are cached.
    pub rerun: BTreeSet<Rebuilt>,
}

/// What a client may name to have it run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rebuilt {
    /// Steps with network.
    Fetch,
    /// Steps that see the source.
    Compile,
    /// The steps that make the final image.
    Final,
}

impl StepOptions {
    /// A step as the client wants it.
    pub(super) fn apply(&self, mut exec: Exec, compartment: Compartment) -> Exec {
        for (host, address) in &self.hosts {
            exec = exec.extra_host(host, *address);
        }
        for (name, soft, hard) in &self.ulimits {
            exec = exec.ulimit(name, *soft, *hard);
        }
        if let Some(bytes) = self.shared_memory {
            exec = exec.mount(Mount::tmpfs("/dev/shm").size(bytes));
        }
        if let Some(resources) = &self.resources {
            exec = exec.resources(resources.clone());
        }
        if let Some(proxy) = self.proxy.as_ref().filter(|_| compartment == Compartment::Fetch) {
            exec = exec.proxy(proxy.clone());
        }
        exec.hostname(&self.hostname).cgroup_parent(&self.cgroup_parent)
    }

    /// The name of a cache on the daemon.
    pub(super) fn cache_id(&self, id: &str) -> String {
        if self.cache_namespace.is_empty() { id.to_owned() } else { format!("{}/{id}", self.cache_namespace) }
    }

    /// Whether a step runs even where its result is cached.
    pub(super) fn reruns(&self, step: &Step) -> bool {
        self.rerun.contains(match step.compartment {
            Compartment::Fetch => &Rebuilt::Fetch,
            Compartment::Compile => &Rebuilt::Compile,
        })
    }

    /// What steps may have besides their own fields, as it is on the wire.
    pub fn to_wire(&self) -> pb::Meta {
        let hosts = self.hosts.iter().map(|(host, ip)| pb::HostIp { host: host.clone(), ip: ip.to_string() });
        let limit = |(name, soft, hard): &(String, i64, i64)| pb::Ulimit {
            name: name.clone(),
            soft: *soft,
            hard: *hard,
        };
        pb::Meta {
            extra_hosts: hosts.collect(),
            hostname: self.hostname.clone(),
            ulimit: self.ulimits.iter().map(limit).collect(),
            cgroup_parent: self.cgroup_parent.clone(),
            proxy_env: self.proxy.clone(),
            ..Default::default()
        }
    }
}
