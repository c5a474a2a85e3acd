//! Node applications whose framework puts together by itself what runs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use plan_support::{planned, warnings};

#[test]
fn next_is_asked_for_the_output_that_stands_alone() {
    let package = r#"{"scripts": {"build": "next build"}, "dependencies": {"next": "16"}}"#;
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"next": "16"}}}}"#;
    let files =
        |config| [("package.json", package), ("package-lock.json", lock), ("next.config.mjs", config)];
    let with = |config| planned("node: {version: 22}\n", &files(config));
    insta::assert_snapshot!(with("export default {};\n").unwrap_err(), @r#"
    cofferdam.yaml:1:7: error[next-standalone]: `next.config.mjs` does not ask for the output that stands alone
      1 | node: {version: 22}
        |       ^^^^^^^^^^^^^
      why: without it Next.js needs all of its packages to run, several times as large
      help: write `output: "standalone"` into its configuration object
    "#);
    // What is cut out as a comment may be the rest of a pattern, so that is no error.
    for config in [
        "export default {}; // output: 'standalone'\n",
        "export default {}; /* output: 'standalone', */",
        "export default { a: /\\/*$/, output: 'standalone' }; /* b */",
    ] {
        let told = warnings("node: {version: 22}\n", &files(config));
        assert!(told.contains("warning[next-standalone]") && told.contains("help: write `output"), "{told}");
    }
    let pattern = "export default { a: /\\/*$/, output: 'standalone' };\n";
    assert_eq!(warnings("node: {version: 22}\n", &files(pattern)), "");
    let plan =
        with("// of https://example.com\nexport default { a: 'b//', output: 'standalone' };\n").unwrap();
    assert_eq!(plan.output.config.entrypoint, ["/usr/local/bin/node", "/app/server.js"]);
}

#[test]
fn what_nitro_builds_ships_by_its_own_output_whatever_brings_nitro() {
    for name in ["nuxt", "nitropack", "nitro"] {
        let package = format!(r#"{{"scripts": {{"build": "build"}}, "devDependencies": {{"{name}": "3"}}}}"#);
        let lock = format!(
            r#"{{"lockfileVersion": 3, "packages": {{"": {{"devDependencies": {{"{name}": "3"}}}}}}}}"#
        );
        let files = [("package.json", package.as_str()), ("package-lock.json", lock.as_str())];
        let plan = planned("language: node\n", &files).unwrap();
        assert_eq!(plan.output.config.entrypoint, ["/usr/local/bin/node", "/app/server/index.mjs"], "{name}");
    }
}
