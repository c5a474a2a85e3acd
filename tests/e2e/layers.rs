//! The layer contract: what lies below does not change the layers above.

use crate::support::{Build, Context, Image};

fn on(base: &str) -> Image {
    let context = Context::of(
        "layers",
        &[
            ("go.mod", "module example.com/a\n\ngo 1.26\n"),
            ("main.go", "package main\n\nfunc main() { println(1) }\n"),
            ("a.conf", "x\n"),
        ],
    )
    .with(
        "cofferdam.yaml",
        format!(
            "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\nruntime:\n  base: {base}\n  files: [{{from: a.conf, to: /etc/a.conf}}]\n  writable: [/var/lib/a]\n"
        ),
    );
    Build::of(&context).push()
}

#[test]
fn application_layers_are_equal_over_three_bases() {
    let layers = |image: &Image| -> Vec<(String, String)> {
        image.layers("linux/amd64").into_iter().filter(|(role, _)| role != "scaffold").collect()
    };
    let bases =
        ["scratch", "gcr.io/distroless/static-debian13:nonroot", "gcr.io/distroless/cc-debian13:nonroot"];
    let images = bases.map(on);
    let first = layers(&images[0]);
    assert!(first.iter().any(|(role, _)| role == "application"), "{first:?}");
    assert!(first.iter().any(|(role, _)| role == "configuration"), "{first:?}");
    for (base, image) in bases.iter().zip(&images) {
        assert_eq!(layers(image), first, "over {base}");
    }
}

#[test]
fn a_base_stays_itself() {
    let image = on("gcr.io/distroless/static-debian13:nonroot");
    let manifest = image.manifest("linux/amd64");
    let annotations = &manifest["annotations"];
    assert_eq!(
        annotations["org.opencontainers.image.base.name"],
        "gcr.io/distroless/static-debian13:nonroot"
    );
    let digest = annotations["org.opencontainers.image.base.digest"].as_str().unwrap_or_default();
    assert!(digest.starts_with("sha256:"), "{annotations:#}");
    let all = manifest["layers"].as_array().unwrap().len();
    assert!(all > image.layers("linux/amd64").len(), "the base's own layers are there");
    assert!(
        image.report("linux/amd64")["base"].as_str().unwrap().contains(digest),
        "the report names the pinned base"
    );
}
