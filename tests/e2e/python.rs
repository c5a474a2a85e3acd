//! Python applications: each manager of packages, extensions from source, and what is wrong with them told at its line.

use std::path::Path;

use serde_json::Value;

use crate::examples::keeps_the_promises;
use crate::support::{Build, Context, Image, Process, Service, lab, run};

const AMD64: &str = "linux/amd64";
const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";

/// Starts an image that listens on 8080 in its own way, and asks it.
fn served(image: &Image, name: &str, options: &[&str], args: &[&str], port: u16) -> Service {
    Service::start(name, port, &image.reference, options, args)
}

fn json(service: &Service, path: &str) -> Value {
    let (status, body) = service.get(path);
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// An example whose entrypoint listens on a free port instead of 8080.
fn on_a_free_port(example: &str) -> (Context, u16) {
    let port = Service::free_port();
    let context = Context::example(example);
    (context.replacing("cofferdam.yaml", "0.0.0.0:8080", &format!("127.0.0.1:{port}")), port)
}

fn components(image: &Image) -> Vec<String> {
    let sbom = image.sbom(AMD64);
    let packages = sbom["packages"].as_array().unwrap().iter();
    packages.map(|package| format!("{}@{}", text(&package["name"]), text(&package["versionInfo"]))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn flask_on_poetry() {
    let (context, port) = on_a_free_port("python-service");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let roles: Vec<String> = image.layers(AMD64).into_iter().map(|(role, _)| role).collect();
    assert_eq!(roles, ["runtime", "dependencies", "application"]);
    let service = served(&image, "python-service", &[], &[], port);
    let about = json(&service, "/");
    assert_eq!((&about["uid"], &about["native"]), (&65532.into(), &true.into()));
    assert_eq!((&about["authorities"], &about["writable"]), (&true.into(), &false.into()));
    assert_eq!(about["pip"], false, "pip does not ship");
    let listed = components(&image);
    for name in ["Flask@3", "MarkupSafe@3", "python@3.13", "libsqlite3-0@3", "libffi8@3"] {
        assert!(listed.iter().any(|listed| listed.starts_with(name)), "{name} is not listed: {listed:?}");
    }
    let is_pip = |path: &String| path.contains("/pip/") || path.ends_with("/pip");
    assert!(!image.files(AMD64).keys().any(is_pip), "pip ships");
}

#[test]
fn fastapi_on_uv_installed_as_a_package() {
    let context = Context::example("python-uv");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(image.config(AMD64)["config"]["Entrypoint"][0], "/app/.venv/bin/almanac");
    let port = Service::free_port();
    let service = served(&image, "python-uv", &["--env", &format!("PORT={port}")], &[], port);
    let about = json(&service, "/");
    assert_eq!(about["version"], "0.1.0");
    assert!(text(&about["module"]).starts_with("/app/.venv/lib/python3"), "{about}");
    assert_eq!(json(&service, "/today/Asia/Kathmandu")["offset"], "+0545");
}

#[test]
fn django_with_an_extension_from_source_and_collected_files() {
    let (context, port) = on_a_free_port("python-django");
    let beside = [".env", "shop/.env.local", "tests/test_a.py", "Dockerfile", "README.md", ".github/a.yml"];
    let context = beside.iter().fold(context, |context, path| context.with(path, "SECRET=1\n"));
    let kept = ["shop/kept.txt", "readme.py", "changelog_of_shop.py", "cache/a.txt"];
    let context = kept.iter().fold(context, |context, path| context.with(path, ""));
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let files = image.files(AMD64);
    for path in kept {
        assert!(files.contains_key(&*format!("/app/{path}")), "{path} does not ship");
    }
    for path in beside {
        assert!(!files.contains_key(&*format!("/app/{path}")), "{path} ships");
    }
    let secret = ["--env", "DJANGO_SECRET_KEY=for-this-test"];
    let service = served(&image, "python-django", &secret, &[], port);
    let about = json(&service, "/");
    assert_eq!((&about["static"], &about["compiled"]), (&true.into(), &true.into()));
    assert_eq!((&about["writable"], &about["uid"]), (&false.into(), &65532.into()));
    let env = image.config(AMD64)["config"]["Env"].to_string();
    assert!(!env.contains("only-for-the-build"), "variables of the builder stay there: {env}");
}

/// A source distribution, fetched by our own program in the toolchain image.
fn source_distribution(context: &Context, requirement: &str) {
    let fetch = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/language/python/fetch");
    std::fs::write(context.path().join("wanted.txt"), requirement).unwrap();
    let volume = format!("{}:/fetch:ro", fetch.display());
    let work = format!("{}:/work", context.path().display());
    let request = r#"{"root":"/work","directory":"/work","lock":"/work/wanted.txt","manager":"pip","extras":[],"groups":[],"install":false}"#;
    let options = ["run", "--user", "0", "--read-only=false", "--volume", &volume, "--volume", &work];
    let program = ["library/python:3.13", "python3", "-B", "/fetch/fetch.py", request, "/work"];
    lab().verb(&[&options[..], &program].concat()).stdout();
    let unpack =
        "for file in dist/*.tar.gz; do tar -xf \"$file\" --strip-components 1; done; rm -r dist build *.txt";
    Process::new("sh").args(["-euc", unpack]).directory(context.path()).stdout();
}

#[test]
fn a_published_application_unmodified_with_an_extra() {
    let context = Context::empty("offat");
    source_distribution(
        &context,
        "offat==0.19.4 --hash=sha256:a0f4a8b886883f49737d29158d85a33b574ffd6fff31e5dab7171b46b2ee1333\n",
    );
    let manifest =
        "name: offat\npython: {extras: [api]}\nruntime: {processes: {web: [offat-api], cli: [offat]}}\n";
    let context = context
        .with("poetry.lock", include_str!("python/offat-poetry.lock"))
        .with("cofferdam.yaml", format!("{SYNTAX}{manifest}"));
    let web = Build::of(&context).push();
    keeps_the_promises(&web, "65532:65532");
    assert_eq!(web.config(AMD64)["config"]["Entrypoint"], serde_json::json!(["offat-api"]));
    // Its port is its own choice. What asks for a scan's result without the key is turned away before the broker is asked.
    let service = served(&web, "offat", &["--env", "AUTH_SECRET_KEY=for-this-test"], &[], 8000);
    assert_eq!(json(&service, "/")["name"], "OFFAT API");
    assert_eq!(json(&service, "/openapi.json")["info"]["title"], "OFFAT - API");
    assert_eq!(service.get("/api/v1/scan/1/result").0, 401);
    let image = Build::of(&context).flag("--target=cli").push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(image.layers(AMD64), web.layers(AMD64), "processes share all layers");
    let targets = Build::of(&context).flag("--call=targets").succeed(&[]);
    assert!(targets.contains("web") && targets.contains("starting `offat`"), "{targets}");
    Build::of(&context)
        .flag("--target=clo")
        .fail()
        .says(&["there is no target `clo`", "did you mean `cli`?"]);
    let said = run(&image.reference, &["--network", "none"], &["--help"]);
    assert!(said.contains("OFFAT") || said.to_lowercase().contains("usage: offat"), "{said}");
    let listed = components(&image);
    for name in ["offat@0.19.4", "fastapi@", "rq@", "aiohttp@"] {
        assert!(listed.iter().any(|listed| listed.starts_with(name)), "{name} is not listed: {listed:?}");
    }
    assert!(!listed.iter().any(|listed| listed.starts_with("pytest@")), "the dev group does not ship");
    let layers = image.manifest(AMD64)["layers"].as_array().unwrap().clone();
    let bytes: u64 = layers.iter().filter_map(|layer| layer["size"].as_u64()).sum();
    assert!(bytes < 42_000_000, "{bytes} bytes compressed");
}

#[test]
fn flask_on_pipenv() {
    let port = Service::free_port();
    let program = "from flask import Flask\napp = Flask(__name__)\n\n@app.get('/')\ndef index():\n    return {'ok': True}\n";
    let manifest = format!(
        "python: {{version: 3.13}}\nruntime: {{entrypoint: [gunicorn, '--bind=127.0.0.1:{port}', --worker-tmp-dir=/tmp, 'web:app']}}\n"
    );
    let pipfile = "[packages]\nflask = \"*\"\ngunicorn = \"*\"\n\n[dev-packages]\npytest = \"*\"\n\n[requires]\npython_version = \"3.13\"\n";
    let files =
        [("web.py", program), ("Pipfile", pipfile), ("Pipfile.lock", include_str!("python/Pipfile.lock"))];
    let context = Context::of("pipenv", &files).with("cofferdam.yaml", format!("{SYNTAX}{manifest}"));
    let image = Build::of(&context).push();
    let service = served(&image, "pipenv", &[], &[], port);
    assert_eq!(json(&service, "/")["ok"], true);
    assert!(!components(&image).iter().any(|listed| listed.starts_with("pytest@")));
}

#[test]
fn flask_on_uv() {
    let port = Service::free_port();
    let project = "[project]\nname = \"guestbook\"\nversion = \"1.0.0\"\nrequires-python = \">=3.11\"\n\
        dependencies = [\"flask>=3.1\", \"gunicorn>=23\", \"markupsafe>=3\"]\n\n[dependency-groups]\ndev = [\"pytest>=8\"]\n";
    let manifest = format!(
        "{SYNTAX}language: python\nruntime: {{entrypoint: [gunicorn, '--bind=127.0.0.1:{port}', --worker-tmp-dir=/tmp, 'guestbook:app']}}\n"
    );
    let files = [
        ("cofferdam.yaml", &*manifest),
        ("guestbook.py", include_str!("../../examples/python-service/guestbook.py")),
        ("pyproject.toml", project),
        ("uv.lock", include_str!("python/flask-uv.lock")),
    ];
    let image = Build::of(&Context::of("flask-uv", &files)).push();
    keeps_the_promises(&image, "65532:65532");
    let service = served(&image, "flask-uv", &[], &[], port);
    let about = json(&service, "/");
    assert_eq!((&about["native"], &about["writable"]), (&true.into(), &false.into()));
    let listed = components(&image);
    assert!(listed.iter().any(|listed| listed.starts_with("gunicorn@")), "{listed:?}");
    assert!(!listed.iter().any(|listed| listed.starts_with("pytest@")), "the dev group does not ship");
}

#[test]
fn a_library_that_an_extension_needs_is_named_with_its_package() {
    let requirement =
        "psycopg2==2.9.11 --hash=sha256:964d31caf728e217c697ff77ea69c2ba0865fa41ec20bb00f0977e62fdcc52e3\n";
    let files = [("requirements.txt", requirement), ("main.py", "import psycopg2\n")];
    let context =
        Context::of("psycopg", &files).with("cofferdam.yaml", format!("{SYNTAX}language: python\n"));
    Build::of(&context).fail().clear().says(&["missing-library", "libpq.so.5", "`libpq5`", "psycopg2"]);
}

#[test]
fn a_lock_that_is_out_of_step_and_rivals_are_told() {
    let requirements = "[tool.poetry]\nname = \"guestbook\"\nversion = \"1.0.0\"\npackage-mode = false\n";
    let context = Context::example("python-service").replacing(
        "pyproject.toml",
        "flask = \"^3.1\"",
        "flask = \"^3.1\"\nhttpx = \"*\"",
    );
    Build::of(&context).fail().clear().at_line(3).says(&["poetry.lock does not hold `httpx`", "out of step"]);
    let context = Context::example("python-service").replacing("pyproject.toml", "\"^3.1\"", "\"^4\"");
    Build::of(&context)
        .fail()
        .clear()
        .at_line(3)
        .says(&["poetry.lock was made before what it locks was changed"]);
    let context =
        Context::of("rival", &[("pyproject.toml", requirements), ("poetry.lock", ""), ("uv.lock", "")])
            .with("cofferdam.yaml", format!("{SYNTAX}language: python\nruntime: {{entrypoint: [x]}}\n"));
    Build::of(&context).fail().clear().at_line(2).says(&["several lock files: poetry.lock and uv.lock"]);
}

#[test]
fn the_same_application_on_another_base_brings_only_what_that_base_lacks() {
    let (context, port) = on_a_free_port("python-service");
    let exceptions = "exceptions:
  - {rule: final-shell, reason: this test wants it}
  - {rule: final-package-manager, reason: this test wants it}
  - {rule: final-setuid, reason: this test wants it}
";
    let context = context
        .replacing("cofferdam.yaml", "runtime:\n", "runtime:\n  base: docker.io/library/debian:trixie-slim\n")
        .appending("cofferdam.yaml", exceptions);
    let image = Build::of(&context).push();
    let service = served(&image, "python-on-debian", &[], &[], port);
    assert_eq!(json(&service, "/")["native"], true);
    let distroless = Build::of(&Context::example("python-service")).push();
    let of = |image: &Image, role: &str| {
        image.layers(AMD64).into_iter().find(|layer| layer.0 == role).map(|layer| layer.1)
    };
    assert_eq!(of(&image, "dependencies"), of(&distroless, "dependencies"), "packages know no base");
    assert_ne!(of(&image, "runtime"), of(&distroless, "runtime"), "the base has some libraries itself");
}

#[test]
fn an_application_for_an_older_python_gets_that_one() {
    let project = "[project]\nname = \"older\"\nversion = \"1.0\"\nrequires-python = \">=3.9,<3.12\"\n\
        dependencies = [\"markupsafe\", \"colorama; python_version >= '3.12'\", \
        \"itsdangerous; python_full_version > '3.11.0'\", \"blinker; python_full_version <= '3.11.0'\"]\n\
        [project.scripts]\nolder = \"older:main\"\n\
        [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let program = "import sys\nfrom importlib.util import find_spec\nfrom markupsafe import _speedups\n\
        def main():\n    print(sys.version_info[:2], find_spec('colorama'), _speedups.__file__)\n    print(bool(find_spec('itsdangerous')), find_spec('blinker'))\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}language: python\n")),
        ("pyproject.toml", project),
        ("older.py", program),
    ];
    let image = Build::of(&Context::of("older-python", &files)).push();
    keeps_the_promises(&image, "65532:65532");
    let said = run(&image.reference, &["--network", "none"], &[]);
    assert!(said.starts_with("(3, 11) None /app/.venv/lib/python3.11/"), "{said}");
    assert!(said.contains("cpython-311"), "{said}");
    assert!(said.ends_with("True None\n"), "the patch counts: {said}");
}

#[test]
fn a_workspace_of_uv_with_a_package_beside_the_application() {
    let project = |name: &str, more: &str| {
        format!(
            "[project]\nname = \"{name}\"\nversion = \"1.0.0\"\nrequires-python = \">=3.11\"\n{more}\n\
             [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n"
        )
    };
    let lock = "version = 1\nrequires-python = \">=3.11\"\n\n\
        [[package]]\nname = \"greeter\"\nversion = \"1.0.0\"\nsource = { editable = \"apps/greeter\" }\n\
        dependencies = [{ name = \"wording\" }]\n\n\
        [[package]]\nname = \"wording\"\nversion = \"1.0.0\"\nsource = { editable = \"libs/wording\" }\n";
    let application = project(
        "greeter",
        "dependencies = [\"wording\"]\n[project.scripts]\ngreeter = \"greeter:main\"\n\
         [tool.uv.sources]\nwording = { workspace = true }\n",
    );
    let context = Context::of(
        "uv-workspace",
        &[
            ("cofferdam.yaml", &format!("{SYNTAX}source: apps/greeter\nlanguage: python\n")),
            ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"apps/*\", \"libs/*\"]\n"),
            ("uv.lock", lock),
            ("apps/greeter/pyproject.toml", &application),
            (
                "apps/greeter/src/greeter/__init__.py",
                "import wording\ndef main():\n    print(wording.HELLO)\n",
            ),
            ("libs/wording/pyproject.toml", &project("wording", "dependencies = []\n")),
            ("libs/wording/src/wording/__init__.py", "HELLO = 'hello from beside'\n"),
        ],
    );
    let image = Build::of(&context).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]).trim(), "hello from beside");
}

