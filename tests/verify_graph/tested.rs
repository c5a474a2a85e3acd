//! A service with a test, as the product's lowering makes it.

use std::collections::BTreeMap;

use cofferdam::step::{self, Step, Test, TestRequest};
use cofferdam::wire::pb;

use super::Build;
use super::fixtures::{bind, exec, known, output, read_only, request_file, tmpfs};

/// Where a test has what other steps have at the root.
pub(crate) fn at(mount: &str) -> String {
    format!("/run/cofferdam{mount}")
}

impl Build {
    /// The Go service, with a test that may write to its one directory.
    pub(crate) fn tested() -> Build {
        let mut build = Build::go();
        let request = TestRequest {
            uid: 65532,
            gid: 65532,
            workdir: "/app".to_owned(),
            env: BTreeMap::from([("PATH".to_owned(), "/usr/bin".to_owned())]),
            argv: vec!["/app/web".to_owned(), "--port=8080".to_owned()],
            test: Test::Http { path: "/".to_owned(), port: 8080, status: 200, timeout: 20 },
        };
        let request = build.add("test request", &[], request_file(step::encode(&request)));
        let argv = Step::Test.argv();
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        let mounts = vec![
            read_only("/", 0),
            known(pb::Mount { selector: "/data".to_owned(), ..bind("/data", 0) }),
            known(read_only(&at(step::PROGRAM_MOUNT), 1)),
            known(read_only(&at(step::FINAL_MOUNT), 0)),
            output(&at(step::REPORT_MOUNT), -1, 0),
            known(read_only(&at(step::REQUEST_MOUNT), 2)),
            tmpfs("/tmp"),
        ];
        let image = build.image.unwrap();
        let program = (build.find("program"), 0);
        let inputs = [image, program, (request, 0)];
        let test = build.add("test", &inputs, exec(pb::NetMode::None, &argv, mounts));
        build.meta("test", |meta| {
            meta.env.clear();
            meta.cwd.truncate(1);
        });
        build.reports.push((test, 0));
        build
    }

    /// Changes what the test is asked.
    pub(crate) fn test_request(&mut self, change: impl FnOnce(&mut TestRequest)) {
        self.mkfile("test request", |file| {
            let mut request: TestRequest = step::decode(&file.data).unwrap();
            change(&mut request);
            file.data = step::encode(&request);
        });
    }
}
