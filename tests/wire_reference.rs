//! The three digests that BuildKit's deterministic marshaller gave for operations written out here field by field.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeMap;

use cofferdam::name::Digest;
use cofferdam::wire::{decode_op, encode_op, pb};

fn op(inputs: Vec<pb::Input>, platform: Option<pb::Platform>, op: pb::op::Op) -> pb::Op {
    pb::Op { inputs, platform, constraints: Some(pb::WorkerConstraints::default()), op: Some(op) }
}

fn input() -> pb::Input {
    pb::Input { digest: "sha256:aa".into(), index: 0 }
}

fn assert_digest(op: &pb::Op, hex: &str) {
    let bytes = encode_op(op);
    assert_eq!(Digest::of(&bytes).hex(), hex);
    assert_eq!(decode_op(&bytes).as_ref(), Ok(op));
}

#[test]
fn exec() {
    let meta = pb::Meta {
        args: ["/bin/sh", "-c", "true"].map(str::to_owned).to_vec(),
        env: vec!["A=b".into()],
        cwd: "/".into(),
        remove_mount_stubs_recursive: true,
        valid_exit_codes: vec![0, 3],
        ..Default::default()
    };
    let root = pb::Mount { dest: "/".into(), ..Default::default() };
    let cache = pb::Mount {
        input: -1,
        dest: "/c".into(),
        output: -1,
        mount_type: pb::MountType::Cache.into(),
        cache_opt: Some(pb::CacheOpt { id: "x".into(), sharing: pb::CacheSharingOpt::Locked.into() }),
        ..Default::default()
    };
    let exec = pb::ExecOp { meta: Some(meta), mounts: vec![root, cache], ..Default::default() };
    let platform = pb::Platform { architecture: "amd64".into(), os: "linux".into(), ..Default::default() };
    assert_digest(
        &op(vec![input()], Some(platform), pb::op::Op::Exec(exec)),
        "6669e237cb4a9c31efb56a7c37f9d7337c4073c4f63848fc955ae58fcee1e190",
    );
}

#[test]
fn file() {
    let copy = pb::FileActionCopy {
        src: "/a".into(),
        dest: "/b".into(),
        mode: -1,
        timestamp: -1,
        owner: Some(pb::ChownOpt {
            user: Some(pb::UserOpt { user: Some(pb::user_opt::User::ById(0)) }),
            group: None,
        }),
        ..Default::default()
    };
    let action = pb::FileAction {
        input: -1,
        secondary_input: 0,
        output: 0,
        action: Some(pb::file_action::Action::Copy(copy)),
    };
    assert_digest(
        &op(vec![input()], None, pb::op::Op::File(pb::FileOp { actions: vec![action] })),
        "3499796eac0f03c9893d6714e4d513326f83a4f1900e0cb1f4cbf134f7a13a16",
    );
}

/// Its empty attribute is what prost alone would not write.
#[test]
fn source() {
    let attrs = [("git.x", ""), ("local.session", "s"), ("local.sharedkeyhint", "context")];
    let attrs: BTreeMap<_, _> =
        attrs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let source = pb::SourceOp { identifier: "local://context".into(), attrs };
    assert_digest(
        &op(vec![], None, pb::op::Op::Source(source)),
        "bef67bf813bac18a60217dc6279bab3a6ed885715c66e5c6af434e268b7e9113",
    );
}
