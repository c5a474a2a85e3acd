//! Turns the list of mottos into a table.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=mottos.txt");
    let text = fs::read_to_string("mottos.txt").expect("mottos.txt lies beside build.rs");
    let mottos: Vec<&str> = text.lines().collect();
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("mottos.rs"), format!("&{mottos:?}")).expect("OUT_DIR is writable");
}
