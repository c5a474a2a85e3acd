//! `tests-leak`: tests run in the image that ships, change nothing, and leave nothing but what they report.

mod verify_graph;

use cofferdam::step::{self, TestRequest};
use cofferdam::wire::pb;
use verify_graph::Build;
use verify_graph::aside::Aside;
use verify_graph::fixtures;
use verify_graph::flip::{flipped, flips};
use verify_graph::mutate::{Change, breaks, breaks_among, each_breaks, mount};
use verify_graph::tested::at;

const RULE: &str = "tests-leak";

#[test]
fn a_service_with_a_test() {
    Build::tested().assert_clean();
}

#[test]
fn a_test_changes_nothing_and_sees_nothing_else() {
    let changes: &[Change<pb::ExecOp>] = &[
        ("a root that is kept", |exec| {
            *mount(exec, "/") = fixtures::output("/", 0, 0);
            mount(exec, &at(step::REPORT_MOUNT)).output = 1;
        }),
        ("a root that is not the image", |exec| mount(exec, "/").input = 1),
        ("an empty root", |exec| {
            *mount(exec, "/") = fixtures::output("/", -1, 0);
            mount(exec, &at(step::REPORT_MOUNT)).output = 1;
        }),
        ("an image that is not the root", |exec| mount(exec, &at(step::FINAL_MOUNT)).input = 1),
        ("a writable image", |exec| mount(exec, &at(step::FINAL_MOUNT)).readonly = false),
        ("a writable directory that is kept", |exec| {
            *mount(exec, "/data") = fixtures::output("/data", 0, 0);
            mount(exec, &at(step::REPORT_MOUNT)).output = 1;
        }),
        ("a directory at another place", |exec| mount(exec, "/data").dest = "/app".to_owned()),
        ("another directory", |exec| mount(exec, "/data").selector = "/app".to_owned()),
        ("a directory of another tree", |exec| mount(exec, "/data").input = 1),
        ("a directory that the user may not write", |exec| {
            let mount = mount(exec, "/data");
            (mount.dest, mount.selector) = ("/app".to_owned(), "/app".to_owned());
        }),
        ("memory at another place", |exec| mount(exec, "/tmp").dest = "/etc".to_owned()),
        ("more memory", |exec| exec.mounts.push(fixtures::tmpfs("/var"))),
        ("no memory", |exec| exec.mounts.retain(|mount| mount.dest != "/tmp")),
        ("another output", |exec| exec.mounts.push(fixtures::output("/out", -1, 1))),
        ("another tree", |exec| exec.mounts.push(fixtures::read_only("/more", 1))),
        ("an image that is not known", |exec| mount(exec, &at(step::FINAL_MOUNT)).content_cache = 0),
        ("a directory that is not known", |exec| mount(exec, "/data").content_cache = 0),
        ("a root that is known", |exec| mount(exec, "/").content_cache = 2),
        ("a report that does not begin empty", |exec| mount(exec, &at(step::REPORT_MOUNT)).input = 0),
        ("a writable request", |exec| mount(exec, &at(step::REQUEST_MOUNT)).readonly = false),
        ("a variable", |exec| exec.meta.as_mut().unwrap().env.push("A=b".to_owned())),
        ("a user", |exec| exec.meta.as_mut().unwrap().user = "1".to_owned()),
        ("a directory to run in", |exec| exec.meta.as_mut().unwrap().cwd = "/app".to_owned()),
    ];
    for (what, change) in changes {
        let mut build = Build::tested();
        build.exec("test", change);
        assert!(build.broken().contains(RULE), "{what}: {:#?}", build.verify());
    }
}

#[test]
fn a_test_is_as_confined_as_any_step_of_ours() {
    for (rule, change) in [
        ("compile-network", (|exec| exec.network = pb::NetMode::Unset.into()) as fn(&mut pb::ExecOp)),
        ("compile-network", |exec| exec.network = pb::NetMode::Host.into()),
        ("secret-outside-fetch", |exec| exec.mounts.push(fixtures::secret("/run/secrets/x", "x"))),
        ("secret-outside-fetch", |exec| exec.mounts.push(fixtures::ssh("/run/agent", "x"))),
        ("shared-cache-mount", |exec| exec.mounts.push(fixtures::cache("/cache", "go-111111111111"))),
        ("unknown-shape", |exec| exec.meta.as_mut().unwrap().args.push("--also".to_owned())),
        ("unknown-shape", |exec| exec.meta.as_mut().unwrap().args[0] = "/app/web".to_owned()),
        ("unknown-shape", |exec| exec.meta.as_mut().unwrap().valid_exit_codes = vec![0, 1]),
    ] {
        breaks_among(rule, Build::tested(), |build| build.exec("test", change));
    }
}

#[test]
fn a_test_in_another_tree_than_the_image() {
    for (name, output) in [("base", 0), ("layer app", 0), ("compile", 0), ("compile", 1), ("stage app", 1)] {
        breaks(RULE, Build::tested(), |build| {
            let tree = (build.find(name), output);
            build.draft("test", |draft| draft.inputs[0] = tree);
        });
    }
}

#[test]
fn a_test_that_is_told_lies_or_that_nobody_reads() {
    let changes: &[Change<TestRequest>] = &[
        ("a user", |request| request.uid = 0),
        ("a group", |request| request.gid = 0),
        ("a directory", |request| request.workdir = "/".to_owned()),
        ("a variable", |request| _ = request.env.insert("A".to_owned(), "b".to_owned())),
        ("a command", |request| request.argv = vec!["/bin/true".to_owned()]),
    ];
    each_breaks(RULE, Build::tested, |build, change| build.test_request(change), changes);
    let changes: &[Change<pb::FileActionMkFile>] = &[
        ("no request", |file| file.data = b"{}".to_vec()),
        ("a request of any time", |file| file.timestamp = -1),
    ];
    each_breaks(RULE, Build::tested, |build, change| build.mkfile("test request", change), changes);
    breaks(RULE, Build::tested(), |build| {
        build.reports.pop();
        // Something else needs the test, or it would not be there at all.
        let mut again = build.drafts[build.find("test")].clone();
        again.name = "again".to_owned();
        build.drafts.push(again);
        let (test, end) = (build.find("test"), build.drafts.len() - 1);
        build.drafts[end].inputs.push((test, 0));
        build.exec("again", |exec| exec.mounts.push(fixtures::read_only("/more", 3)));
        build.reports.push((end, 0));
    });
}

#[test]
fn what_a_test_leaves_is_no_file_of_the_image() {
    let test = Aside {
        build: Build::tested,
        rule: RULE,
        told: "what a test left",
        step: "test",
        needs: "test request",
        image: 0,
        output: 0,
        at: "/",
        file: "report.json",
    };
    test.is_no_file_of_the_image();
}

#[test]
fn every_field_of_a_test() {
    let build = Build::tested();
    let test = build.find("test");
    let (mut refused, mut free) = (0, 0);
    for (path, op) in flips(&build.drafts[test].op) {
        let changed = flipped(&build, test, op);
        if changed.verify().has_errors() {
            refused += 1;
            continue;
        }
        free += 1;
        // The machine that it runs on, constraints that say nothing, and whether there is a directory to write at all.
        let is_free = [&[10, 1][..], &[10, 3], &[11], &[2, 2]].iter().any(|free| path.starts_with(free));
        assert!(is_free, "{path:?} is accepted: {:#?}", changed.drafts[test].op);
    }
    assert!(refused > 200 && free > 0, "{refused} refused, {free} free");
}