/// A wheel with one module, made of the machine's Python.
fn wheel(name: &str, module: &str) -> Vec<u8> {
    let program = "import sys, zipfile\nname, module = sys.argv[1:]\n\
        with zipfile.ZipFile('made.whl', 'w') as archive:\n    \
        archive.writestr(f'{name}.py', module)\n    \
        archive.writestr(f'{name}-1.0.dist-info/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')\n    \
        archive.writestr(f'{name}-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n    \
        archive.writestr(f'{name}-1.0.dist-info/RECORD', '')\n";
    let place = tempfile::tempdir().unwrap();
    Process::new("python3").args(["-c", program, name, module]).directory(place.path()).stdout();
    std::fs::read(place.path().join("made.whl")).unwrap()
}

#[test]
fn packages_of_the_context_that_requirements_name_are_installed_beside_the_application() {
    let shared = "[project]\nname = \"shared\"\nversion = \"1.0\"\ndependencies = [\"itsdangerous\", \"legacy\"]\n\
        [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let program = "import legacy, shared, vendored\nfrom importlib.metadata import version\n\
        print(shared.WORD, legacy.WORD, vendored.WORD, version('itsdangerous'), shared.__file__)\n";
    let requirements = "-e ../../libs/shared\n../../libs/legacy\n../../vendor/vendored-1.0-py3-none-any.whl\n\
        itsdangerous==2.1.2\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}source: apps/web\npython: {{version: 3.13}}\n")),
        ("apps/web/main.py", program),
        ("apps/web/requirements.txt", requirements),
        ("libs/shared/pyproject.toml", shared),
        ("libs/shared/src/shared/__init__.py", "WORD = 'shared'\n"),
        (
            "libs/legacy/setup.py",
            "import setuptools\nsetuptools.setup(name='legacy', version='1.0', py_modules=['legacy'])\n",
        ),
        ("libs/legacy/legacy.py", "WORD = 'legacy'\n"),
    ];
    let content = wheel("vendored", "WORD = 'vendored'\n");
    let digest = cofferdam::name::Digest::of(&content);
    let context = Context::of("places", &files).with("vendor/vendored-1.0-py3-none-any.whl", content);
    let said = |context: &Context| run(&Build::of(context).push().reference, &["--network", "none"], &[]);
    let expected = "shared legacy vendored 2.1.2 /app/.venv/lib/python3.13/site-packages/shared/__init__.py";
    assert_eq!(said(&context).trim(), expected);
    let pinned = |digest: &str| {
        format!(
            "../../libs/shared\n../../libs/legacy\n../../vendor/vendored-1.0-py3-none-any.whl --hash={digest}\n\
             itsdangerous==2.1.2 --hash=sha256:2c2349112351b88699d8d4b6b075022c0808887cb7ad10069318a8b0bc88db44\n"
        )
    };
    let requirements = "apps/web/requirements.txt";
    let context = context.with(requirements, pinned(&digest.to_string()));
    assert_eq!(said(&context).trim(), expected);
    let context = context.with(requirements, pinned(&format!("sha256:{}", "0".repeat(64))));
    Build::of(&context).fail().says(&["DO NOT MATCH THE HASHES"]);
}

