//! What crosses, and who looks at it: layers, stage steps, the inspection, the base.

mod verify_graph;

use cofferdam::contract::{LeaveOut, Role};
use cofferdam::step;
use cofferdam::wire::pb;
use verify_graph::Build;
use verify_graph::fixtures::{self, image, mkdir, mkfile};
use verify_graph::mutate::{Change, amd64, breaks, breaks_among, each_breaks, mount, move_last_before, sort};

#[test]
fn staging_what_the_contract_does_not_name() {
    let changes: &[Change<step::StageRequest>] = &[
        ("another file", |request| request.artifacts[0].from = "etc".to_owned()),
        ("everything", |request| request.artifacts[0].from = String::new()),
        ("elsewhere", |request| request.artifacts[0].to = "/usr/bin/web".to_owned()),
        ("another mode", |request| request.artifacts[0].mode = Some(0o4755)),
        ("no checksum", |request| request.artifacts[0].sha256 = Some("00".to_owned())),
        ("perhaps", |request| request.artifacts[0].required = false),
        ("a part", |request| request.artifacts[0].leave_out = Some(fixtures::tests())),
        ("nothing", |request| request.artifacts.clear()),
        ("twice", |request| request.artifacts.push(request.artifacts[0].clone())),
        ("a bundle more", |request| {
            request.bundles.push(step::Bundle { parts: vec!["a".to_owned()], to: "/b".to_owned() });
        }),
        ("a directory more", |request| {
            request.directories.push(step::Directory { path: "/x".to_owned(), mode: 0o777, uid: 0, gid: 0 });
        }),
        ("a link more", |request| {
            request.links.push(step::Link { path: "/x".to_owned(), target: "/etc/shadow".to_owned() });
        }),
        ("another mount", |request| request.seen_at = "/".to_owned()),
    ];
    each_breaks("staging-leak", Build::go, |build, change| build.request("request app", change), changes);
    let changes: &[Change<step::StageRequest>] = &[
        ("another directory", |request| request.directories[0].path = "/etc".to_owned()),
        ("another mode", |request| request.directories[0].mode = 0o777),
        ("another user", |request| request.directories[0].uid = 0),
        ("another group", |request| request.directories[0].gid = 0),
        ("no directory", |request| request.directories.clear()),
        ("no place", |request| request.seen_at = String::new()),
    ];
    each_breaks("staging-leak", Build::go, |build, change| build.request("request data", change), changes);
    let changes: &[Change<step::StageRequest>] = &[
        ("another part", |request| request.bundles[0].parts[1] = "etc/shadow".to_owned()),
        ("another place", |request| request.bundles[0].to = "/etc/passwd".to_owned()),
        ("no bundle", |request| request.bundles.clear()),
    ];
    each_breaks(
        "staging-leak",
        Build::scratch,
        |build, change| build.request("request bundle", change),
        changes,
    );
}

#[test]
fn staging_what_the_contract_leaves_out() {
    let leave_out = || LeaveOut { paths: vec!["test".to_owned()], files: Vec::new() };
    breaks("staging-leak", Build::go(), |build| {
        build.contract.layers[0].artifacts[0].leave_out = Some(leave_out());
    });
    breaks("staging-leak", Build::go(), |build| {
        build.contract.layers[0].artifacts[0].leave_out =
            Some(LeaveOut { files: vec![".*".to_owned()], ..leave_out() });
        build.request("request app", |request| request.artifacts[0].leave_out = Some(fixtures::tests()));
    });
}

#[test]
fn staging_outside_of_the_output_even_if_it_is_declared() {
    breaks("staging-leak", Build::go(), |build| {
        build.contract.layers[0].artifacts[0].from = "../etc".to_owned();
        build.request("request app", |request| request.artifacts[0].from = "../etc".to_owned());
    });
    breaks("staging-leak", Build::scratch(), |build| {
        build.contract.layers[2].bundles[0].parts[0] = "/etc".to_owned();
        build.request("request bundle", |request| request.bundles[0].parts[0] = "/etc".to_owned());
    });
}

#[test]
fn more_or_fewer_layers_than_the_contract_names_or_in_another_order() {
    breaks("staging-leak", Build::go(), |build| _ = build.contract.layers.pop());
    breaks("staging-leak", Build::go(), |build| build.contract.layers.swap(0, 1));
    breaks("staging-leak", Build::flattened(), |build| build.contract.layers.swap(0, 1));
    breaks("staging-leak", Build::go(), |build| {
        build.contract.layers.push(cofferdam::contract::LayerContract::new(Role::Configuration));
    });
    breaks("staging-leak", Build::base_alone(), |build| {
        build.contract.layers.push(fixtures::directory("/data"));
    });
}

