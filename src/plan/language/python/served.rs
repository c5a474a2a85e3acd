//! Web applications that nothing serves: a module that makes one and runs none ends as soon as it has started.

use super::project::Project;
use crate::diagnostic::Diagnostic;
use crate::plan::planner::Planner;

/// A kind of web application: what makes one, and what serves it.
struct Kind {
    makers: &'static [&'static str],
    /// Servers with how they are told where to listen, the usual one first.
    servers: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 2] = [
    Kind { makers: &["Flask"], servers: &[("gunicorn", "\"--bind=0.0.0.0:{port}\"")] },
    Kind {
        makers: &["FastAPI", "Starlette", "Quart", "Litestar"],
        servers: &[("uvicorn", "--host=0.0.0.0, --port={port}"), ("hypercorn", "\"--bind=0.0.0.0:{port}\"")],
    },
];
/// What is in a module that runs something by itself.
const RUNS: [&str; 8] =
    ["__main__", "run(", "run_simple(", "serve(", "serve_forever(", "start(", "Server(", "server("];
/// The port where the manifest names none.
const PORT: u16 = 8080;

/// Warns where the module that starts by default makes a web application and runs nothing; `None` while files are not
/// known.
pub(super) fn check(planner: &mut Planner<'_>, project: &Project) -> Option<()> {
    let Some(module) =
        project.main.filter(|main| *main != "__main__.py" && !project.installs && !planner.is_started())
    else {
        return Some(());
    };
    let path = planner.image.source.path.value.join(module).ok()?;
    let (text, packages) = (planner.ask.file(&path), packages(planner, project));
    let text = String::from_utf8_lossy(text?.unwrap_or_default());
    let packages = packages?;
    let Some((kind, variable)) = unserved(&text) else { return Some(()) };
    let known = kind.servers.iter().find(|(name, _)| packages.contains(name));
    let (server, listens) = known.unwrap_or(&kind.servers[0]);
    let port = planner.image.runtime.ports.first().copied().unwrap_or(PORT);
    let listens = listens.replace("{port}", &port.to_string());
    let module = module.trim_end_matches(".py");
    let command = format!("[{server}, {listens}, \"{module}:{variable}\"]");
    // Clients show no more of a warning than its message, unless they are asked to.
    let message = format!(
        "`{path}` makes a web application that nothing serves: write `runtime: {{entrypoint: {command}}}`"
    );
    let warning = Diagnostic::warning("not-served", message)
        .at(planner.image.language.span)
        .why(format!("`python {module}.py`, which starts by default, ends as soon as it has made it"));
    planner.report(match known {
        Some(_) => warning,
        None => warning.help(format!("add `{server}` to the application's packages")),
    });
    Some(())
}

/// What names the application's packages, as one text; `None` while it is not known.
fn packages(planner: &mut Planner<'_>, project: &Project) -> Option<String> {
    let pyproject = planner.image.source.path.value.join("pyproject.toml").ok();
    let files: Vec<_> = project.lock.iter().chain(&pyproject).map(|path| planner.ask.file(path)).collect();
    let files: Vec<_> = files.into_iter().collect::<Option<_>>()?;
    Some(files.into_iter().flatten().map(String::from_utf8_lossy).collect())
}

/// The web application of a module that runs nothing, with the variable that holds it.
fn unserved(text: &str) -> Option<(&'static Kind, &str)> {
    if RUNS.iter().any(|word| text.contains(word)) {
        return None;
    }
    text.lines().find_map(|line| {
        let (target, value) = line.split_once('=')?;
        let variable = target.split(':').next()?.trim_end();
        let (maker, _) = value.split_once('(')?;
        let maker = maker.rsplit('.').next()?.trim_start();
        let kind = KINDS.iter().find(|kind| kind.makers.contains(&maker))?;
        let is_name = variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && !variable.is_empty()).then_some((kind, variable))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_makes_an_application_and_runs_nothing_is_told_apart() {
        let found =
            |text: &str| unserved(text).map(|(kind, variable)| (kind.servers[0].0, variable.to_owned()));
        let of = |server, variable: &str| Some((server, variable.to_owned()));
        assert_eq!(found("from flask import Flask\napp = Flask(__name__)\n"), of("gunicorn", "app"));
        assert_eq!(found("api: FastAPI = fastapi.FastAPI(title='x')\n"), of("uvicorn", "api"));
        assert_eq!(found("application=Starlette(\n    routes=[])\n"), of("uvicorn", "application"));
        for other in [
            "app = Flask(__name__)\nif __name__ == '__main__':\n    app.run()\n",
            "app = FastAPI()\nuvicorn.run(app)\n",
            "app = Flask(__name__)\nwaitress.serve(app)\n",
            "app = Flask(__name__)\nserving.run_simple('0.0.0.0', 80, app)\n",
            "app = Flask(__name__)\neventlet.wsgi.server(eventlet.listen(('', 80)), app)\n",
            "def create():\n    app = Flask(__name__)\n    return app\n",
            "app = make(Flask)\n",
            "app = Flask\n",
            "print('once')\n",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
