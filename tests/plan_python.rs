//! Python applications: what is planned for them, and what people are told where nothing can be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::plan::{Access, Compartment};
use plan_support::{builder, planned, refused, steps, warnings};

const PYTHON: &str = "language: python\nruntime: {entrypoint: [web]}\n";
const PROJECT: &str = "[project]\nname = 'web'\nversion = '1'\nrequires-python = '>=3.11,<3.13'\n";
const POETRY: &str =
    "[tool.poetry]\nname = 'web'\nversion = '1'\n[tool.poetry.dependencies]\npython = '^3.11'\n";

#[test]
fn the_version_is_the_newest_that_the_application_allows() {
    let requirements = ("requirements.txt", "flask==3.1.0\n");
    let with = |manifest: &str, files: &[(&str, &str)]| builder(&planned(manifest, files).unwrap());
    assert_eq!(with(PYTHON, &[requirements]), "python:3-trixie");
    assert_eq!(with(PYTHON, &[requirements, (".python-version", "3.12.4\n")]), "python:3.12.4-trixie");
    assert_eq!(with(PYTHON, &[requirements, ("pyproject.toml", PROJECT)]), "python:3.12-trixie");
    let written = "python: {version: 3.13}\nruntime: {entrypoint: [web]}\n";
    assert_eq!(with(written, &[requirements, ("pyproject.toml", PROJECT)]), "python:3.13-trixie");
    for (file, text, asked) in [
        (".python-version", "2.7.18\n", "2.7.18"),
        (".python-version", "pypy3.10\n", "pypy3.10"),
        ("runtime.txt", "python-3.6.1\n", "3.6.1"),
        (".tool-versions", "python 2.7.18\n", "2.7.18"),
        ("Pipfile", "[requires]\npython_version = '2.7'\n", "2.7"),
    ] {
        let told = refused(PYTHON, &[requirements, (file, text)]);
        let expected =
            format!("1:11: error[version]: `{file}` asks for Python {asked}, which is none of the releases");
        assert!(told.contains(&expected) && told.contains("3.8 to 3.14"), "{told}");
    }
    let ancient = "python: {version: 2.7}\nruntime: {entrypoint: [web]}\n";
    assert!(
        refused(ancient, &[requirements])
            .contains("1:19: error[version]: `python.version` asks for Python 2.7")
    );
    let own = format!("{PYTHON}build: {{base: example.com/python:2.7}}\n");
    assert_eq!(with(&own, &[requirements, (".python-version", "2.7\n")]), "example.com/python:2.7");
    for (file, text) in [
        (".python-version", "guestbook-env\n"),
        (".tool-versions", "python latest\n"),
        ("runtime.txt", "python-3.13t\n"),
        ("Pipfile", "[requires]\npython_version = '*'\n"),
    ] {
        let files = [requirements, ("pyproject.toml", PROJECT), (file, text)];
        assert_eq!(with(PYTHON, &files), "python:3.12-trixie", "{file} leaves the choice to the others");
    }
    let old = "[project]\nname = 'web'\nrequires-python = '<3'\n";
    assert!(
        refused(PYTHON, &[requirements, ("pyproject.toml", old)]).contains("no release of Python fits `<3`")
    );
}

#[test]
fn the_fetch_sees_lock_files_and_what_they_include_and_nothing_else_has_network() {
    let files = [
        ("requirements.txt", "-rrequirements/base.txt\n-c \\\n  constraints.txt # why\nflask==3\n"),
        ("constraints.txt", ""),
        ("requirements/base.txt", "--requirement=more.txt\n"),
        ("requirements/more.txt", "-r ../requirements.txt\n"),
        ("web.py", ""),
    ];
    let plan = planned(PYTHON, &files).unwrap();
    let steps = steps(&plan);
    let fetches: Vec<_> = steps.iter().filter(|step| step.compartment == Compartment::Fetch).collect();
    assert_eq!(fetches.len(), 1);
    assert!(fetches[0].mounts.iter().any(|mount| mount.at == "/src" && mount.access == Access::ReadOnly));
    let selections = plan.nodes.iter().filter_map(|node| match node {
        cofferdam::plan::Node::Context(selection) => Some(&selection.paths),
        _ => None,
    });
    let seen: Vec<Vec<&str>> =
        selections.map(|paths| paths.iter().map(cofferdam::name::ContextPath::as_str).collect()).collect();
    let manifests = [
        "Pipfile",
        "build-constraints.txt",
        "constraints.txt",
        "pyproject.toml",
        "requirements.txt",
        "requirements/base.txt",
        "requirements/more.txt",
    ];
    assert_eq!(seen, [manifests.to_vec(), vec![""]]);
}

