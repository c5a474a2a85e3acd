//! The allow-list: every field that a shape fixes, changed once.

mod verify_graph;

use cofferdam::wire::pb;
use verify_graph::Build;
use verify_graph::fixtures::{self, copy, source};
use verify_graph::mutate::{Change, breaks, breaks_among, each_breaks, move_last_before};

#[test]
fn steps_that_lift_the_limits_of_the_sandbox() {
    let changes: &[Change<pb::Meta>] = &[
        ("a proxy", |meta| meta.proxy_env = Some(pb::ProxyEnv::default())),
        ("a host", |meta| meta.extra_hosts.push(pb::HostIp { host: "a".to_owned(), ip: "::1".to_owned() })),
        ("a host name", |meta| meta.hostname = "a".to_owned()),
        ("a limit", |meta| meta.ulimit.push(pb::Ulimit::default())),
        ("a group", |meta| meta.cgroup_parent = "a".to_owned()),
        ("stubs that stay", |meta| meta.remove_mount_stubs_recursive = false),
        ("an exit code", |meta| meta.valid_exit_codes = vec![0, 1]),
        ("no command", |meta| meta.args.clear()),
        ("no directory", |meta| meta.cwd = String::new()),
        ("an odd directory", |meta| meta.cwd = "/src/../etc".to_owned()),
        ("a variable without a value", |meta| meta.env.push("A".to_owned())),
        ("a variable without a name", |meta| meta.env.push("=a".to_owned())),
        ("a variable twice", |meta| meta.env.push("PATH=/x".to_owned())),
    ];
    for name in ["fetch", "compile"] {
        each_breaks("unknown-shape", Build::go, |build, change| build.meta(name, change), changes);
    }
    for (rule, change) in [
        ("compile-network", (|exec| exec.network = pb::NetMode::Host.into()) as fn(&mut pb::ExecOp)),
        ("compile-network", |exec| exec.security = pb::SecurityMode::Insecure.into()),
        ("compile-network", |exec| exec.security = 7),
        ("unknown-shape", |exec| exec.network = 7),
        ("unknown-shape", |exec| exec.cdi_devices.push(pb::CdiDevice::default())),
        ("unknown-shape", |exec| exec.meta = None),
        ("unknown-shape", |exec| _ = exec.mounts.remove(0)),
    ] {
        for name in ["fetch", "compile"] {
            breaks_among(rule, Build::go(), |build| build.exec(name, change));
        }
    }
}

#[test]
fn mounts_with_unknown_fields() {
    let changes: &[Change<pb::Mount>] = &[
        ("a result", |mount| mount.result_id = "x".to_owned()),
        ("its content in the cache key", |mount| mount.content_cache = 1),
        ("its content left out of the cache key", |mount| mount.content_cache = 2),
        ("its content in no known way in the cache key", |mount| mount.content_cache = 3),
        ("an unknown kind", |mount| mount.mount_type = 9),
        ("an odd place", |mount| mount.dest = "/a/../b".to_owned()),
        ("a relative place", |mount| mount.dest = "a".to_owned()),
        ("a place twice", |mount| mount.dest = "/tmp".to_owned()),
        ("an input that is not there", |mount| mount.input = 9),
        ("a negative input", |mount| mount.input = -2),
        ("an output that is skipped", |mount| mount.output = 7),
    ];
    for place in ["/src", "/out", "/go/pkg/mod"] {
        each_breaks(
            "unknown-shape",
            Build::go,
            |build, change| build.mount("compile", place, change),
            changes,
        );
    }
    let changes: &[Change<pb::Mount>] = &[
        ("cache options", |mount| mount.cache_opt = Some(pb::CacheOpt::default())),
        ("secret options", |mount| mount.secret_opt = Some(pb::SecretOpt::default())),
        ("agent options", |mount| mount.ssh_opt = Some(pb::SshOpt::default())),
        ("memory options", |mount| mount.tmpfs_opt = Some(pb::TmpfsOpt::default())),
        ("an odd selector", |mount| mount.selector = "/../x".to_owned()),
        ("read-only with an output", |mount| (mount.readonly, mount.output) = (true, 0)),
    ];
    for place in ["/src", "/out", "/go/pkg/mod"] {
        each_breaks(
            "unknown-shape",
            Build::go,
            |build, change| build.mount("compile", place, change),
            changes,
        );
    }
    let changes: &[Change<pb::Mount>] = &[
        ("a selector", |mount| mount.selector = "/a".to_owned()),
        ("neither kept nor read-only", |mount| mount.output = -1),
    ];
    each_breaks("unknown-shape", Build::go, |build, change| build.mount("compile", "/", change), changes);
    let changes: &[Change<pb::Mount>] = &[
        ("a selector", |mount| mount.selector = "/a".to_owned()),
        ("read-only", |mount| mount.readonly = true),
        ("an input", |mount| mount.input = 0),
        ("no options", |mount| mount.cache_opt = None),
        ("odd sharing", |mount| mount.cache_opt.as_mut().unwrap().sharing = 9),
        ("an output", |mount| mount.output = 2),
    ];
    let cache = "/root/.cache/go-build";
    each_breaks("unknown-shape", Build::go, |build, change| build.mount("compile", cache, change), changes);
    let changes: &[Change<pb::Mount>] = &[
        ("an output", |mount| mount.output = 2),
        ("an input", |mount| mount.input = 0),
        ("a selector", |mount| mount.selector = "/a".to_owned()),
    ];
    each_breaks("unknown-shape", Build::go, |build, change| build.mount("compile", "/tmp", change), changes);
}

