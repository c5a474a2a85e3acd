//! What a build shows while it runs: one clear name for each step, and which platform it is for.

use std::collections::BTreeMap;

use crate::support::{AS_JSON, Build, Context, steps};

/// What the daemon tells of its own errands.
const ERRANDS: [&str; 2] = ["resolve image config for docker-image://", "docker-image://ghcr.io/cofferdam/"];

#[test]
fn names_say_what_is_done_where_and_for_which_platform() {
    let context = Context::of(
        "progress",
        &[
            (
                "cofferdam.yaml",
                "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\ngo: {main: cmd/hello}\n",
            ),
            ("go.mod", "module example.com/hello\n\ngo 1.26\n"),
            ("cmd/hello/main.go", "package main\n\nfunc main() { println(\"hello\") }\n"),
        ],
    );
    let log = Build::of(&context)
        .flag("--platform=linux/amd64,linux/arm64")
        .flag(AS_JSON)
        .succeed(&["--output=type=cacheonly".to_owned()]);
    let name_of = |step: &serde_json::Value| {
        let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
        (text("digest"), text("name"))
    };
    let names: BTreeMap<String, String> = steps(&log).iter().map(name_of).collect();
    for platform in ["linux/amd64", "linux/arm64"] {
        for name in [
            format!("[{platform} internal] load metadata for gcr.io/distroless/static-debian13:nonroot"),
            format!("[{platform} builder 3/3] compile ./cmd/hello for {platform} (offline)"),
            format!("[{platform} final] stage application files"),
            format!("[{platform} final] inspect the image"),
        ] {
            let same = names.values().filter(|known| **known == name).count();
            assert_eq!(same, 1, "{name}: {names:#?}");
        }
    }
    for name in names.values() {
        let ours = name.starts_with('[') || ERRANDS.iter().any(|errand| name.starts_with(errand));
        assert!(ours, "a step has no name of its own: {name:?}");
        assert!(name.len() < 160 && !name.contains('\n'), "{name:?} is no line");
    }
    let different: std::collections::BTreeSet<&String> = names.values().collect();
    assert_eq!(different.len(), names.len(), "two steps have one name: {names:#?}");
}