#[test]
fn locks_decide_who_manages_and_rivals_are_refused() {
    let poetry = [("pyproject.toml", POETRY), ("poetry.lock", "")];
    let manager = |files: &[(&str, &str)]| {
        let plan = planned(PYTHON, files).unwrap();
        let fetch = steps(&plan).into_iter().find(|step| step.compartment == Compartment::Fetch).unwrap();
        let request: serde_json::Value = serde_json::from_str(&fetch.script.argv()[3]).unwrap();
        request["manager"].as_str().unwrap().to_owned()
    };
    assert_eq!(manager(&poetry), "poetry");
    assert_eq!(manager(&[poetry[0], poetry[1], ("requirements.txt", "a\n")]), "poetry");
    assert_eq!(manager(&[("Pipfile", ""), ("Pipfile.lock", "{}")]), "pipenv");
    assert_eq!(manager(&[("pyproject.toml", PROJECT), ("uv.lock", "")]), "uv");
    assert_eq!(manager(&[("pylock.toml", "")]), "pylock");
    assert_eq!(manager(&[("requirements.txt", "a\n")]), "pip");
    let rivals = refused(PYTHON, &[poetry[0], poetry[1], ("uv.lock", "")]);
    assert!(rivals.contains("several lock files: poetry.lock and uv.lock"), "{rivals}");
    assert!(rivals.contains("python: {package-manager: poetry}"), "{rivals}");
    let named = "python: {package-manager: uv}\nruntime: {entrypoint: [web]}\n";
    assert!(planned(named, &[poetry[0], poetry[1], ("uv.lock", "")]).is_ok());
}

#[test]
fn packages_without_digests_are_warned_about() {
    let digest = "flask==3 --hash=sha256:0\n";
    for (requirements, included, is_locked) in [
        ("flask==3\n", "", false),
        (digest, "", true),
        ("flask==3 --hash sha256:0\n", "", true),
        ("flask==3 # --hash=sha256:0\n", "", false),
        ("-r requirements/base.txt\n", digest, true),
        ("-r requirements/base.txt\n", "flask==3\n", false),
    ] {
        let files = [("requirements.txt", requirements), ("requirements/base.txt", included)];
        let said = warnings(PYTHON, &files);
        assert_eq!(
            said.contains("dependencies are not locked"),
            !is_locked,
            "{requirements}{included}: {said}"
        );
    }
    assert!(warnings(PYTHON, &[("pyproject.toml", PROJECT)]).contains("[unlocked]"));
    assert_eq!(warnings(PYTHON, &[("pylock.toml", "")]), "");
}

#[test]
fn the_application_is_installed_where_requirements_list_it() {
    let installs = |requirements: &str, included: &str| {
        let files = [("requirements.txt", requirements), ("requirements/base.txt", included)];
        let plan = planned(PYTHON, &files).unwrap();
        let fetch = steps(&plan).into_iter().find(|step| step.compartment == Compartment::Fetch).unwrap();
        let request: serde_json::Value = serde_json::from_str(&fetch.script.argv()[3]).unwrap();
        request["install"].as_bool().unwrap()
    };
    assert!(!installs("flask\n", ""));
    assert!(installs("flask\n-e .[api]\n", ""));
    assert!(installs("-r requirements/base.txt\n", ".\n"));
}

#[test]
fn what_is_missing_is_told_with_what_to_do() {
    for (files, said) in [
        (&[("web.py", "")][..], "nothing in `.` says which packages the application needs"),
        (
            &[("setup.py", "")],
            "run `pip-compile --generate-hashes setup.py`, add a line `.` to the requirements.txt",
        ),
        (&[("pyproject.toml", POETRY)], "there is no poetry.lock in `.`"),
        (&[("pyproject.toml", "[tool.poetry]\n[tool.uv]\n")], "run `poetry lock` and commit poetry.lock"),
        (&[("pyproject.toml", "\n\n[project\n")], "pyproject.toml cannot be read: line 3: "),
    ] {
        let told = refused(PYTHON, files);
        assert!(told.contains(said), "{said}:\n{told}");
    }
    let told = refused("language: python\n", &[("requirements.txt", "flask==3\n"), ("web.py", "")]);
    assert!(told.contains("nothing says what the image starts") && told.contains("entrypoint: ["), "{told}");
    let scripts = "[project]\nname = 'x'\n[project.scripts]\na = 'x:a'\nb = 'x:b'\n[build-system]\n";
    let told = refused("language: python\n", &[("pyproject.toml", scripts), ("uv.lock", "")]);
    assert!(told.contains("installs several programs: a, b"), "{told}");
}

