//! The wire: BuildKit's messages in our own minimal description, encoded byte for byte as BuildKit encodes them.

mod encode;

pub use encode::{decode_op, encode_op};
pub use generated::fsutil::types as fsutil;
pub use generated::google::rpc;
pub use generated::moby::buildkit::v1::{apicaps as caps, frontend as gateway, types as worker};
pub use generated::pb;
pub use prost_types::Any;

/// The descriptors of everything in `proto/`, with what they import: a `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// What the build script makes of `proto/`; its modules nest as its packages do.
mod generated {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]
    include!(concat!(env!("OUT_DIR"), "/wire.rs"));
}
