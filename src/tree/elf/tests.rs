//! Real files of this machine, and files made to harm.

use proptest::prelude::*;

use super::*;

/// The test's own program: dynamically linked against the C library, whatever the machine.
fn own_program() -> Vec<u8> {
    std::fs::read(std::env::current_exe().unwrap()).unwrap()
}

#[test]
fn a_real_program_is_read_as_the_loader_reads_it() {
    let elf = Elf::read(&own_program()).unwrap().unwrap();
    assert!(elf.is_program());
    assert!(elf.interpreter.is_some_and(|path| path.starts_with(b"/lib")));
    assert!(elf.dynamic.needed.iter().any(|name| name.starts_with(b"libc.so")), "{:?}", elf.dynamic.needed);
    let versions: Vec<_> = elf.dynamic.version_needs.iter().map(|need| escape(&need.version)).collect();
    assert!(versions.iter().any(|version| version.starts_with("GLIBC_2.")), "{versions:?}");
    assert!(section(&own_program(), b".dynstr", 1 << 24).unwrap().is_some_and(|bytes| !bytes.is_empty()));
    assert_eq!(section(&own_program(), b".no-such-section", 1).unwrap(), None);
    assert_eq!(section(&own_program(), b".text", 1).unwrap(), None, "the limit holds");
}

#[test]
fn what_is_not_elf_is_none() {
    for bytes in [&b""[..], b"\x7fEL", b"#!/bin/sh\n", b"!<arch>\n"] {
        assert!(Elf::read(&bytes.to_vec()).unwrap().is_none());
    }
}

#[test]
fn lies_are_errors_and_cost_nothing() {
    let program = own_program();
    let with = |changes: &[(usize, &[u8])]| {
        let mut bytes = program.clone();
        for (at, change) in changes {
            bytes[*at..at + change.len()].copy_from_slice(change);
        }
        bytes
    };
    let far = u64::MAX.to_le_bytes();
    for (what, bytes) in [
        ("only the magic", b"\x7fELF".to_vec()),
        ("cut short", program[..40].to_vec()),
        ("program headers beyond the end", with(&[(32, &far[..])])),
        ("program headers of another size", with(&[(54, &[1, 0])])),
        ("no class", with(&[(4, &[9])])),
    ] {
        assert!(matches!(Elf::read(&bytes), Err(ElfError::Malformed(_))), "{what}");
    }
    let huge = with(&[(40, &far[..]), (60, &[0xff, 0xff])]);
    assert!(section(&huge, b".text", 1 << 20).is_err());
    let overlapping = with(&[(40, &[0; 8]), (60, &[0xff, 0xff])]);
    assert_eq!(section(&overlapping, b".no-such-section", 1 << 20).unwrap_or(None), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_file_makes_the_reader_panic_or_hang(
        changes in prop::collection::vec((0_usize..4096, any::<u8>()), 1..40),
        length in 0_usize..8192,
    ) {
        let mut bytes = own_program();
        bytes.truncate(bytes.len().min(1 << 16));
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes[..4].copy_from_slice(b"\x7fELF");
        let cut = bytes[..length].to_vec();
        for bytes in [bytes, cut] {
            let _ = Elf::read(&bytes);
            let _ = section(&bytes, b".go.buildinfo", 1 << 20);
            let _ = data_start(&bytes, 1 << 20);
        }
    }
}

fn escape(bytes: &[u8]) -> String {
    crate::tree::escaped(bytes)
}