#[test]
fn a_lock_of_poetry_names_a_project_above_the_application_and_a_wheel() {
    let content = wheel("vendored", "WORD = 'vendored'\n");
    let digest = cofferdam::name::Digest::of(&content);
    let lock = format!(
        "[[package]]\nname = \"vendored\"\nversion = \"1.0\"\nfiles = [{{file = \"x\", hash = \"{digest}\"}}]\n\
         [package.source]\ntype = \"file\"\nurl = \"vendored-1.0-py3-none-any.whl\"\n\
         [[package]]\nname = \"shared\"\nversion = \"1.0\"\nfiles = []\ndevelop = true\n\
         [package.source]\ntype = \"directory\"\nurl = \"../libs/shared\"\n"
    );
    let project = "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.11\"\n\
        shared = {path = \"../libs/shared\", develop = true}\nvendored = {path = \"vendored-1.0-py3-none-any.whl\"}\n";
    let shared = "[tool.poetry]\nname = \"shared\"\nversion = \"1.0\"\ndescription = \"\"\nauthors = []\n\
        [build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}source: web\nlanguage: python\n")),
        ("web/main.py", "import shared, vendored\nprint(shared.WORD, vendored.WORD)\n"),
        ("web/pyproject.toml", project),
        ("web/poetry.lock", &lock),
        ("libs/shared/pyproject.toml", shared),
        ("libs/shared/shared/__init__.py", "WORD = 'shared'\n"),
    ];
    let context = Context::of("poetry-places", &files).with("web/vendored-1.0-py3-none-any.whl", content);
    let image = Build::of(&context).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]).trim(), "shared vendored");
}