#[test]
fn a_request_that_is_not_one() {
    let changes: &[Change<pb::FileActionMkFile>] = &[
        ("junk", |file| file.data = b"{".to_vec()),
        ("another name", |file| file.path = "/other.json".to_owned()),
        ("another mode", |file| file.mode = 0o644),
        ("an unknown time", |file| file.timestamp = -1),
    ];
    each_breaks("staging-leak", Build::go, |build, change| build.mkfile("request app", change), changes);
    each_breaks("uninspected", Build::go, |build, change| build.mkfile("inspect request", change), changes);
    breaks("staging-leak", Build::go(), |build| {
        build.file("request app", |file| {
            file.actions[0].output = -1;
            let more = pb::FileAction { input: 0, secondary_input: -1, output: 0, action: Some(mkdir("/x")) };
            file.actions.push(more);
        });
    });
}

#[test]
fn a_layer_that_is_not_the_whole_of_a_staged_tree() {
    let changes: &[Change<pb::FileActionCopy>] = &[
        ("a part", |copy| copy.src = "/app".to_owned()),
        ("elsewhere", |copy| copy.dest = "/opt".to_owned()),
        ("as an entry", |copy| copy.dir_copy_contents = false),
        ("following", |copy| copy.follow_symlink = true),
        ("some files", |copy| copy.include_patterns.push("app".to_owned())),
        ("but some files", |copy| copy.exclude_patterns.push("app".to_owned())),
        ("at any time", |copy| copy.timestamp = -1),
    ];
    each_breaks("staging-leak", Build::go, |build, change| build.copy("layer app", change), changes);
    each_breaks("staging-leak", Build::flattened, |build, change| build.copy("layer more", change), changes);
    let changes: &[Change<pb::FileActionCopy>] = &[
        ("an owner", |copy| copy.owner = Some(pb::ChownOpt::default())),
        ("a mode", |copy| copy.mode = 0o644),
        ("a symbolic mode", |copy| copy.mode_str = "u=rwX".to_owned()),
        ("unpacked", |copy| copy.attempt_unpack_docker_compatibility = true),
        ("parents", |copy| copy.create_dest_path = true),
        ("wildcards", |copy| copy.allow_wildcard = true),
        ("empty wildcards", |copy| copy.allow_empty_wildcard = true),
        ("replacing", |copy| copy.always_replace_existing_dest_paths = true),
        ("required", |copy| copy.required_paths.push("x".to_owned())),
        ("an odd source", |copy| copy.src = "/../x".to_owned()),
        ("a directory to copy into", |copy| copy.dest = "/opt/".to_owned()),
        ("no destination", |copy| copy.dest = String::new()),
    ];
    for name in ["layer app", "source", "manifests"] {
        each_breaks("unknown-shape", Build::go, |build, change| build.copy(name, change), changes);
    }
}

#[test]
fn a_layer_with_more_than_one_action() {
    breaks("staging-leak", Build::go(), |build| {
        build.file("layer app", |file| {
            file.actions[0].output = -1;
            let action = Some(mkfile("/etc/more", b"x"));
            file.actions.push(pb::FileAction { input: 1, secondary_input: -1, output: 0, action });
        });
    });
}

#[test]
fn a_builder_that_reaches_the_image_unstaged() {
    // The merge, a layer, or a stage step takes what it must not.
    breaks("staging-leak", Build::go(), |build| {
        let compile = build.find("compile");
        build.draft("merge", |draft| draft.inputs[1] = (compile, 1));
    });
    breaks("staging-leak", Build::go(), |build| {
        let stage = build.find("stage app");
        build.draft("merge", |draft| draft.inputs[1] = (stage, 1));
    });
    breaks("staging-leak", Build::go(), |build| {
        let compile = build.find("compile");
        build.draft("layer app", |draft| draft.inputs[0] = (compile, 1));
    });
    breaks("staging-leak", Build::go(), |build| {
        let source = build.find("source");
        build.draft("merge", |draft| draft.inputs[0] = (source, 0));
    });
    for output in ["compile", "golang"] {
        breaks("staging-leak", Build::go(), |build| {
            let root = build.find(output);
            // The root is output 0 of a step as well as of an image.
            build.draft("stage app", |draft| draft.inputs[2] = (root, 0));
        });
    }
    breaks("staging-leak", Build::go(), |build| {
        let stage = build.find("stage data");
        build.draft("stage app", |draft| draft.inputs[2] = (stage, 0));
        sort(build, &["request data", "stage data", "stage app", "layer app"]);
    });
}

