//! Sites of files: what their server answers, and what it refuses.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::examples::keeps_the_promises;
use crate::support::{Answer, Build, Context, Image, Process, Service};

const AMD64: &str = "linux/amd64";

/// An example whose server listens on a port of its own, built and started.
fn started(example: &str) -> (Image, Service) {
    let port = Service::free_port();
    let ports = format!("runtime: {{ports: [{port}]}}\n");
    let context = Context::example(example).appending("cofferdam.yaml", &ports);
    let image = Build::of(&context).push();
    let service = Service::start(example, port, &image.reference, &[], &[]);
    (image, service)
}

/// What every answer promises.
#[track_caller]
fn is_sane(answer: &Answer) {
    for (name, value) in [
        ("server", "nginx"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
    ] {
        assert_eq!(answer.headers.get(name).map(String::as_str), Some(value), "{name}: {answer:?}");
    }
    assert!(!answer.headers.contains_key("last-modified"), "all files have the same time: {answer:?}");
    assert!(!answer.body.contains("nginx/"), "the server tells its version: {answer:?}");
}

/// What is no part of the site, or no business of visitors.
#[track_caller]
fn refuses(service: &Service) {
    for path in ["/.env", "/.git/config", "/a/.htpasswd", "/.well-knownx", "/%2eenv"] {
        let answer = service.ask(path, &[]);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        is_sane(&answer);
    }
    for path in ["/../etc/passwd", "/%2e%2e/etc/passwd", "/..%2fetc/passwd", "/assets/../../etc/passwd"] {
        let answer = service.ask(path, &[]);
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        assert!(!answer.body.contains("root:"), "{path}: {answer:?}");
    }
}

/// Nothing but the site, its server and what that needs ships.
#[track_caller]
fn ships_a_server(image: &Image) {
    keeps_the_promises(image, "65532:65532");
    let files = image.files(AMD64);
    for gone in ["/etc/nginx/conf.d", "/usr/lib/nginx", "/usr/local/bin/node", "/app/package.json"] {
        assert!(!files.contains_key(gone), "{gone} ships");
    }
    let sbom = image.sbom(AMD64);
    let packages: BTreeMap<&str, &str> = sbom["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|package| Some((package["name"].as_str()?, package["versionInfo"].as_str()?)))
        .collect();
    assert!(packages["nginx"].starts_with("1."), "{packages:?}");
    assert!(packages.contains_key("libpcre2-8-0"), "{packages:?}");
}

#[test]
fn static_vite() {
    let (image, service) = started("static-vite");
    ships_a_server(&image);
    let index = service.ask("/", &[]);
    is_sane(&index);
    assert_eq!((index.status, index.headers["cache-control"].as_str()), (200, "no-cache"));
    assert!(index.body.contains("Moon phases"), "{index:?}");
    let script = index.body.split('"').find(|text| text.starts_with("/assets/index-")).unwrap();
    let script = service.ask(script, &[("Accept-Encoding", "gzip")]);
    is_sane(&script);
    assert_eq!(script.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(script.headers["content-encoding"], "gzip");
    assert!(script.headers["content-type"].contains("javascript"), "{:?}", script.headers);
    assert_eq!(service.ask("/moon.svg", &[]).headers["cache-control"], "no-cache");
    let page = service.ask("/2026-11-24", &[]);
    assert_eq!((page.status, &page.body), (200, &index.body), "the browser finds the page");
    let lost = service.ask("/assets/index-00000000.js", &[]);
    assert_eq!(lost.status, 404, "a script that is gone is no page");
    assert!(!lost.headers.contains_key("cache-control"), "{lost:?}");
    refuses(&service);
    assert!(service.log().contains("GET /2026-11-24"), "{}", service.log());
    assert!(service.stop() < Duration::from_secs(9), "it obeys the stop signal");
}

#[test]
fn static_plain() {
    let (image, service) = started("static-plain");
    ships_a_server(&image);
    for (path, status, words) in [
        ("/", 200, "Three that every boat needs"),
        ("/bowline", 200, "Up through the loop"),
        ("/guide/", 200, "Cleat hitch"),
        ("/guide", 301, "301"),
        ("/sheepshank", 404, "Adrift"),
        ("/knots.css", 200, "Georgia"),
    ] {
        let answer = service.ask(path, &[]);
        is_sane(&answer);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(answer.body.contains(words), "{path}: {answer:?}");
    }
    assert_eq!(service.ask("/guide", &[]).headers["location"], "/guide/");
    refuses(&service);
    let known = service.ask("/", &[]).headers["etag"].clone();
    assert_eq!(service.ask("/bowline", &[("If-None-Match", &known)]).status, 304);
    assert_eq!(service.ask("/", &[("If-None-Match", "W/\"00000000\"")]).status, 200);
}

/// Two sites whose files have the same names, sizes and times are different sites to a browser.
#[test]
fn static_files_are_told_apart_by_what_they_hold() {
    let etag = |text: &str| {
        let port = Service::free_port();
        let manifest = format!("# syntax=ghcr.io/cofferdam/cofferdam:1\nruntime: {{ports: [{port}]}}\n");
        let files = [("cofferdam.yaml", manifest.as_str()), ("index.html", text), (".env", "SECRET=1")];
        let context = Context::of("untold-site", &files).with(".well-known/security.txt", "Contact: us\n");
        let image = Build::of(&context).push();
        assert_eq!(image.report(AMD64)["detected"], "static (index.html)");
        let files = image.files(AMD64);
        assert!(!files.contains_key("/app/.env") && !files.contains_key("/app/cofferdam.yaml"), "{files:#?}");
        let service = Service::start("untold-site", port, &image.reference, &[], &[]);
        assert_eq!(service.get("/.well-known/security.txt"), (200, "Contact: us\n".to_owned()));
        service.ask("/", &[]).headers["etag"].clone()
    };
    assert_ne!(etag("one"), etag("two"));
}

#[test]
fn static_sites_are_served_as_their_manifest_says_and_listen_by_default() {
    let context = Context::example("static-plain");
    let image = Build::of(&context).push();
    let config = &image.config(AMD64)["config"];
    assert_eq!(config["ExposedPorts"], serde_json::json!({"8080/tcp": {}}));
    assert_eq!(config["StopSignal"], "SIGQUIT");
    assert_eq!(config["WorkingDir"], "/app");
    let touched = Context::example("static-plain").touched(std::time::UNIX_EPOCH + Duration::from_secs(1));
    assert_eq!(Build::of(&touched).push().digest(AMD64), image.digest(AMD64), "times change nothing");
}

#[test]
fn static_files_alone_are_the_site_and_nothing_else() {
    for (example, expected) in [
        ("static-plain", &["404.html", "bowline.html", "guide/index.html", "index.html", "knots.css"][..]),
        ("static-vite", &["assets/index-*.css", "assets/index-*.js", "index.html", "moon.svg"]),
    ] {
        let beside = ["Dockerfile", "compose.yaml", "Makefile", "Procfile", ".env"];
        let context = beside.iter().fold(Context::example(example), |context, path| context.with(path, ""));
        let output = Context::empty("site-files");
        let to = format!("--output=type=local,dest={}", output.path().display());
        Build::of(&context).flag("--target=files").succeed(&[to]);
        let list = "find . ! -type d -printf '%P\\n' | sed -E 's/-[0-9A-Za-z_-]{8}\\./-*./' | sort";
        let files = Process::new("sh").args(["-ec", list]).directory(output.path()).stdout();
        assert_eq!(files.lines().collect::<Vec<_>>(), expected, "{example}");
    }
}

#[test]
fn static_sites_that_are_none_are_told_what_to_write() {
    let of = |static_block: &str| {
        Context::example("static-vite").replacing(
            "cofferdam.yaml",
            "static: {fallback: index.html}",
            static_block,
        )
    };
    let wrong = of("static: {root: build}");
    Build::of(&wrong).fail().says(&["the build left no `index.html` in `build`", "`static: {root: dist}`"]);
    let wrong = of("static: {fallback: app.html}");
    Build::of(&wrong).fail().says(&["the fallback `app.html` is not in `dist`"]);
    let wrong = Context::example("static-plain").replacing("cofferdam.yaml", "root: site", "root: public");
    Build::of(&wrong)
        .fail()
        .at_line(4)
        .clear()
        .says(&["there is no `index.html` in `public`", "`static: {root: public}`"]);
}
