//! Several platforms in one build, without emulation.

use std::collections::BTreeSet;

use crate::support::{AS_JSON, Build, Context, steps};

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

#[test]
fn what_does_not_depend_on_the_platform_is_done_once_for_all() {
    // Like no other test's: the daemon shows what it does for several builds at once in each of them.
    let context = Context::example("go-service")
        .appending("go.mod", "\n// Once for all.\n")
        .appending("main.go", "\n// Once for all.\n");
    let log = Build::of(&context)
        .flag("--platform=linux/amd64,linux/arm64")
        .flag(AS_JSON)
        .succeed(&["--output=type=cacheonly".to_owned()]);
    let count = |words: &str| {
        let steps = steps(&log);
        let named =
            steps.iter().filter(|step| step["name"].as_str().is_some_and(|name| name.contains(words)));
        named.map(|step| step["digest"].to_string()).collect::<BTreeSet<_>>().len()
    };
    let once = ["fetch Go modules", "list imports"].map(count);
    let twice = ["compile dependencies for", "compile . for"].map(count);
    assert_eq!((once, twice), ([1, 1], [2, 2]), "{log}");
}