#[test]
fn a_root_that_is_no_image() {
    breaks("unknown-shape", Build::go(), |build| {
        build.mount("compile", "/", |mount| mount.input = 2);
        build.draft("compile", |draft| draft.inputs[0] = draft.inputs[1]);
        build.mount("compile", "/go/pkg/mod", |mount| mount.input = 1);
    });
}

#[test]
fn secrets_with_odd_fields() {
    let changes: &[Change<pb::ExecOp>] = &[
        ("no id", |exec| exec.secretenv[0].id.clear()),
        ("no name", |exec| exec.secretenv[0].name.clear()),
        ("twice", |exec| exec.secretenv.push(exec.secretenv[0].clone())),
        ("also plain", |exec| exec.meta.as_mut().unwrap().env.push("TOKEN=public".to_owned())),
    ];
    each_breaks("secret-outside-fetch", Build::go, |build, change| build.exec("fetch", change), changes);
    let changes: &[Change<pb::Mount>] = &[
        ("readable by others", |mount| mount.secret_opt.as_mut().unwrap().mode = 0o444),
        ("without an id", |mount| mount.secret_opt.as_mut().unwrap().id.clear()),
        ("without options", |mount| mount.secret_opt = None),
        ("an agent", |mount| mount.ssh_opt = Some(pb::SshOpt::default())),
        ("an output", |mount| mount.output = 2),
        ("an input", |mount| mount.input = 0),
    ];
    each_breaks(
        "unknown-shape",
        Build::go,
        |build, change| build.mount("fetch", "/root/.netrc", change),
        changes,
    );
    let changes: &[Change<pb::Mount>] = &[
        ("usable by others", |mount| mount.ssh_opt.as_mut().unwrap().mode = 0o666),
        ("without an id", |mount| mount.ssh_opt.as_mut().unwrap().id.clear()),
        ("without options", |mount| mount.ssh_opt = None),
    ];
    let agent = "/run/buildkit/ssh_agent.0";
    each_breaks("unknown-shape", Build::go, |build, change| build.mount("fetch", agent, change), changes);
}

#[test]
fn sources_that_are_not_known() {
    let changes: &[Change<pb::SourceOp>] = &[
        ("a blob", |source| {
            source.identifier = source.identifier.replace("docker-image", "docker-image+blob");
        }),
        ("another scheme", |source| source.identifier = "ftp://example.com".to_owned()),
        ("no scheme", |source| source.identifier = "golang".to_owned()),
        ("another attribute", |source| _ = source.attrs.insert("image.new".to_owned(), "1".to_owned())),
        ("of another kind", |source| _ = source.attrs.insert("http.filename".to_owned(), "1".to_owned())),
        ("fewer layers", |source| _ = source.attrs.insert("image.layerlimit".to_owned(), "1".to_owned())),
    ];
    each_breaks("unknown-shape", Build::go, |build, change| build.source("golang", change), changes);
}

