//! Operations as the JSON form of protocol buffers.
//!
//! Defaults are left out, 64-bit numbers are strings, bytes are in base64 (protobuf.dev, `ProtoJSON`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::wire::pb;
use crate::wire::pb::{file_action::Action, op::Op, user_opt};

/// A message under construction.
#[derive(Default)]
struct Message(Map<String, Value>);

impl Message {
    fn set(mut self, name: &str, value: Value) -> Message {
        self.0.insert(name.to_owned(), value);
        self
    }

    fn text(self, name: &str, value: &str) -> Message {
        if value.is_empty() { self } else { self.set(name, value.into()) }
    }

    fn long(self, name: &str, value: impl Into<i128>) -> Message {
        let value: i128 = value.into();
        if value == 0 { self } else { self.set(name, value.to_string().into()) }
    }

    fn int(self, name: &str, value: impl Into<i64>) -> Message {
        let value: i64 = value.into();
        if value == 0 { self } else { self.set(name, value.into()) }
    }

    fn flag(self, name: &str, value: bool) -> Message {
        if value { self.set(name, true.into()) } else { self }
    }

    fn texts(self, name: &str, values: &[String]) -> Message {
        if values.is_empty() { self } else { self.set(name, values.into()) }
    }

    fn list<T>(self, name: &str, items: &[T], each: impl Fn(&T) -> Value) -> Message {
        if items.is_empty() { self } else { self.set(name, items.iter().map(each).collect()) }
    }

    fn map(self, name: &str, items: &std::collections::BTreeMap<String, String>) -> Message {
        if items.is_empty() {
            return self;
        }
        self.set(
            name,
            items
                .iter()
                .map(|(key, value)| (key.clone(), value.clone().into()))
                .collect::<Map<_, _>>()
                .into(),
        )
    }

    fn some<T>(self, name: &str, item: Option<&T>, each: impl Fn(&T) -> Value) -> Message {
        item.map(each).into_iter().fold(self, |message, value| message.set(name, value))
    }

