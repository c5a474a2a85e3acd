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

/// What holds for the packages of applications holds for those of sites: both are fetched with network.
#[test]
fn the_packages_of_a_site_run_no_code_as_they_are_fetched() {
    let vite = r#""node_modules/vite": {"resolved": "git+ssh://git@github.com/o/vite.git#1"}"#;
    let lock = LOCK.replace(r#""packages": {"#, &format!(r#""packages": {{{vite}, "#));
    let files: Files<'_> = &[("package.json", VITE), ("package-lock.json", &lock), ("index.html", "")];
    for manifest in ["name: web\n", "node: {}\nstatic: {}\n", "language: static\nnode: {}\n"] {
        let said = refused(manifest, files);
        assert!(said.contains("error[fetch-executes]: `vite` comes from `git+ssh:"), "{said}");
    }
    let foreign = LOCK.replace("\"vite\"", "\"other\"");
    let files: Files<'_> = &[("package.json", VITE), ("package-lock.json", &foreign), ("index.html", "")];
    assert!(refused("node: {}\nstatic: {}\n", files).contains("package-lock.json"));
}

#[test]
fn what_is_no_site_is_told() {
    insta::assert_snapshot!(refused("language: static\n", &[("public/index.html", "")]), @r#"
    cofferdam.yaml:1:11: error[no-site]: there is no `index.html` in `.`
      1 | language: static
        |           ^^^^^^
      help: name the directory of the site: `static: {root: public}`; what Node builds has `node: {}` beside it
    "#);
    insta::assert_snapshot!(refused("static: {root: dist, fallback: app.html}\n", &[("dist/index.html", "")]), @r#"
    cofferdam.yaml:1:32: error[no-site]: there is no `app.html` in `dist`
      1 | static: {root: dist, fallback: app.html}
        |                                ^^^^^^^^
      help: name a file of the site, such as `index.html`; what Node builds has `node: {}` beside it
    "#);
    let bare = r#"{"name": "web", "scripts": {"build": "make"}}"#;
    insta::assert_snapshot!(refused("node: {}\nstatic: {}\n", &[("package.json", bare)]), @r#"
    cofferdam.yaml:2:9: error[no-root]: nothing says where the build puts the site
      2 | static: {}
        |         ^^
      why: none of the tools whose directory is known is among the dependencies
      help: name the directory that the build makes: `static: {root: dist}`
    "#);
    insta::assert_snapshot!(refused("language: node\n", BUILT), @r#"
    cofferdam.yaml:1:11: error[no-entrypoint]: nothing in `package.json` says what the image starts
      1 | language: node
        |           ^^^^
      why: it has neither a start script of the form `node …`, nor one program, nor `main`, and beside it is no `server.js`
      help: name it, and the variables it wants: `runtime: {entrypoint: [node, server.js], env: {…}}`; a site of files alone has `static: {}` beside it
    "#);
    insta::assert_snapshot!(refused("static: {root: .}\nbuild: {run: [make]}\n", &[("index.html", "")]), @r#"
    cofferdam.yaml:2:15: error[no-builder]: this language has no builder that could run anything
      2 | build: {run: [make]}
        |               ^^^^
      help: what ships lies in the context; a site that Node builds has `node: {}`
    "#);
    insta::assert_snapshot!(refused("static: {root: dist}\npython: {}\n", &[]), @r#"
    cofferdam.yaml:1:9: error[two-languages]: the manifest names two languages
      1 | static: {root: dist}
        |         ^^^^^^^^^^^^
      help: keep one of them; an application that needs both is two images
    "#);
    insta::assert_snapshot!(refused("static: {fallback: 'a$b.html'}\n", &[("index.html", ""), ("a$b.html", "")]), @r#"
    cofferdam.yaml:1:20: error[path]: nginx cannot be told of `a$b.html`
      1 | static: {fallback: 'a$b.html'}
        |                    ^^^^^^^^^^
      why: its configuration has no way to write `$` and `"`
    "#);
    insta::assert_snapshot!(refused("language: static\n", BUILT), @r#"
    cofferdam.yaml:1:11: error[no-site]: `package.json` builds a site, and the manifest does not say that it is built
      1 | language: static
        |           ^^^^^^
      help: add `node: {}`; where the site is in the context, name its directory: `static: {root: dist}`
    "#);
    insta::assert_snapshot!(refused("node: {}\nstatic: {root: .}\n", BUILT), @r#"
    cofferdam.yaml:2:16: error[no-root]: the site cannot be the directory of the application
      2 | static: {root: .}
        |                ^
      why: the source and all packages of the build lie there
      help: name the directory that the build makes: `static: {root: dist}`
    "#);
}
