//! `scanner-leak`: the client's scanner sees the finished image, and what it writes is an attestation and nothing else.

mod verify_graph;

use cofferdam::step::scan;
use cofferdam::wire::pb;
use verify_graph::Build;
use verify_graph::aside::Aside;
use verify_graph::fixtures;
use verify_graph::flip::{flipped, flips};
use verify_graph::mutate::{Change, breaks, breaks_among, mount};

const RULE: &str = "scanner-leak";

#[test]
fn a_service_with_a_scan() {
    Build::scanned().assert_clean();
}

#[test]
fn a_scanner_sees_the_image_and_nothing_else() {
    let changes: &[Change<pb::ExecOp>] = &[
        ("a writable image", |exec| mount(exec, scan::SOURCE_MOUNT).readonly = false),
        ("a part of the image", |exec| mount(exec, scan::SOURCE_MOUNT).selector = "/app".to_owned()),
        ("another tree", |exec| exec.mounts.push(fixtures::read_only("/more", 1))),
        ("another output", |exec| exec.mounts.push(fixtures::output("/more", -1, 2))),
        ("no place to write to", |exec| {
            exec.mounts.retain(|mount| mount.dest != scan::DESTINATION_MOUNT);
        }),
        ("a place that does not begin empty", |exec| mount(exec, scan::DESTINATION_MOUNT).input = 1),
        ("more memory", |exec| exec.mounts.push(fixtures::tmpfs("/var"))),
        ("another place for memory", |exec| mount(exec, scan::MEMORY).dest = "/etc".to_owned()),
        ("a user", |exec| exec.meta.as_mut().unwrap().user = "1".to_owned()),
        ("another place to look at", |exec| {
            let env = &mut exec.meta.as_mut().unwrap().env;
            env.retain(|variable| !variable.starts_with("BUILDKIT_SCAN_SOURCE="));
        }),
    ];
    for (what, change) in changes {
        let mut build = Build::scanned();
        build.exec("scan", change);
        assert!(build.broken().contains(RULE), "{what}: {:#?}", build.verify());
    }
}

#[test]
fn a_scanner_is_as_confined_as_any_step_of_ours() {
    for (rule, change) in [
        ("compile-network", (|exec| exec.network = pb::NetMode::Unset.into()) as fn(&mut pb::ExecOp)),
        ("compile-network", |exec| exec.network = pb::NetMode::Host.into()),
        ("secret-outside-fetch", |exec| exec.mounts.push(fixtures::secret("/run/secrets/x", "x"))),
        ("secret-outside-fetch", |exec| exec.mounts.push(fixtures::ssh("/run/agent", "x"))),
        ("shared-cache-mount", |exec| exec.mounts.push(fixtures::cache("/cache", "scanner-333333333333"))),
        ("unknown-shape", |exec| exec.meta.as_mut().unwrap().valid_exit_codes = vec![0, 1]),
    ] {
        breaks_among(rule, Build::scanned(), |build| build.exec("scan", change));
    }
}

#[test]
fn another_scanner_another_tree_or_one_that_nobody_asked_for() {
    breaks(RULE, Build::scanned(), |build| build.scanner = None);
    breaks(RULE, Build::scanned(), |build| build.scanner = Some("docker-image://a".to_owned()));
    for (name, output) in [("golang", 0), ("compile", 0), ("stage app", 1)] {
        breaks_among(RULE, Build::scanned(), |build| {
            let tree = (build.find(name), output);
            build.draft("scan", |draft| draft.inputs[0] = tree);
        });
    }
    for (name, output) in [("base", 0), ("layer app", 0), ("compile", 1), ("context", 0)] {
        breaks(RULE, Build::scanned(), |build| {
            let tree = (build.find(name), output);
            build.draft("scan", |draft| draft.inputs[1] = tree);
        });
    }
    breaks_among("unpinned-source", Build::scanned(), |build| {
        let name = "docker-image://docker.io/acme/scanner:1";
        build.draft("scanner", |draft| draft.op.op = Some(fixtures::source(name, &[])));
        build.scanner = Some(name.to_owned());
    });
}

#[test]
fn what_a_scanner_writes_is_no_file_of_the_image() {
    let scan = Aside {
        build: Build::scanned,
        rule: RULE,
        told: "what a scanner wrote",
        step: "scan",
        needs: "scanner",
        image: 1,
        output: 1,
        at: "/run/out",
        file: "sbom.spdx.json",
    };
    scan.is_no_file_of_the_image();
    // Its root is not even an attestation.
    breaks_among(RULE, Build::scanned(), |build| {
        let scan = build.find("scan");
        let layer = build.add("leak", &[(scan, 0)], fixtures::layer_copy(-1, 0));
        build.image = Some((layer, 0));
    });
}

#[test]
fn every_field_of_a_scan() {
    let build = Build::scanned();
    let scan = build.find("scan");
    let (mut refused, mut free) = (0, 0);
    for (path, op) in flips(&build.drafts[scan].op) {
        let changed = flipped(&build, scan, op);
        if changed.verify().has_errors() {
            refused += 1;
            continue;
        }
        free += 1;
        // The machine that it runs on, how much memory there is, and what its image says: command, variables, directory.
        let is_free = [&[10, 1][..], &[10, 3], &[11], &[2, 1, 1], &[2, 1, 2], &[2, 1, 3], &[2, 2, 19]];
        let is_free = is_free.iter().any(|free| path.starts_with(free));
        assert!(is_free, "{path:?} is accepted: {:#?}", changed.drafts[scan].op);
    }
    assert!(refused > 100 && free > 0, "{refused} refused, {free} free");
}