    /// An enumeration's value by its name; the first one is the default.
    fn name(self, name: &str, value: &'static str, default: &str) -> Message {
        if value == default { self } else { self.set(name, value.into()) }
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

fn message() -> Message {
    Message::default()
}

/// An operation.
pub(super) fn op(op: &pb::Op) -> Value {
    let input = |input: &pb::Input| message().text("digest", &input.digest).long("index", input.index).done();
    let all = message()
        .list("inputs", &op.inputs, input)
        .some("platform", op.platform.as_ref(), platform)
        .some("constraints", op.constraints.as_ref(), |it| message().texts("filter", &it.filter).done());
    match op.op.as_ref() {
        Some(Op::Exec(it)) => all.set("exec", exec(it)),
        Some(Op::Source(it)) => {
            all.set("source", message().text("identifier", &it.identifier).map("attrs", &it.attrs).done())
        }
        Some(Op::File(it)) => all.set("file", message().list("actions", &it.actions, action).done()),
        Some(Op::Build(it)) => {
            all.set("build", message().long("builder", it.builder).map("attrs", &it.attrs).done())
        }
        Some(Op::Merge(it)) => all.set(
            "merge",
            message().list("inputs", &it.inputs, |it| message().long("input", it.input).done()).done(),
        ),
        Some(Op::Diff(it)) => {
            let lower = |it: &pb::LowerDiffInput| message().long("input", it.input).done();
            let upper = |it: &pb::UpperDiffInput| message().long("input", it.input).done();
            all.set(
                "diff",
                message()
                    .some("lower", it.lower.as_ref(), lower)
                    .some("upper", it.upper.as_ref(), upper)
                    .done(),
            )
        }
        Some(Op::Passthrough(it)) => {
            let index = |it: &i64| it.to_string().into();
            all.set("passthrough", message().text("id", &it.id).list("outputs", &it.outputs, index).done())
        }
        None => all,
    }
    .done()
}

fn platform(it: &pb::Platform) -> Value {
    message()
        .text("Architecture", &it.architecture)
        .text("OS", &it.os)
        .text("Variant", &it.variant)
        .text("OSVersion", &it.os_version)
        .texts("OSFeatures", &it.os_features)
        .done()
}

fn exec(it: &pb::ExecOp) -> Value {
    let secret = |it: &pb::SecretEnv| {
        message().text("ID", &it.id).text("name", &it.name).flag("optional", it.optional).done()
    };
    let device = |it: &pb::CdiDevice| message().text("name", &it.name).flag("optional", it.optional).done();
    message()
        .some("meta", it.meta.as_ref(), meta)
        .list("mounts", &it.mounts, mount)
        .name("network", it.network().as_str_name(), "UNSET")
        .name("security", it.security().as_str_name(), "SANDBOX")
        .list("secretenv", &it.secretenv, secret)
        .list("cdiDevices", &it.cdi_devices, device)
        .done()
}

fn meta(it: &pb::Meta) -> Value {
    let proxy = |it: &pb::ProxyEnv| {
        message()
            .text("httpProxy", &it.http_proxy)
            .text("httpsProxy", &it.https_proxy)
            .text("ftpProxy", &it.ftp_proxy)
            .text("noProxy", &it.no_proxy)
            .text("allProxy", &it.all_proxy)
            .done()
    };
    let limit =
        |it: &pb::Ulimit| message().text("Name", &it.name).long("Soft", it.soft).long("Hard", it.hard).done();
    message()
        .texts("args", &it.args)
        .texts("env", &it.env)
        .text("cwd", &it.cwd)
        .text("user", &it.user)
        .some("proxyEnv", it.proxy_env.as_ref(), proxy)
        .list("extraHosts", &it.extra_hosts, |it| message().text("Host", &it.host).text("IP", &it.ip).done())
        .text("hostname", &it.hostname)
        .list("ulimit", &it.ulimit, limit)
        .text("cgroupParent", &it.cgroup_parent)
        .flag("removeMountStubsRecursive", it.remove_mount_stubs_recursive)
        .list("validExitCodes", &it.valid_exit_codes, |code| (*code).into())
        .done()
}

fn mount(it: &pb::Mount) -> Value {
    let special = |id: &str, ids: [u32; 3], optional: bool| {
        let [uid, gid, mode] = ids;
        message()
            .text("ID", id)
            .int("uid", uid)
            .int("gid", gid)
            .int("mode", mode)
            .flag("optional", optional)
            .done()
    };
    let cache = |it: &pb::CacheOpt| {
        message().text("ID", &it.id).name("sharing", it.sharing().as_str_name(), "SHARED").done()
    };
    message()
        .long("input", it.input)
        .text("selector", &it.selector)
        .text("dest", &it.dest)
        .long("output", it.output)
        .flag("readonly", it.readonly)
        .name("mountType", it.mount_type().as_str_name(), "BIND")
        .some("TmpfsOpt", it.tmpfs_opt.as_ref(), |it| message().long("size", it.size).done())
        .some("cacheOpt", it.cache_opt.as_ref(), cache)
        .some("secretOpt", it.secret_opt.as_ref(), |it| {
            special(&it.id, [it.uid, it.gid, it.mode], it.optional)
        })
        .some("SSHOpt", it.ssh_opt.as_ref(), |it| special(&it.id, [it.uid, it.gid, it.mode], it.optional))
        .text("resultID", &it.result_id)
        .name("contentCache", it.content_cache().as_str_name(), "DEFAULT")
        .done()
}

fn action(it: &pb::FileAction) -> Value {
    let all = message()
        .long("input", it.input)
        .long("secondaryInput", it.secondary_input)
        .long("output", it.output);
    match it.action.as_ref() {
        Some(Action::Copy(it)) => all.set("copy", copy(it)),
        Some(Action::Mkfile(it)) => all.set("mkfile", mkfile(it)),
        Some(Action::Mkdir(it)) => {
            let made =
                message().text("path", &it.path).int("mode", it.mode).flag("makeParents", it.make_parents);
            all.set(
                "mkdir",
                made.some("owner", it.owner.as_ref(), owner).long("timestamp", it.timestamp).done(),
            )
        }
        Some(Action::Rm(it)) => {
            let removed = message().text("path", &it.path).flag("allowNotFound", it.allow_not_found);
            all.set("rm", removed.flag("allowWildcard", it.allow_wildcard).done())
        }
        Some(Action::Symlink(it)) => {
            let link = message().text("oldpath", &it.oldpath).text("newpath", &it.newpath);
            all.set(
                "symlink",
                link.some("owner", it.owner.as_ref(), owner).long("timestamp", it.timestamp).done(),
            )
        }
        None => all,
    }
    .done()
}

fn copy(it: &pb::FileActionCopy) -> Value {
    message()
        .text("src", &it.src)
        .text("dest", &it.dest)
        .some("owner", it.owner.as_ref(), owner)
        .int("mode", it.mode)
        .flag("followSymlink", it.follow_symlink)
        .flag("dirCopyContents", it.dir_copy_contents)
        .flag("attemptUnpackDockerCompatibility", it.attempt_unpack_docker_compatibility)
        .flag("createDestPath", it.create_dest_path)
        .flag("allowWildcard", it.allow_wildcard)
        .flag("allowEmptyWildcard", it.allow_empty_wildcard)
        .long("timestamp", it.timestamp)
        .texts("includePatterns", &it.include_patterns)
        .texts("excludePatterns", &it.exclude_patterns)
        .flag("alwaysReplaceExistingDestPaths", it.always_replace_existing_dest_paths)
        .text("modeStr", &it.mode_str)
        .texts("requiredPaths", &it.required_paths)
        .done()
}

fn mkfile(it: &pb::FileActionMkFile) -> Value {
    message()
        .text("path", &it.path)
        .int("mode", it.mode)
        .text("data", &STANDARD.encode(&it.data))
        .some("owner", it.owner.as_ref(), owner)
        .long("timestamp", it.timestamp)
        .done()
}

fn owner(it: &pb::ChownOpt) -> Value {
    let user = |it: &pb::UserOpt| match it.user.as_ref() {
        Some(user_opt::User::ByName(it)) => {
            let name = message().text("name", &it.name).long("input", it.input).done();
            message().set("byName", name).done()
        }
        // A member of a oneof is written even when it is 0.
        Some(user_opt::User::ById(id)) => message().set("byID", (*id).into()).done(),
        None => message().done(),
    };
    message().some("user", it.user.as_ref(), user).some("group", it.group.as_ref(), user).done()
}

/// The source map.
pub(super) fn source(it: &pb::Source) -> Value {
    let location = |it: &pb::Location| {
        message().int("sourceIndex", it.source_index).list("ranges", &it.ranges, range).done()
    };
    let locations = it
        .locations
        .iter()
        .map(|(digest, all)| (digest.clone(), message().list("locations", &all.locations, location).done()));
    let locations: Map<String, Value> = locations.collect();
    let info = |it: &pb::SourceInfo| {
        let data = STANDARD.encode(&it.data);
        message().text("filename", &it.filename).text("data", &data).text("language", &it.language).done()
    };
    let all = if locations.is_empty() { message() } else { message().set("locations", locations.into()) };
    all.list("infos", &it.infos, info).done()
}

fn range(it: &pb::Range) -> Value {
    let position = |it: &pb::Position| message().int("line", it.line).int("character", it.character).done();
    message().some("start", it.start.as_ref(), position).some("end", it.end.as_ref(), position).done()
}

/// What is said of an operation, as BuildKit's client library writes it (`client/llb`, `OpMetadata`).
pub(super) fn metadata(it: &pb::OpMetadata) -> Value {
    let group = |it: &pb::ProgressGroup| {
        message().text("id", &it.id).text("name", &it.name).flag("weak", it.weak).done()
    };
    let caps: Map<String, Value> = it.caps.iter().map(|(cap, on)| (cap.clone(), (*on).into())).collect();
    let all = message().flag("ignore_cache", it.ignore_cache).map("description", &it.description);
    let all =
        all.some("export_cache", it.export_cache.as_ref(), |it| message().flag("Value", it.value).done());
    let all = if caps.is_empty() { all } else { all.set("caps", caps.into()) };
    let limits = |it: &pb::LinuxResources| {
        message()
            .int("memory", it.memory)
            .int("memorySwap", it.memory_swap)
            .long("cpuShares", it.cpu_shares)
            .long("cpuPeriod", it.cpu_period)
            .int("cpuQuota", it.cpu_quota)
            .text("cpusetCpus", &it.cpuset_cpus)
            .text("cpusetMems", &it.cpuset_mems)
            .done()
    };
    all.some("progress_group", it.progress_group.as_ref(), group)
        .some("linux_resources", it.linux_resources.as_ref(), limits)
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_left_out_and_long_numbers_are_texts() {
        let mounts = vec![pb::Mount { dest: "/".to_owned(), output: -1, ..Default::default() }];
        let network = pb::NetMode::None.into();
        let exec = Op::Exec(pb::ExecOp { mounts, network, ..Default::default() });
        let wire = pb::Op {
            constraints: Some(pb::WorkerConstraints::default()),
            op: Some(exec),
            ..Default::default()
        };
        let expected = serde_json::json!({
            "constraints": {},
            "exec": {"mounts": [{"dest": "/", "output": "-1"}], "network": "NONE"},
        });
        assert_eq!(op(&wire), expected);
    }

    #[test]
    fn bytes_are_base64_and_owners_are_told_even_when_they_are_root() {
        let user = Some(pb::UserOpt { user: Some(user_opt::User::ById(0)) });
        let made = Action::Mkfile(pb::FileActionMkFile {
            path: "/a".to_owned(),
            mode: 0o644,
            data: b"hi".to_vec(),
            owner: Some(pb::ChownOpt { user, group: None }),
            timestamp: -1,
        });
        let file = Op::File(pb::FileOp {
            actions: vec![pb::FileAction { input: -1, action: Some(made), ..Default::default() }],
        });
        let value = op(&pb::Op { op: Some(file), ..Default::default() });
        let expected = serde_json::json!({"file": {"actions": [{
            "input": "-1",
            "mkfile": {"path": "/a", "mode": 420, "data": "aGk=", "owner": {"user": {"byID": 0}}, "timestamp": "-1"},
        }]}});
        assert_eq!(value, expected);
    }
}