#[test]
fn operations_that_are_not_known() {
    let ops = [
        pb::op::Op::Diff(pb::DiffOp { lower: None, upper: Some(pb::UpperDiffInput { input: 0 }) }),
        pb::op::Op::Build(pb::BuildOp::default()),
        pb::op::Op::Passthrough(pb::PassthroughOp { id: "x".to_owned(), outputs: vec![0] }),
    ];
    for op in ops {
        breaks("unknown-shape", Build::go(), |build| build.draft("source", |draft| draft.op.op = Some(op)));
    }
    let changes: &[Change<pb::Op>] = &[
        ("nothing", |op| op.op = None),
        ("a machine", |op| op.constraints.as_mut().unwrap().filter.push("a".to_owned())),
        ("a platform", |op| {
            op.platform = Some(pb::Platform { os: "linux".to_owned(), ..Default::default() });
        }),
    ];
    for name in ["source", "layer app", "merge", "context"] {
        each_breaks(
            "unknown-shape",
            Build::go,
            |b, change| b.draft(name, |draft| change(&mut draft.op)),
            changes,
        );
    }
    let changes: &[Change<pb::Op>] = &[
        ("no platform", |op| op.platform = None),
        ("another system", |op| op.platform.as_mut().unwrap().os = "windows".to_owned()),
        ("no architecture", |op| op.platform.as_mut().unwrap().architecture.clear()),
        ("a version", |op| op.platform.as_mut().unwrap().os_version = "1".to_owned()),
        ("features", |op| op.platform.as_mut().unwrap().os_features.push("x".to_owned())),
    ];
    for name in ["golang", "compile", "stage app"] {
        each_breaks(
            "unknown-shape",
            Build::go,
            |b, change| b.draft(name, |draft| change(&mut draft.op)),
            changes,
        );
    }
}

#[test]
fn file_operations_that_are_not_known() {
    let changes: &[Change<pb::FileOp>] = &[
        ("no action", |file| file.actions.clear()),
        ("an empty action", |file| file.actions[1].action = None),
        ("a removal", |file| {
            file.actions[1].action = Some(pb::file_action::Action::Rm(pb::FileActionRm::default()));
        }),
        ("a link", |file| {
            file.actions[1].action = Some(pb::file_action::Action::Symlink(pb::FileActionSymlink::default()));
        }),
        ("an early output", |file| file.actions[0].output = 1),
        ("no output", |file| file.actions[1].output = -1),
        ("a fork", |file| file.actions[1].input = 0),
        ("a jump", |file| file.actions[1].input = 2),
        ("an unused source", |file| file.actions[1].secondary_input = 0),
        ("an input that is not there", |file| file.actions[0].input = 5),
        ("a copy of nothing", |file| {
            file.actions[1].action = Some(pb::file_action::Action::Copy(copy("/a", "/b")));
        }),
    ];
    each_breaks("unknown-shape", Build::rust, |build, change| build.file("skeleton", change), changes);
    let changes: &[Change<pb::FileActionMkFile>] = &[
        ("an owner", |file| file.owner = Some(pb::ChownOpt::default())),
        ("set-user", |file| file.mode = 0o4755),
        ("no mode", |file| file.mode = -1),
        ("an odd path", |file| file.path = "/a/../b".to_owned()),
    ];
    each_breaks("unknown-shape", Build::rust, |build, change| build.mkfile("skeleton", change), changes);
    breaks("unknown-shape", Build::rust(), |build| {
        build.file("skeleton", |file| {
            if let Some(pb::file_action::Action::Mkdir(directory)) = &mut file.actions[0].action {
                directory.owner = Some(pb::ChownOpt::default());
            }
        });
    });
    breaks("unknown-shape", Build::rust(), |build| {
        let context = build.find("context");
        build.draft("skeleton", |draft| draft.inputs.push((context, 0)));
    });
}

#[test]
fn merges_that_are_not_known() {
    let changes: &[Change<pb::MergeOp>] = &[
        ("another order", |merge| merge.inputs.swap(0, 1)),
        ("not all", |merge| _ = merge.inputs.pop()),
        ("one twice", |merge| merge.inputs[1].input = 0),
    ];
    let apply = |build: &mut Build, change: fn(&mut pb::MergeOp)| {
        build.draft("merge", |draft| {
            if let Some(pb::op::Op::Merge(merge)) = &mut draft.op.op {
                change(merge);
            }
        });
    };
    each_breaks("unknown-shape", Build::go, apply, changes);
    breaks("unknown-shape", Build::go(), |build| {
        let (base, app) = (build.find("base"), build.find("layer app"));
        build.add("inner", &[(base, 0), (app, 0)], fixtures::merge(2));
        move_last_before(build, "merge");
        let inner = build.find("inner");
        build.draft("merge", |draft| draft.inputs[0] = (inner, 0));
        build.draft("merge", |draft| _ = draft.inputs.remove(1));
        build.draft("merge", |draft| draft.op.op = Some(fixtures::merge(2)));
    });
}

#[test]
fn a_source_cannot_have_inputs() {
    breaks("unknown-shape", Build::go(), |build| {
        build.add("extra", &[], source("local://extra", &[]));
        move_last_before(build, "golang");
        let extra = build.find("extra");
        build.draft("golang", |draft| draft.inputs.push((extra, 0)));
    });
}