#[test]
fn an_application_that_its_requirements_list_with_an_extra_and_builders_that_are_pinned() {
    let project = "[project]\nname = \"greeting\"\nversion = \"1.0.0\"\ndependencies = [\"itsdangerous\"]\n\
        [project.optional-dependencies]\napi = [\"markupsafe\"]\nall = [\"greeting[api]\"]\n\
        [project.scripts]\ngreeting = \"greeting:main\"\n\
        [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let program = "from importlib.metadata import distribution, version\n\
        def main():\n    built = distribution('greeting').read_text('WHEEL').splitlines()[1]\n    \
        print(version('itsdangerous'), bool(version('markupsafe')), built)\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}python: {{version: 3.13}}\n")),
        ("pyproject.toml", project),
        ("requirements.txt", "-crequirements/constraints.txt\n-e .[all] # the application\n"),
        ("requirements/constraints.txt", "itsdangerous==2.1.2\n"),
        ("build-constraints.txt", "hatchling==1.26.3\n"),
        ("greeting.py", program),
    ];
    let image = Build::of(&Context::of("greeting", &files)).push();
    let said = run(&image.reference, &["--network", "none"], &[]);
    assert_eq!(said.trim(), "2.1.2 True Generator: hatchling 1.26.3");
}

#[test]
fn what_comes_as_source_only_is_fetched_by_what_it_declares_and_built_offline() {
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}python: {{version: 3.13}}\n")),
        // It asks for docopt, of which there never was a wheel.
        ("requirements.txt", "num2words==0.5.14\n"),
        ("main.py", "import docopt, num2words\nprint(docopt.__version__, num2words.num2words(42))\n"),
    ];
    let image = Build::of(&Context::of("words", &files)).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]).trim(), "0.6.2 forty-two");
    let listed = components(&image);
    assert!(listed.contains(&"docopt@0.6.2".to_owned()), "{listed:?}");
}
