//! The image of the frontend itself, as `make frontend` pushes it and releases are: one small static program.

use serde_json::json;

use crate::support::{Image, lab};

/// What the image may weigh in a registry, its configuration left out.
const MOST_BYTES: u64 = 2_400_000;

#[test]
fn the_frontend_is_one_small_program_with_the_labels_that_daemons_read() {
    let image = Image::new(lab().reference("cofferdam/cofferdam:1"), json!({}), String::new());
    let platform = "linux/amd64";
    let config = &image.config(platform)["config"];
    assert_eq!(config["Entrypoint"], json!(["/cofferdam"]));
    assert_eq!(config["Labels"]["moby.buildkit.frontend.network.none"], "true");
    let caps = config["Labels"]["moby.buildkit.frontend.caps"].as_str().unwrap_or_default();
    for cap in ["inputs", "subrequests", "contexts", "gitquerystring"] {
        assert!(caps.split(',').any(|known| known == format!("moby.buildkit.frontend.{cap}")), "{caps}");
    }
    let files = image.files(platform);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["/cofferdam"]);
    assert_eq!(files["/cofferdam"].mode, "-rwxr-xr-x");
    let manifest = image.manifest(platform);
    let layers = manifest["layers"].as_array().unwrap();
    let bytes: u64 = layers.iter().filter_map(|layer| layer["size"].as_u64()).sum();
    assert!(bytes > 0 && bytes <= MOST_BYTES, "its layers have {bytes} bytes, more than {MOST_BYTES}");
}