#[test]
fn programs_of_what_is_not_installed_are_told_with_what_installs_it() {
    let scripts = ("pyproject.toml", "[project]\nname = 'x'\n[project.scripts]\na = 'x:a'\n");
    for (files, help) in [
        (
            &[scripts, ("requirements.txt", "flask\n")][..],
            "add a line `.` to requirements.txt, so that it is installed",
        ),
        (&[scripts, ("uv.lock", "")], "let pyproject.toml have a `[build-system]`"),
        (&[scripts, ("poetry.lock", "")], "(`tool.poetry.packages`)"),
    ] {
        let told = refused("language: python\n", files);
        assert!(told.contains("is not installed, which would make: a") && told.contains(help), "{told}");
    }
    let listed = ("requirements.txt", ".\n");
    let start = |files: &[(&str, &str)]| {
        planned("language: python\n", files).map(|plan| plan.output.config.entrypoint)
    };
    assert_eq!(start(&[scripts, listed]).unwrap(), ["/app/.venv/bin/a"]);
    let setup_cfg = ("setup.cfg", "[options.entry_points]\nconsole_scripts =\n  b = x:b\n");
    assert_eq!(start(&[("setup.py", ""), setup_cfg, listed]).unwrap(), ["/app/.venv/bin/b"]);
    let told = start(&[("setup.py", ""), listed]).unwrap_err();
    assert!(told.contains("only running its setup.py tells"), "{told}");
}

#[test]
fn what_is_usual_starts_without_a_word() {
    let entrypoint = |files: &[(&str, &str)]| {
        let plan = planned("language: python\n", files).unwrap();
        plan.output.config.entrypoint
    };
    let requirements = ("requirements.txt", "flask==3\n");
    assert_eq!(entrypoint(&[requirements, ("app.py", "")]), ["/app/.venv/bin/python", "app.py"]);
    assert_eq!(entrypoint(&[requirements, ("app.py", ""), ("main.py", "")])[1], "main.py");
    let script = "[project]\nname = 'x'\n[project.scripts]\nserve = 'x:a'\n[build-system]\n";
    assert_eq!(entrypoint(&[("pyproject.toml", script), ("uv.lock", "")]), ["/app/.venv/bin/serve"]);
}

#[test]
fn a_web_application_that_nothing_serves_is_told_with_the_line_to_write() {
    let flask = ("app.py", "from flask import Flask\napp = Flask(__name__)\n");
    let told = |manifest: &str, files: &[(&str, &str)]| warnings(manifest, files);
    let served = told("language: python\n", &[("requirements.txt", "flask==3\ngunicorn==23\n"), flask]);
    assert!(served.contains("`app.py` makes a web application") && !served.contains("add `"), "{served}");
    assert!(
        served.contains(": write `runtime: {entrypoint: [gunicorn, \"--bind=0.0.0.0:8080\", \"app:app\"]}`"),
        "{served}"
    );
    let fastapi = ("main.py", "import fastapi\nweb = fastapi.FastAPI()\n");
    let served =
        told("language: python\nruntime: {ports: [80]}\n", &[("requirements.txt", "fastapi\n"), fastapi]);
    assert!(served.contains("help: add `uvicorn` to the application's packages"), "{served}");
    assert!(served.contains("[uvicorn, --host=0.0.0.0, --port=80, \"main:web\"]"), "{served}");
    let requirements = ("requirements.txt", "flask==3\n");
    assert!(!told(PYTHON, &[requirements, flask]).contains("nothing serves"));
    let run = ("app.py", "app = Flask(__name__)\nif __name__ == '__main__': app.run()\n");
    assert!(!told("language: python\n", &[requirements, run]).contains("nothing serves"));
    // No server can import a module of that name.
    assert!(
        !told("language: python\n", &[requirements, ("__main__.py", flask.1)]).contains("nothing serves")
    );
}

