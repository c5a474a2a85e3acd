//! Several platforms in one build, without emulation.

use crate::support::{Build, Context};

#[test]
fn go_compiles_for_another_architecture() {
    let context = Context::example("go-service");
    let image = Build::of(&context).flag("--platform=linux/amd64,linux/arm64").push();
    assert_eq!(image.platforms(), ["linux/amd64", "linux/arm64"]);
    for (platform, machine) in [("linux/amd64", "x86-64"), ("linux/arm64", "aarch64")] {
        let config = image.config(platform);
        assert_eq!(format!("{}/{}", config["os"], config["architecture"]).replace('"', ""), platform);
        let report = image.report(platform);
        assert!(
            report["rules"]
                .as_array()
                .is_some_and(|rules| rules.iter().any(|rule| rule == "entrypoint-unresolvable"))
        );
        assert!(image.sbom(platform)["packages"].as_array().is_some_and(|all| !all.is_empty()), "{machine}");
    }
    let programs = ["linux/amd64", "linux/arm64"].map(|platform| image.layers(platform));
    assert_ne!(programs[0], programs[1], "they are different programs");
}
