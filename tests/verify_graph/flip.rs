//! Flips of single fields, on the wire: every field that a message has, and fields that it has not.

use cofferdam::wire::{decode_op, encode_op, pb};

use super::Build;

/// A place in an operation: the numbers of the fields on the way.
pub(crate) type Path = Vec<u32>;

/// One field of a message, or a message with its fields.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(u64),
    Bytes(Vec<u8>),
    Message(Vec<(u32, Value)>),
}

/// Which fields are messages, by their paths (BuildKit `solver/pb/ops.proto`).
const MESSAGES: &[&[u32]] = &[
    &[2],
    &[2, 1],
    &[2, 2],
    &[2, 2, 19],
    &[2, 2, 20],
    &[2, 2, 21],
    &[2, 2, 22],
    &[2, 5],
    &[3],
    &[3, 2],
    &[4],
    &[4, 2],
    &[4, 2, 4],
    &[4, 2, 5],
    &[4, 2, 6],
    &[6],
    &[6, 1],
    &[10],
    &[11],
];

/// What a field that a message may or may not have becomes.
const NUMBERS: &[u64] = &[0, 1, 2, 3, 7, 0o777, u64::MAX];

/// Every operation that differs from `op` in one field, with the place of the difference.
pub(crate) fn flips(op: &pb::Op) -> Vec<(Path, pb::Op)> {
    let fields = parse(&encode_op(op), &[]);
    let mut all = Vec::new();
    message(&fields, &mut Vec::new(), &mut |path, changed| {
        let Ok(mut changed) = decode_op(&write(&changed)) else { return };
        // A draft's inputs are links, which are flipped apart.
        changed.inputs.clear();
        if changed != *op {
            all.push((path, changed));
        }
    });
    all
}

/// The same graph with another operation in place of one draft's.
pub(crate) fn flipped(build: &Build, draft: usize, op: pb::Op) -> Build {
    let mut build = build.clone();
    build.drafts[draft].op = op;
    build
}

fn message(fields: &[(u32, Value)], path: &mut Path, found: &mut dyn FnMut(Path, Vec<(u32, Value)>)) {
    for (index, (number, value)) in fields.iter().enumerate() {
        path.push(*number);
        let with = |value: Option<Value>| {
            let mut fields = fields.to_vec();
            match value {
                Some(value) => fields[index].1 = value,
                None => drop(fields.remove(index)),
            }
            fields
        };
        found(path.clone(), with(None));
        let mut twice = fields.to_vec();
        twice.insert(index, fields[index].clone());
        found(path.clone(), twice);
        match value {
            Value::Number(_) => {
                for number in NUMBERS {
                    found(path.clone(), with(Some(Value::Number(*number))));
                }
            }
            Value::Bytes(bytes) => {
                for text in texts(bytes) {
                    found(path.clone(), with(Some(Value::Bytes(text))));
                }
            }
            Value::Message(inner) => {
                message(inner, path, &mut |path, inner| found(path, with(Some(Value::Message(inner)))));
            }
        }
        path.pop();
    }
    for number in (1..=24).filter(|number| fields.iter().all(|(known, _)| known != number)) {
        path.push(number);
        for value in
            [Value::Number(1), Value::Number(u64::MAX), Value::Bytes(b"x".to_vec()), Value::Bytes(vec![])]
        {
            let mut fields = fields.to_vec();
            fields.push((number, value));
            fields.sort_by_key(|(number, _)| *number);
            found(path.clone(), fields);
        }
        path.pop();
    }
}

/// What a text becomes.
fn texts(text: &[u8]) -> Vec<Vec<u8>> {
    let mut shorter = text.to_vec();
    shorter.pop();
    let other: &[&[u8]] = &[b"", b"/", b"x", b"/x", b"..", b"."];
    let mut all: Vec<Vec<u8>> = other.iter().map(|text| text.to_vec()).collect();
    all.extend([shorter, [text, b"x"].concat(), [b"/", text].concat()]);
    all
}

fn parse(mut bytes: &[u8], path: &[u32]) -> Vec<(u32, Value)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let number = u32::try_from(key >> 3).unwrap();
        let path = [path, &[number]].concat();
        let value = if key.is_multiple_of(8) {
            Value::Number(varint(&mut bytes))
        } else {
            let length = usize::try_from(varint(&mut bytes)).unwrap();
            let (inner, rest) = bytes.split_at(length);
            bytes = rest;
            let is_message = MESSAGES.contains(&&path[..]);
            if is_message { Value::Message(parse(inner, &path)) } else { Value::Bytes(inner.to_vec()) }
        };
        fields.push((number, value));
    }
    fields
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            break;
        }
    }
    value
}

fn write(fields: &[(u32, Value)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, value) in fields {
        let key = |kind| u64::from(*number) << 3 | kind;
        let inner = match value {
            Value::Number(value) => {
                put(key(0), &mut bytes);
                put(*value, &mut bytes);
                continue;
            }
            Value::Bytes(inner) => inner.clone(),
            Value::Message(fields) => write(fields),
        };
        put(key(2), &mut bytes);
        put(inner.len() as u64, &mut bytes);
        bytes.extend(inner);
    }
    bytes
}

fn put(mut value: u64, bytes: &mut Vec<u8>) {
    while value > 127 {
        bytes.push(u8::try_from(value & 127).unwrap() | 128);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
}
