//! Encodes operations as BuildKit's own deterministic marshaller does, so that digests agree.
//!
//! BuildKit decodes and encodes each operation again and names vertices by the digest of *its* bytes. The
//! differences to prost are two: protobuf-go writes the members of a `oneof` after all other fields, and it
//! writes the value of a map entry even where it is the default.

use std::collections::BTreeMap;

use prost::encoding::{self, WireType, encode_key, encode_varint, encoded_len_varint, key_len};
use prost::{DecodeError, Message};

use super::pb;

/// The bytes of an operation, equal to those of BuildKit's deterministic marshaller.
pub fn encode_op(op: &pb::Op) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(op.encoded_len());
    // Every field by its name, so that one more in the description is not forgotten here.
    let pb::Op { inputs, platform, constraints, op } = op;
    encoding::message::encode_repeated(1, inputs, &mut bytes);
    if let Some(platform) = platform {
        encoding::message::encode(10, platform, &mut bytes);
    }
    if let Some(constraints) = constraints {
        encoding::message::encode(11, constraints, &mut bytes);
    }
    match op {
        None => {}
        Some(pb::op::Op::Source(source)) => length_delimited(3, &source_body(source), &mut bytes),
        Some(pb::op::Op::Build(build)) => length_delimited(5, &build_body(build), &mut bytes),
        Some(other) => other.encode(&mut bytes),
    }
    bytes
}

/// The operation that some bytes hold; an error if they are no operation.
pub fn decode_op(bytes: &[u8]) -> Result<pb::Op, DecodeError> {
    pb::Op::decode(bytes)
}

fn source_body(source: &pb::SourceOp) -> Vec<u8> {
    let mut body =
        pb::SourceOp { identifier: source.identifier.clone(), ..Default::default() }.encode_to_vec();
    strings(2, &source.attrs, &mut body);
    body
}

fn build_body(build: &pb::BuildOp) -> Vec<u8> {
    let mut body = pb::BuildOp { builder: build.builder, ..Default::default() }.encode_to_vec();
    for (key, input) in &build.inputs {
        entry(2, key, &input.encode_to_vec(), &mut body);
    }
    pb::BuildOp { def: build.def.clone(), ..Default::default() }.encode_raw(&mut body);
    strings(4, &build.attrs, &mut body);
    body
}

fn strings(field: u32, map: &BTreeMap<String, String>, bytes: &mut Vec<u8>) {
    for (key, value) in map {
        entry(field, key, value.as_bytes(), bytes);
    }
}

/// One map entry, a message whose field 1 is the key and field 2 the value, both written whatever they are.
fn entry(field: u32, key: &str, value: &[u8], bytes: &mut Vec<u8>) {
    let sized = |length: usize| key_len(1) + encoded_len_varint(length as u64) + length;
    let mut body = Vec::with_capacity(sized(key.len()) + sized(value.len()));
    length_delimited(1, key.as_bytes(), &mut body);
    length_delimited(2, value, &mut body);
    length_delimited(field, &body, bytes);
}

fn length_delimited(field: u32, body: &[u8], bytes: &mut Vec<u8>) {
    encode_key(field, WireType::LengthDelimited, bytes);
    encode_varint(body.len() as u64, bytes);
    bytes.extend_from_slice(body);
}