#[test]
fn a_builders_root_that_is_used_as_files() {
    breaks("staging-leak", Build::go(), |build| {
        let compile = build.find("compile");
        build.add("leak", &[(compile, 0)], fixtures::select(&["etc/passwd"]));
        move_last_before(build, "request app");
        let leak = build.find("leak");
        build.draft("stage app", |draft| draft.inputs[2] = (leak, 0));
        build.request("request app", |request| request.seen_at = "/out".to_owned());
    });
    breaks("staging-leak", Build::go(), |build| {
        // The modules are the whole of an image.
        let golang = build.find("golang");
        build.draft("compile", |draft| draft.inputs[1] = (golang, 0));
        build.mount("compile", "/go/pkg/mod", |mount| mount.input = 0);
        build.draft("compile", |draft| _ = draft.inputs.remove(1));
        build.mount("compile", "/src", |mount| mount.input = 1);
        build.mount("compile", "/run/dependencies", |mount| mount.input = 2);
    });
    breaks("staging-leak", Build::scratch(), |build| {
        build.copy("scaffold files", |copy| copy.src = "/".to_owned());
    });
    breaks("staging-leak", Build::scratch(), |build| {
        build.file("scaffold files", |file| file.actions[0].input = 0);
    });
}

#[test]
fn a_stage_step_that_is_not_confined() {
    let changes: &[Change<pb::ExecOp>] = &[
        ("a variable", |exec| exec.meta.as_mut().unwrap().env.push("A=b".to_owned())),
        ("a user", |exec| exec.meta.as_mut().unwrap().user = "1".to_owned()),
        ("a directory", |exec| exec.meta.as_mut().unwrap().cwd = "/in".to_owned()),
        ("memory", |exec| exec.mounts.push(fixtures::tmpfs("/tmp"))),
        ("a writable program", |exec| mount(exec, step::PROGRAM_MOUNT).readonly = false),
        ("a part of the program", |exec| mount(exec, step::PROGRAM_MOUNT).selector = "/bin".to_owned()),
        ("a writable request", |exec| mount(exec, step::REQUEST_MOUNT).readonly = false),
        ("a part of the request", |exec| mount(exec, step::REQUEST_MOUNT).selector = "/a".to_owned()),
        ("a filled output", |exec| mount(exec, step::OUTPUT_MOUNT).input = 0),
        ("a filled report", |exec| mount(exec, step::REPORT_MOUNT).input = 0),
        ("a report at another place", |exec| mount(exec, step::REPORT_MOUNT).dest = "/elsewhere".to_owned()),
        ("another tree", |exec| exec.mounts.push(fixtures::read_only("/more", 0))),
        ("a program that is not known", |exec| mount(exec, step::PROGRAM_MOUNT).content_cache = 0),
        ("a request that is not known", |exec| mount(exec, step::REQUEST_MOUNT).content_cache = 0),
        ("an output that is known", |exec| mount(exec, step::OUTPUT_MOUNT).content_cache = 2),
        ("a root that is known", |exec| mount(exec, "/").content_cache = 2),
    ];
    for (name, rule) in [("stage app", "staging-leak"), ("inspect", "uninspected")] {
        each_breaks(rule, Build::go, |build, change| build.exec(name, change), changes);
    }
    let changes: &[Change<pb::ExecOp>] = &[
        ("a writable input", |exec| mount(exec, step::INPUT_MOUNT).readonly = false),
        ("a part of the input", |exec| mount(exec, step::INPUT_MOUNT).selector = "/a".to_owned()),
        ("an input that is known", |exec| mount(exec, step::INPUT_MOUNT).content_cache = 2),
    ];
    each_breaks("staging-leak", Build::go, |build, change| build.exec("stage app", change), changes);
    let changes: &[Change<pb::ExecOp>] = &[
        ("a writable image", |exec| mount(exec, step::FINAL_MOUNT).readonly = false),
        ("a part of the image", |exec| mount(exec, step::FINAL_MOUNT).selector = "/app".to_owned()),
        ("a part of the base", |exec| mount(exec, step::BASE_MOUNT).selector = "/app".to_owned()),
        ("an image that is not known", |exec| mount(exec, step::FINAL_MOUNT).content_cache = 0),
        ("a base that is not known", |exec| mount(exec, step::BASE_MOUNT).content_cache = 0),
    ];
    each_breaks("uninspected", Build::go, |build, change| build.exec("inspect", change), changes);
    for (rule, change) in [
        ("compile-network", (|exec| exec.network = pb::NetMode::Unset.into()) as fn(&mut pb::ExecOp)),
        ("secret-outside-fetch", |exec| exec.mounts.push(fixtures::secret("/run/secrets/x", "x"))),
        ("secret-outside-fetch", |exec| exec.mounts.push(fixtures::ssh("/run/agent", "x"))),
        ("secret-outside-fetch", |exec| {
            exec.secretenv.push(pb::SecretEnv { id: "x".to_owned(), name: "X".to_owned(), optional: false });
        }),
        ("shared-cache-mount", |exec| exec.mounts.push(fixtures::cache("/cache", "go-111111111111"))),
        ("unknown-shape", |exec| exec.meta.as_mut().unwrap().args.push("--also".to_owned())),
        ("unknown-shape", |exec| exec.meta.as_mut().unwrap().args[2] = "serve".to_owned()),
    ] {
        for name in ["stage app", "inspect"] {
            breaks_among(rule, Build::go(), |build| build.exec(name, change));
        }
    }
}

