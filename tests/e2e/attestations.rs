//! The bill of materials: always there, in full on request, never in the way of other outputs.

use serde_json::Value;

use crate::support::{Build, Context, Image, Process};

const AMD64: &str = "linux/amd64";

fn purls(sbom: &Value) -> Vec<String> {
    let packages = sbom["packages"].as_array().cloned().unwrap_or_default();
    let references =
        packages.iter().flat_map(|package| package["externalRefs"].as_array().cloned().unwrap_or_default());
    references.filter_map(|reference| reference["referenceLocator"].as_str().map(str::to_owned)).collect()
}

#[track_caller]
fn lists(image: &Image, wanted: &[&str]) {
    let sbom = image.sbom(AMD64);
    assert_eq!(sbom["spdxVersion"], "SPDX-2.3");
    let found = purls(&sbom);
    for purl in wanted {
        assert!(found.iter().any(|known| known.starts_with(purl)), "{purl} is missing: {found:#?}");
    }
}

#[test]
fn go_modules_and_the_base_are_listed_without_a_flag() {
    let context = Context::example("go-service");
    let image = Build::of(&context).push();
    lists(
        &image,
        &[
            "pkg:golang/github.com/go-chi/chi/v5@v5",
            "pkg:golang/github.com/google/uuid@v1",
            "pkg:deb/debian/tzdata@",
            "pkg:deb/debian/base-files@",
        ],
    );
}

#[test]
fn files_are_listed_with_their_digests_and_what_they_are_of() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).push();
    let sbom = image.sbom(AMD64);
    let files = sbom["files"].as_array().unwrap();
    let program = files
        .iter()
        .find(|file| file["fileName"].as_str() == Some("./app/sundial"))
        .unwrap_or_else(|| panic!("{files:#?}"));
    let sum = "crane export --insecure --platform linux/amd64 \"$1\" - | tar -xOf - app/sundial | sha256sum";
    let sum = Process::new("sh").args(["-ec", sum, "sh", &image.reference]).stdout();
    let sum = sum.split(' ').next().unwrap();
    let sums = program["checksums"].as_array().unwrap();
    assert!(
        sums.iter().any(|one| one["algorithm"] == "SHA256" && one["checksumValue"] == sum),
        "{sums:#?} {sum}"
    );
    lists(&image, &["pkg:golang/stdlib@"]);
    let packages = sbom["packages"].as_array().unwrap();
    let component = packages
        .iter()
        .find(|package| package["packageFileName"] == "./app/sundial")
        .unwrap_or_else(|| panic!("{packages:#?}"));
    assert_eq!(component["name"], "example.com/sundial", "the program's module");
    let relations = sbom["relationships"].as_array().unwrap();
    let owners: Vec<_> = relations
        .iter()
        .filter(|one| one["relationshipType"] == "CONTAINS" && one["relatedSpdxElement"] == program["SPDXID"])
        .map(|one| &one["spdxElementId"])
        .collect();
    assert_eq!(
        owners,
        [&component["SPDXID"]],
        "it is a file of its own component, and not just of the image"
    );
}

#[test]
fn crates_are_listed() {
    let context = Context::example("rust-service");
    let image = Build::of(&context).push();
    lists(&image, &["pkg:cargo/axum@0.8", "pkg:cargo/serde_json@1", "pkg:deb/debian/libc6@"]);
}

#[test]
fn the_one_opt_out_is_an_argument() {
    let context = Context::example("go-scratch");
    let image = Build::of(&context).arg("COFFERDAM_SBOM", "off").push();
    let inspected = crate::support::buildx_inspect(&image.reference, "{{json .SBOM}}");
    assert!(!inspected.contains("SPDX"), "{inspected}");
}

#[test]
fn other_outputs_have_it_on_request_only() {
    let context = Context::example("go-scratch");
    let file = |name: &str| context.path().with_extension(name);
    for (kind, flag, expected) in
        [("oci", None, false), ("oci", Some("--sbom=true"), true), ("docker", None, false)]
    {
        let tar = file("tar");
        let output = format!("--output=type={kind},dest={}", tar.display());
        let build = flag.into_iter().fold(Build::of(&context), Build::flag);
        build.succeed(&[output]);
        let list = "tar -tf \"$1\"; for blob in $(tar -tf \"$1\" | grep blobs/sha256/.); do tar -xOf \"$1\" $blob | head -c 65536 | grep -aq spdx.dev/Document && echo HAS-SBOM; done; true";
        let listing = Process::new("bash").args(["-ec", list, "sh"]).args([&tar]).stdout();
        assert_eq!(listing.contains("HAS-SBOM"), expected, "{kind} {flag:?}:\n{listing}");
        if kind == "docker" {
            assert!(
                listing.lines().any(|line| line == "manifest.json"),
                "docker load needs manifest.json:\n{listing}"
            );
        }
        std::fs::remove_file(tar).unwrap();
    }
}

#[test]
fn a_scanner_of_the_users_adds_what_it_finds_and_changes_nothing() {
    let scanner = Context::of(
        "scanner",
        &[
            ("cofferdam.yaml", "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\n"),
            ("go.mod", "module example.com/scanner\n\ngo 1.26\n"),
            ("main.go", include_str!("scanner/main.go")),
        ],
    );
    let scanner = Build::of(&scanner).push();
    let context = Context::example("go-scratch");
    let plain = Build::of(&context).push();
    let digest = plain.digest(AMD64);
    let image = Build::of(&context).flag(format!("--sbom=generator={},depth=7", scanner.reference)).push();
    assert_eq!(image.digest(AMD64), digest, "the image is the same as without a scanner");
    let theirs = image.sbom(AMD64);
    let names: Vec<&str> = theirs["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    assert_eq!(names[0], "7", "a parameter of the scanner's");
    assert!(names.contains(&"app/sundial"), "{names:?}");
    let others = crate::support::buildx_inspect(&image.reference, "{{json .SBOM.AdditionalSPDXs}}");
    let others: Vec<Value> = serde_json::from_str(&others).unwrap();
    assert_eq!(others.len(), 1);
    assert!(purls(&others[0]).iter().any(|purl| purl.starts_with("pkg:golang/")), "ours is still there");
    Build::of(&context)
        .flag(format!("--sbom=generator={}-nowhere", scanner.reference))
        .fail()
        .says(&["-nowhere", "not found"]);
}
