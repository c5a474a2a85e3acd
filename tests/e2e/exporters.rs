//! Every exporter gives the same image, and clients find our report and their annotations beside it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Build, Context, Image, Process, run};

const AMD64: &str = "linux/amd64";
/// What the example says of itself wherever it runs.
const SIGN_OF_LIFE: &str = "authorities: trusted";

/// Builds with an output and returns what the client's metadata file says.
fn export(context: &Context, name: &str, output: &str) -> Value {
    let metadata = context.path().with_extension(format!("{name}.json"));
    Build::of(context).succeed(&[
        format!("--output={output}"),
        format!("--metadata-file={}", metadata.display()),
        "--tag=example.com/sundial:1".to_owned(),
    ]);
    let text = fs::read_to_string(&metadata).unwrap();
    fs::remove_file(metadata).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A place that no other export of this context has.
fn place(context: &Context, name: &str) -> PathBuf {
    context.path().with_extension(name)
}

#[test]
fn every_exporter_gives_the_program_and_the_report() {
    let context = Context::example("go-scratch");
    let in_docker_archive = |archive: &Path| {
        let listing = Process::new("tar").args(["-tf"]).args([archive]).stdout();
        assert!(listing.lines().any(|line| line == "manifest.json"), "docker load needs it:\n{listing}");
        format!("docker-archive:{}", archive.display())
    };
    for kind in ["oci", "docker", "local", "tar", "cacheonly"] {
        let destination = place(&context, kind);
        let shown = destination.display();
        let output = match kind {
            "cacheonly" => "type=cacheonly".to_owned(),
            _ => format!("type={kind},dest={shown}"),
        };
        let metadata = export(&context, kind, &output);
        let image = Image::new(kind.to_owned(), metadata, String::new());
        let rules = image.report(AMD64)["rules"].clone();
        assert!(rules.as_array().is_some_and(|rules| !rules.is_empty()), "{kind}: no rule was proved");
        let offline = ["--read-only=false", "--network", "none"];
        match kind {
            "oci" => assert!(run(&format!("oci-archive:{shown}"), &offline, &[]).contains(SIGN_OF_LIFE)),
            "docker" => {
                assert!(run(&in_docker_archive(&destination), &offline, &[]).contains(SIGN_OF_LIFE));
            }
            "local" => assert!(destination.join("app/sundial").is_file()),
            "tar" => {
                let list = Process::new("tar").args(["-tf"]).args([&destination]).stdout();
                assert!(list.lines().any(|line| line == "app/sundial"), "{list}");
            }
            _ => assert!(!destination.exists()),
        }
        let _ =
            if destination.is_dir() { fs::remove_dir_all(destination) } else { fs::remove_file(destination) };
    }
}

#[test]
fn annotations_reach_every_level_and_leave_ours_alone() {
    let context = Context::example("go-service");
    let layout = place(&context, "layout");
    let annotate = |level: &str| format!("--annotation={level}:org.example.level={level}");
    let levels = ["manifest", "manifest-descriptor", "index", "index-descriptor"];
    levels
        .iter()
        .fold(Build::of(&context), |build, level| build.flag(annotate(level)))
        .flag("--platform=linux/amd64,linux/arm64")
        .succeed(&[format!("--output=type=oci,tar=false,dest={}", layout.display())]);
    let read = |path: PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap().trim_start_matches("sha256:");
        read(layout.join("blobs/sha256").join(digest))
    };
    let level = |value: &Value| value["annotations"]["org.example.level"].clone();
    let outermost = &read(layout.join("index.json"))["manifests"][0];
    assert_eq!(level(outermost), "index-descriptor");
    let index = blob(outermost);
    assert_eq!(level(&index), "index");
    for descriptor in &index["manifests"].as_array().unwrap()[..2] {
        assert_eq!(level(descriptor), "manifest-descriptor", "{descriptor:#}");
        let manifest = blob(descriptor);
        assert_eq!(level(&manifest), "manifest");
        let base = &manifest["annotations"]["org.opencontainers.image.base.name"];
        assert_eq!(base, "gcr.io/distroless/static-debian13:nonroot");
    }
    fs::remove_dir_all(layout).unwrap();
}
