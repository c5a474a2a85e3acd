//! A service that the client's scanner looks at, as the product's lowering makes it.

use cofferdam::step::scan;
use cofferdam::wire::pb;

use super::Build;
use super::fixtures::{exec, image, output, read_only, tmpfs};

pub(crate) const SCANNER: &str = "3333333333333333333333333333333333333333333333333333333333333333";

impl Build {
    /// The Go service with a scan.
    pub(crate) fn scanned() -> Build {
        let mut build = Build::go();
        let scanner = build.add("scanner", &[], image("docker.io/acme/scanner:1", SCANNER));
        let mounts = vec![
            output("/", 0, 0),
            output(scan::DESTINATION_MOUNT, -1, 1),
            read_only(scan::SOURCE_MOUNT, 1),
            tmpfs(scan::MEMORY),
        ];
        let inputs = [(scanner, 0), build.image.unwrap()];
        let step = build.add("scan", &inputs, exec(pb::NetMode::None, &["/scan"], mounts));
        build.meta("scan", |meta| {
            meta.env.extend(scan::PLACES.map(|(name, value)| format!("{name}={value}")));
        });
        build.reports.push((step, 1));
        build.scanner = Some(format!("docker-image://docker.io/acme/scanner:1@sha256:{SCANNER}"));
        build
    }
}
