//! Whatever the bytes are, reading them ends soon and never in a panic.
#![allow(clippy::disallowed_methods, reason = "a bound on time is what is tested")]
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test may stop at a surprise"
)]

use std::time::{Duration, Instant};

use cofferdam::manifest;
use cofferdam::report;
use cofferdam::text::Source;
use proptest::prelude::*;

/// What is said about some bytes, in bounded time; none if they are a manifest.
fn said(bytes: &[u8]) -> Option<String> {
    let started = Instant::now();
    let found = match manifest::source("cofferdam.yaml", bytes) {
        Err(found) => Some(report::plain(&found, &Source::new("cofferdam.yaml", ""))),
        Ok(source) => manifest::read(&source).err().map(|found| report::plain(&found, &source)),
    };
    // Without optimisation on a busy machine; an optimised build needs a twentieth.
    assert!(started.elapsed() < Duration::from_secs(10), "took {:?}", started.elapsed());
    found
}

#[track_caller]
fn refused_for(bytes: &[u8], code: &str) {
    let said = said(bytes).unwrap();
    assert!(said.contains(&format!("error[{code}]")), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "{said}");
    assert!(said.len() < 2_000, "{said}");
}

#[test]
fn a_large_input_is_not_even_parsed() {
    refused_for("name: app\n".repeat(2_000_000).as_bytes(), "too-large");
    refused_for(&vec![0xff; 20_000_000], "too-large");
}

#[test]
fn deep_nesting_is_one_error() {
    for (open, code) in
        [("[", "too-deep"), ("{a: ", "too-deep"), ("- ", "too-deep"), ("? ", "too-deep"), (": ", "too-deep")]
    {
        refused_for(format!("name: x\nargs:\n  {}", open.repeat(10_000)).as_bytes(), code);
        refused_for(open.repeat(200_000).as_bytes(), code);
    }
    let blocks: String = (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    refused_for(blocks.as_bytes(), "too-deep");
}

#[test]
fn aliases_count_in_depth_too() {
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for index in 1..100 {
        chain += &format!("a{index}: &a{index} [*a{}]\n", index - 1);
    }
    refused_for(chain.as_bytes(), "alias");
}

#[test]
fn long_and_wide_inputs_end_soon() {
    for text in [
        format!("name: \"{}", "a".repeat(1_000_000)),
        format!("name: {}", "a\n ".repeat(300_000)),
        format!("x: [{}]", "a,".repeat(400_000)),
        (0..60_000).map(|index| format!("k{index}: &a{index} 1\n")).collect(),
        "&a ".repeat(300_000),
        "!a ".repeat(300_000),
        "a: *a\n".repeat(150_000),
        "\"\\u00e9".repeat(100_000),
        "é".repeat(500_000),
        "%".repeat(1_000_000),
        "#\n".repeat(500_000),
        "---\n".repeat(250_000),
        "a: |\n".repeat(200_000),
        "'".repeat(1_000_000),
        "? a\n".repeat(200_000),
    ] {
        said(text.as_bytes());
    }
}

/// Pieces of which YAML is made, so that random texts get past the first character.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "name",
        "runtime",
        "ports",
        "user",
        "files",
        "from",
        "language",
        "go",
        "fetch",
        "secrets",
        ": ",
        ":",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "|\n",
        ">-\n",
        "&a ",
        "*a",
        "!t ",
        "!!str ",
        "~",
        "null",
        "true",
        "8080",
        "3.10",
        "é",
        "\u{1f980}",
        "#",
        " #",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\t",
        "\r\n",
        "\\",
        "\\x41",
        "${A}",
        "<<",
        "@",
        "`",
        "\u{feff}",
        "\u{0}",
        "\u{85}",
        "\u{2028}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        said(&bytes);
    }

    #[test]
    fn arbitrary_texts_never_panic(text in "\\PC{0,200}") {
        said(text.as_bytes());
    }

    #[test]
    fn arbitrary_pieces_never_panic(text in pieces()) {
        said(text.as_bytes());
    }
}
