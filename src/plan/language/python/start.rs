//! What a Python image starts where the manifest does not say.

use super::project::Project;
use crate::diagnostic::Diagnostic;
use crate::name::ImagePath;
use crate::plan::planner::Planner;

/// The one program that the application installs, or its usual module; empty where processes say what starts.
pub(super) fn entrypoint(
    planner: &mut Planner<'_>,
    project: &Project,
    venv: &ImagePath,
) -> Option<Vec<String>> {
    let program = |name: &str| format!("{venv}/bin/{name}");
    let installed = if project.installs { &project.scripts[..] } else { &[] };
    let own = installed.iter().find(|script| Some(*script) == project.name.as_ref());
    let only = if let [only] = installed { Some(only) } else { None };
    if let Some(script) = own.or(only) {
        return Some(vec![program(script)]);
    }
    if let Some(module) = project.main.filter(|_| !project.installs) {
        return Some(vec![program("python"), module.to_owned()]);
    }
    if planner.is_started() {
        return Some(Vec::new());
    }
    planner.report(nothing_starts(project).at(planner.image.language.span));
    None
}

/// Why nothing is chosen, and what to write.
fn nothing_starts(project: &Project) -> Diagnostic {
    const MODULE: &str = "python, -m, my_module";
    let name = |words: &str| format!("name it: `runtime: {{entrypoint: [{words}]}}`");
    let error = |message: String| Diagnostic::error("no-entrypoint", message);
    let all = project.scripts.join(", ");
    let nothing = error("nothing says what the image starts".to_owned());
    match (project.installs, project.scripts.first()) {
        (true, Some(first)) => error(format!("the application installs several programs: {all}"))
            .why("an image starts one of them")
            .help(name(first)),
        (true, None) if project.has_setup => nothing
            .why("only running its setup.py tells which programs the application installs")
            .help(name("my-program")),
        (false, Some(_)) => nothing
            .why(format!("the application is not installed, which would make: {all}"))
            .help(format!("{}; or {}", how_to_install(project), name(MODULE))),
        (_, None) => nothing
            .why("the application installs no program and has neither `main.py` nor `app.py` nor `__main__.py`")
            .help(name(MODULE)),
    }
}

/// What makes a project install the application, too.
fn how_to_install(project: &Project) -> &'static str {
    match project.format {
        "pip" if project.lock.is_some() => "add a line `.` to requirements.txt, so that it is installed",
        "poetry" => "name its packages in pyproject.toml (`tool.poetry.packages`), so that it is installed",
        _ => "let pyproject.toml have a `[build-system]`, so that it is installed",
    }
}
