//! Compiles `proto/` into Rust without needing any program besides this one.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use prost_build::Config;

/// The descriptors as one file in `OUT_DIR`, for the tests that compare them with BuildKit's own.
const DESCRIPTORS: &str = "descriptors.bin";

#[allow(clippy::disallowed_methods, reason = "Cargo tells build scripts by variables")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_file("gateway.proto")?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR for build scripts")?;
    fs::write(Path::new(&out).join(DESCRIPTORS), compiler.encode_file_descriptor_set())?;

    // Maps keep the order of their keys, because they reach bytes.
    let mut config = Config::new();
    config.btree_map(["."]).include_file("wire.rs");
    tonic_prost_build::configure()
        // The daemon's side is there only to stand in for the daemon in tests.
        .server_mod_attribute(".", "#[cfg(any(test, feature = \"fake-bridge\"))]")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}
