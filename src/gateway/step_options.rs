//! The client's options about steps, read into what the lowering carries out.

use std::net::IpAddr;
use std::str::FromStr;

use super::bridge::Greeting;
use super::capability;
use super::failure::Failure;
use super::options::Options;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lower::{Rebuilt, StepOptions};
use crate::plan::{Compartment, Node, Plan};
use crate::text::Source;
use crate::wire::pb;

/// The options about steps, and warnings about names that mean nothing here.
pub(super) fn read(options: &Options, daemon: &Greeting) -> Result<(StepOptions, Diagnostics), Failure> {
    let mut found = Diagnostics::new();
    let text = |key: &str| options.get(key).unwrap_or_default().to_owned();
    let hostname = options.get("build-arg:BUILDKIT_SANDBOX_HOSTNAME").or(options.get("hostname"));
    let steps = StepOptions {
        hosts: hosts(options)?,
        hostname: hostname.unwrap_or_default().to_owned(),
        ulimits: ulimits(options)?,
        cgroup_parent: text("cgroup-parent"),
        shared_memory: number::<u64>(options, "shm-size")?.filter(|bytes| *bytes > 0),
        resources: resources(options)?.filter(|_| capability::can_limit(daemon, &mut found)),
        proxy: proxy(options),
        cache_namespace: text("build-arg:BUILDKIT_CACHE_MOUNT_NS"),
        rerun: rerun(options, &mut found),
    };
    Ok((steps, found))
}

/// The network that the client asks for, against what the plan needs.
pub(super) fn check_network(options: &Options, plan: &Plan, manifest: &Source) -> Result<(), Failure> {
    let fetch = plan.nodes.iter().find_map(|node| match node {
        Node::Step(step) if step.compartment == Compartment::Fetch => Some(step),
        _ => None,
    });
    let error = match (options.get("force-network-mode").unwrap_or_default(), fetch) {
        ("" | "default" | "sandbox", _) | ("none", None) => return Ok(()),
        ("none", Some(step)) => {
            let message = format!("`{}` needs the network, and the build is to have none", step.name);
            let error = Diagnostic::error("network", message)
                .why("the client asks for `--network none`; only fetch steps ever have a network")
                .help("leave the option out, or commit the dependencies (`go mod vendor`, `cargo vendor`)");
            step.span.map_or(error.clone(), |span| error.at(span))
        }
        ("host", _) => Diagnostic::error("network", "steps never run on the daemon's own network")
            .why("whatever listens there on loopback would be open to code that was just downloaded")
            .help(
                "leave `--network host` out; fetch steps have a network of their own, all others have none",
            ),
        (other, _) => Diagnostic::error("network", format!("there is no network mode `{other}`"))
            .help("the modes are `sandbox` and `none`"),
    };
    Err(Failure::diagnostics(&Diagnostics::from(error), manifest))
}

fn wrong(key: &str, value: &str, expected: &str) -> Failure {
    Failure::plain(format!("the option {key}={value} is not understood: {expected}"))
}

fn number<T: FromStr>(options: &Options, key: &str) -> Result<Option<T>, Failure> {
    let Some(text) = options.get(key).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| wrong(key, text, "a whole number is expected"))
}

fn list<'o>(options: &'o Options, key: &str) -> impl Iterator<Item = &'o str> {
    let fields = options.get(key).unwrap_or_default().split(',');
    fields.map(|field| field.trim().trim_matches('"')).filter(|field| !field.is_empty())
}

fn hosts(options: &Options) -> Result<Vec<(String, IpAddr)>, Failure> {
    const KEY: &str = "add-hosts";
    let entry = |field: &str| {
        let (host, address) = field.split_once('=')?;
        let address = address.trim_matches(['[', ']']).parse().ok()?;
        (!host.is_empty()).then(|| (host.to_ascii_lowercase(), address))
    };
    let expected = "`host=address` with an IP address is expected";
    list(options, KEY).map(|field| entry(field).ok_or_else(|| wrong(KEY, field, expected))).collect()
}

