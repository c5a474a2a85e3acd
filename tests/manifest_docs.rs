//! The generated pages under `docs/` are those that the table of fields generates now.
#![allow(clippy::disallowed_methods, reason = "a variable asks for what is generated to be written anew")]
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test may stop at a surprise"
)]

use std::path::Path;

use cofferdam::manifest;

/// Compares a page with what it should be, or rewrites it when `COFFERDAM_UPDATE` is set.
fn fresh(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("COFFERDAM_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == expected,
        "docs/{name} is stale: run COFFERDAM_UPDATE=1 cargo test --test manifest_docs"
    );
}

#[test]
fn the_reference_is_fresh() {
    // An example that the end-to-end tests build and run.
    fresh("manifest.md", &manifest::reference(include_str!("../examples/go-scratch/cofferdam.yaml")));
}

#[test]
fn the_schema_is_fresh() {
    let schema = serde_json::to_string_pretty(&manifest::schema()).unwrap();
    fresh("cofferdam.schema.json", &format!("{schema}\n"));
}
