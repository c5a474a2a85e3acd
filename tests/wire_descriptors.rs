//! Hands the descriptors of `proto/` to the laboratory, which compares them with BuildKit's own.
//!
//! The comparison is `go run ./conformance ../target/tmp/wire.fds` in `lab/`; `make test` runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeSet;
use std::path::Path;

use cofferdam::wire::DESCRIPTORS;
use prost::Message;
use prost_types::FileDescriptorSet;

#[test]
fn descriptors_name_every_package_and_are_written_for_the_laboratory() {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let packages: BTreeSet<_> = set.file.iter().map(prost_types::FileDescriptorProto::package).collect();
    let expected = [
        "fsutil.types",
        "google.protobuf",
        "google.rpc",
        "moby.buildkit.v1.apicaps",
        "moby.buildkit.v1.frontend",
        "moby.buildkit.v1.types",
        "pb",
    ];
    assert_eq!(packages, BTreeSet::from(expected));
    // Cargo says where its tests may write: `target/tmp`.
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("wire.fds"), DESCRIPTORS).unwrap();
}