#[test]
fn processes_come_from_the_manifest_or_a_procfile_and_web_is_the_usual_one() {
    let requirements = ("requirements.txt", "flask==3\n");
    let started = |manifest: &str, procfile: &str| {
        let files = [requirements, ("Procfile", procfile)];
        planned(manifest, &files).map(|plan| plan.output.config.entrypoint.join(" "))
    };
    let procfile = "# what runs\nweb: gunicorn 'my app:app'\nworker: celery worker\n";
    assert_eq!(started("language: python\n", procfile).unwrap(), "gunicorn my app:app");
    let written = "language: python\nruntime: {processes: {worker: [celery], web: [gunicorn, app]}}\n";
    assert_eq!(started(written, procfile).unwrap(), "gunicorn app");
    assert_eq!(started("language: python\nruntime: {processes: {cli: [tool]}}\n", "").unwrap(), "tool");
    for (manifest, procfile, said) in [
        ("language: python\n", "\nweb: a --port $PORT\n", "line 2 `web: a --port $PORT`: it needs a shell"),
        (
            "language: python\n",
            "web: a\nweb: b\n",
            "`Procfile` has in line 2 `web: b`: its name stands twice",
        ),
        (
            "language: python\n",
            "web: a\nreport: b\n",
            "line 2 `report: b`: its name is that of another target",
        ),
        ("language: python\n", "web: PORT=1 node x\n", "`web: PORT=1 node x`: it sets a variable"),
        (
            "language: python\nruntime: {processes: {a: [x], b: [y]}}\n",
            "",
            "several processes to start: a, b",
        ),
        (
            "language: python\nruntime: {processes: {report: [x]}}\n",
            "",
            "`report` is the name of another target",
        ),
        ("language: python\nruntime: {processes: {web: []}}\n", "", "`web` starts nothing"),
        (
            "language: python\nruntime: {entrypoint: [x], processes: {web: [y]}}\n",
            "",
            "an entrypoint as well",
        ),
        ("language: python\nruntime: {processes: {\"a b\": [x]}}\n", "", "the name of a target"),
    ] {
        let told = started(manifest, procfile).unwrap_err();
        assert!(told.contains(said), "{said}:\n{told}");
    }
}

#[test]
fn the_fetch_sees_what_builds_the_packages_of_a_workspace() {
    let lock = "[[package]]\nname = 'web'\nsource = { editable = 'apps/web' }\n\
        [[package]]\nname = 'lib'\nsource = { editable = 'libs/lib' }\n\
        [[package]]\nname = 'out'\nsource = { directory = '../outside' }\n";
    let manifest = "source: apps/web\npython: {package-manager: uv}\nruntime: {entrypoint: [web]}\n";
    let files =
        [("apps/web/pyproject.toml", PROJECT), ("libs/lib/pyproject.toml", PROJECT), ("uv.lock", lock)];
    let plan = planned(manifest, &files).unwrap();
    let seen = plan.nodes.iter().find_map(|node| match node {
        cofferdam::plan::Node::Context(selection) => Some(&selection.paths),
        _ => None,
    });
    let seen: Vec<&str> = seen.unwrap().iter().map(cofferdam::name::ContextPath::as_str).collect();
    let expected =
        ["Pipfile", "build-constraints.txt", "pyproject.toml"].map(|name| format!("apps/web/{name}"));
    assert_eq!(seen[..3], expected);
    assert_eq!(seen[3..], ["libs/lib/pyproject.toml", "uv.lock"]);
}

#[test]
fn places_that_requirements_name_are_seen_whole_offline_and_by_their_manifests_in_the_fetch() {
    let manifest = "source: apps/web\nlanguage: python\nruntime: {entrypoint: [web]}\n";
    let with = |line: &str| {
        let files = [
            ("apps/web/requirements.txt", line),
            ("libs/a/pyproject.toml", PROJECT),
            ("libs/b/setup.py", ""),
            ("vendor/c-1-py3-none-any.whl", ""),
        ];
        planned(manifest, &files).map(|plan| {
            let nodes = plan.nodes.into_iter().filter_map(|node| match node {
                cofferdam::plan::Node::Context(selection) => Some(selection.paths),
                _ => None,
            });
            nodes.map(|paths| paths.iter().map(ToString::to_string).collect()).collect::<Vec<Vec<String>>>()
        })
    };
    let seen = with("-e ../../libs/a\n../../libs/b[x]\n../../vendor/c-1-py3-none-any.whl\n").unwrap();
    assert_eq!(seen[0][4..], ["libs/a/pyproject.toml", "libs/b/pyproject.toml"]);
    assert_eq!(seen[1], ["apps/web", "libs/a", "libs/b", "vendor/c-1-py3-none-any.whl"]);
    let told = with("./libs/a\n").unwrap_err();
    assert!(told.contains("`apps/web/libs/a`, which requirements name, has neither"), "{told}");
    let told = with("c-1-py3-none-any.whl\n").unwrap_err();
    assert!(
        told.contains("`apps/web/c-1-py3-none-any.whl`, which") && told.contains("is not there"),
        "{told}"
    );
}

#[test]
fn an_included_file_of_another_name_is_told_how_to_be_called() {
    let with = |name: &str| {
        let line = format!("-r {name}\n");
        planned(PYTHON, &[("requirements.txt", line.as_str()), (name, "flask==3\n")])
    };
    for name in ["requirements-dev.txt", "dev-requirements.txt", "requirements/base.txt", "constraints.txt"] {
        assert!(with(name).is_ok(), "{name}");
    }
    let told = with("base.txt").map(|_| ()).unwrap_err();
    assert!(
        told.contains("`base.txt`, which `requirements.txt` includes") && told.contains("requirements-"),
        "{told}"
    );
}
