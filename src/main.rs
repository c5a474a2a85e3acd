//! The binary's entry: decides which of the three edges was called.

fn main() {}