#[test]
fn bases_that_are_shadowed() {
    breaks("merge-shadows-base", Build::go(), |build| build.draft("merge", |draft| draft.inputs.swap(0, 1)));
    breaks("merge-shadows-base", Build::go(), |build| {
        build.draft("merge", |draft| {
            draft.inputs.push(draft.inputs[0]);
            draft.op.op = Some(fixtures::merge(4));
        });
    });
    breaks("merge-shadows-base", Build::go(), |build| {
        build.draft("base", |draft| draft.op.platform.as_mut().unwrap().architecture = "arm64".to_owned());
    });
    breaks("merge-shadows-base", Build::flattened(), |build| {
        build.draft("base", |draft| draft.op.platform.as_mut().unwrap().architecture = "arm64".to_owned());
    });
}

#[test]
fn an_image_that_nobody_inspects() {
    breaks("uninspected", Build::go(), |build| build.reports.truncate(2));
    breaks("uninspected", Build::go(), |build| _ = build.reports.remove(0));
    breaks("uninspected", Build::go(), |build| {
        let base = build.find("base");
        build.draft("inspect", |draft| draft.inputs[2] = (base, 0));
    });
    breaks("uninspected", Build::go(), |build| {
        build.mount("inspect", step::FINAL_MOUNT, |mount| mount.input = -1);
        build.mount("inspect", step::BASE_MOUNT, |mount| mount.input = 2);
        build.draft("inspect", |draft| _ = draft.inputs.remove(2));
    });
    breaks("uninspected", Build::go(), |build| {
        build.mount("inspect", step::BASE_MOUNT, |mount| mount.input = -1);
        build.draft("inspect", |draft| _ = draft.inputs.pop());
    });
    breaks("uninspected", Build::go(), |build| {
        let compile = build.find("compile");
        build.draft("inspect", |draft| draft.inputs[2] = (compile, 1));
    });
    breaks("uninspected", Build::go(), |build| {
        let compile = build.find("compile");
        build.reports.push((compile, 1));
    });
    breaks("uninspected", Build::go(), |build| {
        let inspect = build.find("inspect");
        let mut again = build.drafts[inspect].clone();
        again.name = "again".to_owned();
        again.op.platform.as_mut().unwrap().variant = "v2".to_owned();
        build.drafts.push(again);
        build.reports.push((inspect + 1, 2));
    });
}

#[test]
fn an_inspection_that_is_told_lies() {
    let changes: &[Change<step::InspectRequest>] = &[
        ("another platform", |request| request.platform = "linux/arm64".to_owned()),
        ("another user", |request| request.uid = 0),
        ("another group", |request| request.gid = 0),
        ("another directory", |request| request.workdir = "/".to_owned()),
        ("another environment", |request| request.env.clear()),
        ("another command", |request| _ = request.processes[0].argv.pop()),
        ("no command", |request| request.processes.clear()),
        ("another base", |request| request.base.digest = Some(format!("sha256:{}", "3".repeat(64)))),
        ("no base", |request| request.base.digest = None),
        ("a file that may take the place of the base's", |request| {
            request.extended.push("/etc/passwd".to_owned());
        }),
    ];
    each_breaks("uninspected", Build::go, Build::inspection, changes);
}

#[test]
fn a_program_that_is_not_ours() {
    breaks("uninspected", Build::go(), |build| build.mkfile("program", |file| file.data = b"other".to_vec()));
    breaks("uninspected", Build::go(), |build| build.mkfile("program", |file| file.mode = 0o777));
    breaks("uninspected", Build::go(), |build| {
        build.draft("program", |draft| {
            draft.op = pb::Op { platform: Some(amd64()), ..draft.op.clone() };
            draft.op.op = Some(image("docker.io/library/golang:1.26-trixie", fixtures::GOLANG));
        });
    });
    breaks("uninspected", Build::single_layer(), |build| {
        build.program_image = Some("docker-image://x".to_owned());
    });
    breaks("uninspected", Build::single_layer(), |build| build.program_image = None);
}
