//! Sites of files: what is planned for them, and what people are told where nothing can be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::Plan;
use plan_support::{Files, planned, refused, steps};

const VITE: &str =
    r#"{"name": "web", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "^7.0.0"}}"#;
const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {"": {"devDependencies": {"vite": "^7.0.0"}}}}"#;
const BUILT: Files<'_> = &[("package.json", VITE), ("package-lock.json", LOCK), ("index.html", "")];

/// The server's configuration.
fn configuration(plan: &Plan) -> String {
    let files = plan.nodes.iter().filter_map(|node| match node {
        cofferdam::plan::Node::Files(files) => Some(&files.edits),
        _ => None,
    });
    files
        .flatten()
        .find_map(|edit| match edit {
            cofferdam::plan::FileEdit::File { path, content, .. } if path == "/nginx.conf" => {
                Some(String::from_utf8(content.clone()).unwrap())
            }
            _ => None,
        })
        .unwrap()
}

#[test]
fn plain_files_need_no_builder() {
    let files: Files<'_> = &[("public/index.html", "")];
    let plan = planned("static: {root: public}", files).unwrap();
    let names: Vec<&str> = steps(&plan).iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["collect nginx", "pack the site"]);
    let text = configuration(&plan);
    assert!(text.contains("listen 8080;") && text.contains("=404;") && !text.contains("immutable"), "{text}");
    assert_eq!(
        (&plan.output.config.ports[..], plan.output.config.stop_signal.as_str()),
        (&[8080][..], "SIGQUIT")
    );
    let written = "static: {root: public}\nruntime: {ports: [3000], stop-signal: SIGTERM, workdir: /srv}";
    let plan = planned(written, files).unwrap();
    assert!(configuration(&plan).contains("listen 3000;") && configuration(&plan).contains("root \"/srv\";"));
    assert_eq!(
        (&plan.output.config.ports[..], plan.output.config.stop_signal.as_str()),
        (&[3000][..], "SIGTERM")
    );
}

#[test]
fn node_builds_a_site_however_that_is_said() {
    let ways = [
        "name: web",
        "node: {}\nstatic: {}",
        "language: node\nstatic: {root: dist}",
        "language: static\nnode: {}",
        "node: {version: 22}\nstatic: {fallback: index.html}",
    ];
    for manifest in ways {
        let plan = planned(manifest, BUILT).unwrap();
        let text = configuration(&plan);
        assert!(text.contains("~^/assets/.*[-.]") && text.contains("location /assets/ {"), "{text}");
        assert_eq!(text.contains("=200 \"/index.html\";"), manifest.contains("fallback"), "{manifest}");
        assert_eq!(plan.output.layers.len(), 2, "{manifest}: nothing of Node ships");
    }
    assert_eq!(planned("name: web", BUILT).unwrap().detected.unwrap().to_string(), "static (package.json)");
    let server = VITE.replace(r#""scripts": {"#, r#""scripts": {"start": "node server.js", "#);
    let files: Files<'_> = &[("package.json", &server), ("package-lock.json", LOCK), ("server.js", "")];
    assert_eq!(planned("name: web", files).unwrap().detected.unwrap().to_string(), "node (package.json)");
}

#[test]
fn what_is_no_site_is_told() {
    insta::assert_snapshot!(refused("language: static\n", &[("public/index.html", "")]), @"");
    insta::assert_snapshot!(refused("static: {root: dist, fallback: app.html}\n", &[("dist/index.html", "")]), @"");
    let bare = r#"{"name": "web", "scripts": {"build": "make"}}"#;
    insta::assert_snapshot!(refused("node: {}\nstatic: {}\n", &[("package.json", bare)]), @"");
    insta::assert_snapshot!(refused("language: node\n", BUILT), @"");
    insta::assert_snapshot!(refused("static: {root: .}\nbuild: {run: [make]}\n", &[("index.html", "")]), @"");
    insta::assert_snapshot!(refused("static: {root: ../x}\npython: {}\n", &[]), @"");
    insta::assert_snapshot!(refused("static: {fallback: 'a$b.html'}\n", &[("index.html", "")]), @"");
}