fn ulimits(options: &Options) -> Result<Vec<(String, i64, i64)>, Failure> {
    const KEY: &str = "ulimit";
    const NAMES: [&str; 16] = [
        "as",
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let entry = |field: &str| {
        let (name, limits) = field.split_once('=')?;
        let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
        let (soft, hard) = (soft.parse().ok()?, hard.parse().ok()?);
        let ordered = hard == -1 || (soft != -1 && soft <= hard);
        (NAMES.contains(&name) && ordered).then(|| (name.to_owned(), soft, hard))
    };
    let expected = "`name=soft[:hard]` with a name such as nofile is expected";
    list(options, KEY).map(|field| entry(field).ok_or_else(|| wrong(KEY, field, expected))).collect()
}

fn resources(options: &Options) -> Result<Option<pb::LinuxResources>, Failure> {
    let text = |key: &str| options.get(key).unwrap_or_default().to_owned();
    let resources = pb::LinuxResources {
        memory: number(options, "memory")?.unwrap_or_default(),
        memory_swap: number(options, "memswap")?.unwrap_or_default(),
        cpu_shares: number(options, "cpushares")?.unwrap_or_default(),
        cpu_period: number(options, "cpuperiod")?.unwrap_or_default(),
        cpu_quota: number(options, "cpuquota")?.unwrap_or_default(),
        cpuset_cpus: text("cpusetcpus"),
        cpuset_mems: text("cpusetmems"),
    };
    Ok((resources != pb::LinuxResources::default()).then_some(resources))
}

/// The proxies among the build arguments, whose names may be in either case.
fn proxy(options: &Options) -> Option<pb::ProxyEnv> {
    let args = options.build_args();
    let value = |name: &str| {
        let upper = name.to_ascii_uppercase();
        args.get(name).or_else(|| args.get(&upper)).cloned().unwrap_or_default()
    };
    let proxy = pb::ProxyEnv {
        http_proxy: value("http_proxy"),
        https_proxy: value("https_proxy"),
        ftp_proxy: value("ftp_proxy"),
        no_proxy: value("no_proxy"),
        all_proxy: value("all_proxy"),
    };
    (proxy != pb::ProxyEnv::default()).then_some(proxy)
}

fn rerun(options: &Options, found: &mut Diagnostics) -> std::collections::BTreeSet<Rebuilt> {
    let mut rerun = std::collections::BTreeSet::new();
    for name in list(options, "no-cache") {
        match name.to_ascii_lowercase().as_str() {
            "fetch" => rerun.extend([Rebuilt::Fetch]),
            "compile" => rerun.extend([Rebuilt::Compile]),
            "builder" => rerun.extend([Rebuilt::Fetch, Rebuilt::Compile]),
            "final" => rerun.extend([Rebuilt::Final]),
            _ => found.push(
                Diagnostic::warning(
                    "unknown-stage",
                    format!("there is no stage `{name}` to build without cache"),
                )
                .help("the stages are fetch, compile, builder (both), and final"),
            ),
        }
    }
    rerun
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llb::cap;

    fn options(pairs: &[(&str, &str)]) -> Options {
        let raw = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Options::new(raw, "s")
    }

    fn daemon() -> Greeting {
        let llb = [cap::EXEC_META_LINUX_RESOURCES.to_owned()].into();
        Greeting { llb, ..Greeting::default() }
    }

    #[test]
    fn options_reach_the_steps() {
        let (steps, found) = read(
            &options(&[
                ("add-hosts", "A=10.0.0.1,b=::1"),
                ("ulimit", "nofile=1024:2048,core=0"),
                ("shm-size", "67108864"),
                ("cgroup-parent", "/x"),
                ("hostname", "h"),
                ("memory", "1048576"),
                ("memswap", "2097152"),
                ("cpushares", "300"),
                ("cpuperiod", "50000"),
                ("cpuquota", "40000"),
                ("cpusetcpus", "0-1"),
                ("cpusetmems", "0"),
                ("no-cache", "Fetch,nope"),
                ("build-arg:HTTPS_PROXY", "http://proxy:1"),
                ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "team"),
            ]),
            &daemon(),
        )
        .unwrap();
        assert_eq!(steps.hosts.len(), 2);
        assert_eq!(steps.hosts[0].0, "a");
        assert_eq!(steps.ulimits, [("nofile".to_owned(), 1024, 2048), ("core".to_owned(), 0, 0)]);
        assert_eq!(steps.shared_memory, Some(64 << 20));
        assert_eq!((steps.cgroup_parent.as_str(), steps.hostname.as_str()), ("/x", "h"));
        let resources = pb::LinuxResources {
            memory: 1 << 20,
            memory_swap: 2 << 20,
            cpu_shares: 300,
            cpu_period: 50_000,
            cpu_quota: 40_000,
            cpuset_cpus: "0-1".to_owned(),
            cpuset_mems: "0".to_owned(),
        };
        assert_eq!(steps.resources, Some(resources));
        assert_eq!(steps.proxy.unwrap().https_proxy, "http://proxy:1");
        assert_eq!(steps.cache_namespace, "team");
        assert_eq!(steps.rerun.into_iter().collect::<Vec<_>>(), [Rebuilt::Fetch]);
        assert!(found.iter().any(|warning| warning.message.contains("`nope`")));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (key, value) in [
            ("add-hosts", "a"),
            ("add-hosts", "a=b"),
            ("ulimit", "files=1"),
            ("ulimit", "nofile=2:1"),
            ("shm-size", "1g"),
            ("memory", "much"),
        ] {
            let failure = read(&options(&[(key, value)]), &daemon()).unwrap_err();
            assert!(failure.message().contains(key), "{}", failure.message());
        }
    }
}
