//! A Python application as planning sees it: which manager it has, which Python it wants, and what it starts.
//!
//! The grammar of `pyproject.toml` is that of the "Python Packaging User Guide", "pyproject.toml specification".

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::local;
use super::requirements::Requirements;
use super::{setup_cfg, version};
use crate::diagnostic::Diagnostic;
use crate::model::{Python, PythonManager};
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::plan::product::in_directory;
use crate::rule;
use crate::text::{Source, Span};

/// Everything that planning knows of a Python application.
pub(super) struct Project {
    /// The directory of the lock file, and what this names elsewhere.
    pub(super) sources: Vec<ContextPath>,
    /// Which format `lock` has, as our fetch script knows it.
    pub(super) format: &'static str,
    /// The lock file; a project without one has none.
    pub(super) lock: Option<ContextPath>,
    /// All that the fetch step may see.
    pub(super) manifests: Vec<ContextPath>,
    /// The part of the image's tag that names the version.
    pub(super) version: String,
    /// Whether the application is a package that can be installed; else it ships as it lies.
    pub(super) installs: bool,
    /// The programs that installing it makes, as far as its files tell without being run.
    pub(super) scripts: Vec<String>,
    /// Whether it has a `setup.py`, which may make more of them.
    pub(super) has_setup: bool,
    /// The application's name, where it says one.
    pub(super) name: Option<String>,
    /// The module in its directory that is usually started.
    pub(super) main: Option<&'static str>,
}

/// A lock file and whose it is.
struct Lock {
    file: &'static str,
    manager: PythonManager,
    format: &'static str,
    command: &'static str,
}

const LOCKS: [Lock; 4] = [
    Lock { file: "poetry.lock", manager: PythonManager::Poetry, format: "poetry", command: "poetry lock" },
    Lock { file: "uv.lock", manager: PythonManager::Uv, format: "uv", command: "uv lock" },
    Lock { file: "Pipfile.lock", manager: PythonManager::Pipenv, format: "pipenv", command: "pipenv lock" },
    Lock { file: "pylock.toml", manager: PythonManager::Pip, format: "pylock", command: "pip lock" },
];
const REQUIREMENTS: &str = "requirements.txt";
/// What else a fetch reads, where it is there; the last one pins what builds packages from source.
const MANIFESTS: [&str; 3] = ["pyproject.toml", "Pipfile", "build-constraints.txt"];
/// The program that builds a package of old; what it says is known where it has run.
const SETUP: &str = "setup.py";
/// The modules that are started where nothing else says what to start.
const USUAL_MODULES: [&str; 3] = ["main.py", "app.py", "__main__.py"];

/// Reads the application's own files; `None` when facts are missing or errors were found.
pub(super) fn read(planner: &mut Planner<'_>, options: &Python) -> Option<Project> {
    let source = planner.image.source.path.value.clone();
    let pyproject = file(planner, &source, "pyproject.toml");
    let requirements = file(planner, &source, REQUIREMENTS);
    let setup = planner.ask.head(&source.join(SETUP).ok()?);
    let setup_cfg = file(planner, &source, setup_cfg::FILE);
    let hints = version::FILES.map(|name| file(planner, &source, name));
    let modules = planner.ask.glob(in_directory(&source, "*.py"));
    let locks = find_locks(planner, &source);
    let (pyproject, requirements, modules, locks) = (pyproject?, requirements?, modules?, locks?);
    let (has_setup, setup_cfg) = (setup?.is_some(), setup_cfg?.map(String::from_utf8_lossy));
    let hints: Vec<Option<&[u8]>> = hints.into_iter().collect::<Option<_>>()?;
    let pyproject = pyproject.map(|bytes| parse(planner, bytes));
    let pyproject = match pyproject {
        Some(parsed) => Some(parsed?),
        None => None,
    };
    let there = There {
        pyproject: pyproject.as_ref(),
        has_requirements: requirements.is_some(),
        has_setup,
        locks: &locks,
    };
    let (format, lock) = choose(planner, options, &there)?;
    if let (Some(lock), None) = (&lock, &options.manager) {
        planner.chose("packages by", &format, lock);
    }
    let mut listed = Requirements::read(planner, &source, lock.as_ref().filter(|_| format == "pip"))?;
    if let Some(lock) = &lock {
        listed.local.extend(local::locked(planner, format, lock)?);
    }
    if format == "pip" && !listed.have_digests {
        warn_unlocked(planner);
    }
    let mut manifests: Vec<ContextPath> =
        MANIFESTS.iter().filter_map(|name| source.join(name).ok()).collect();
    manifests.extend(lock.clone());
    manifests.extend(local::manifests(&listed.local));
    let table = pyproject.unwrap_or_default();
    let installs = match lock {
        Some(_) if format == "pip" => listed.name_the_application,
        _ => installs(planner, &source, &table, format)?,
    };
    manifests.extend(listed.files);
    manifests.sort();
    manifests.dedup();
    let version = version::choose(planner, options, &table, &hints)?;
    let workspace = lock.as_ref().and_then(ContextPath::parent).unwrap_or_else(|| source.clone());
    let elsewhere = listed.local.into_iter().filter(|place| !place.is_within(&workspace));
    let sources = [workspace.clone()].into_iter().chain(elsewhere).collect();
    let is_there = |name: &&&str| modules.iter().any(|path| path.file_name() == **name);
    let main = USUAL_MODULES.iter().find(is_there).copied();
    let mut scripts = scripts(&table);
    // With a table `project`, setuptools takes them from there.
    let setup_cfg = setup_cfg.filter(|_| !table.contains_key("project"));
    scripts.extend(setup_cfg.iter().flat_map(|text| setup_cfg::scripts(text)));
    let name = name(&table).map(str::to_owned);
    Some(Project { sources, format, lock, manifests, version, installs, scripts, has_setup, name, main })
}

fn file<'a>(planner: &mut Planner<'a>, source: &ContextPath, name: &str) -> Option<Option<&'a [u8]>> {
    planner.ask.file(&source.join(name).ok()?)
}

fn parse(planner: &mut Planner<'_>, bytes: &[u8]) -> Option<Table> {
    let text = String::from_utf8_lossy(bytes);
    let error = match text.parse::<Table>() {
        Ok(table) => return Some(table),
        Err(error) => error,
    };
    let start = error.span().map_or(0, |span| span.start);
    let line = Source::new("pyproject.toml", text).position(Span::new(start, start).start).line;
    let message = format!("pyproject.toml cannot be read: line {line}: {}", error.message());
    planner.report(Diagnostic::error("pyproject", message).at(planner.source_span()));
    None
}

/// The lock files that are there; that of a workspace of uv may lie above the application.
fn find_locks(planner: &mut Planner<'_>, source: &ContextPath) -> Option<Vec<(&'static Lock, ContextPath)>> {
    let mut found = Vec::new();
    let mut known = true;
    for lock in &LOCKS {
        let upward = if lock.manager == PythonManager::Uv { usize::MAX } else { 1 };
        let paths = source.ancestors().take(upward).filter_map(|directory| directory.join(lock.file).ok());
        let answers: Vec<_> = paths.map(|path| (planner.ask.head(&path), path)).collect();
        known &= answers.iter().all(|(answer, _)| answer.is_some());
        let nearest = answers.into_iter().find(|(answer, _)| matches!(answer, Some(Some(_))));
        found.extend(nearest.map(|(_, path)| (lock, path)));
    }
    known.then_some(found)
}

/// What is there of the files that may tell the dependencies.
struct There<'t> {
    pyproject: Option<&'t Table>,
    has_requirements: bool,
    has_setup: bool,
    locks: &'t [(&'static Lock, ContextPath)],
}

/// The format and the path of what tells the dependencies.
fn choose(
    planner: &mut Planner<'_>,
    options: &Python,
    there: &There<'_>,
) -> Option<(&'static str, Option<ContextPath>)> {
    let source = planner.image.source.path.value.clone();
    let language = planner.image.language.span;
    let wanted = options.manager.map(|manager| manager.value);
    let fits = |lock: &Lock| wanted.is_none_or(|wanted| wanted == lock.manager);
    let fitting: Vec<_> = there.locks.iter().filter(|(lock, _)| fits(lock)).collect();
    match fitting[..] {
        [(lock, path)] => return Some((lock.format, Some(path.clone()))),
        [] => {}
        [..] => {
            let files: Vec<&str> = fitting.iter().map(|(lock, _)| lock.file).collect();
            let message = format!("there are several lock files: {}", files.join(" and "));
            let help = format!(
                "remove all but one, or name its manager: `python: {{package-manager: {}}}`",
                fitting[0].0.manager.word()
            );
            planner.report(Diagnostic::error("rival-locks", message).at(language).help(help));
            return None;
        }
    }
    let tool = |name: &str| there.pyproject.and_then(|table| table.get("tool")?.get(name)).is_some();
    let by_tool = [("poetry", PythonManager::Poetry), ("uv", PythonManager::Uv)];
    let implied = by_tool.iter().find(|(name, _)| tool(name)).map(|(_, manager)| *manager);
    let meant =
        wanted.or(implied.filter(|_| !there.has_requirements)).filter(|meant| *meant != PythonManager::Pip);
    if let Some(lock) = meant.and_then(|meant| LOCKS.iter().find(|lock| lock.manager == meant)) {
        let span = options.manager.map_or(language, |manager| manager.span);
        let error = Diagnostic::error("unlocked", format!("there is no {} in `{source}`", lock.file))
            .at(span)
            .why("without a lock nobody knows which code the fetch would bring")
            .help(format!("run `{}` and commit {}", lock.command, lock.file));
        planner.report(error);
        return None;
    }
    if there.has_requirements {
        return Some(("pip", source.join(REQUIREMENTS).ok()));
    }
    if there.pyproject.is_some_and(|table| table.contains_key("project")) {
        return Some(("pip", None));
    }
    let message = format!("nothing in `{source}` says which packages the application needs");
    let error = Diagnostic::error("no-project", message).at(planner.source_span());
    planner.report(if there.has_setup {
        error.why("setup.py tells them by running, and no step with network runs code of the application's").help(
            "run `pip-compile --generate-hashes setup.py`, add a line `.` to the requirements.txt that it writes, so that \
             the application is installed too, and commit that",
        )
    } else {
        error.help(
            "commit a requirements.txt, a pyproject.toml with its lock, or name the application's directory in \
             `source`; an ignore file may hide them",
        )
    });
    None
}

fn warn_unlocked(planner: &mut Planner<'_>) {
    let warning = Diagnostic::warning(rule::UNLOCKED.name, "the application's dependencies are not locked")
        .at(planner.image.language.span)
        .why(rule::UNLOCKED.why)
        .help(rule::UNLOCKED.mend);
    planner.report(warning);
}

/// Whether the application is installed like a package.
fn installs(
    planner: &mut Planner<'_>,
    source: &ContextPath,
    pyproject: &Table,
    format: &str,
) -> Option<bool> {
    let tool = |name: &str, key: &str| pyproject.get("tool").and_then(|tool| tool.get(name)?.get(key));
    let builds = pyproject.contains_key("build-system");
    match format {
        "poetry" => {
            let name = name(pyproject).unwrap_or_default().replace('-', "_");
            let places =
                [format!("{name}/__init__.py"), format!("src/{name}/__init__.py"), format!("{name}.py")];
            let found: Vec<_> = places
                .iter()
                .filter_map(|place| source.join(place).ok())
                .map(|path| planner.ask.head(&path))
                .collect();
            let found: Vec<_> = found.into_iter().collect::<Option<_>>()?;
            let declared = tool("poetry", "packages").is_some();
            let wanted = tool("poetry", "package-mode").and_then(Value::as_bool) != Some(false);
            Some(wanted && (declared || found.iter().any(Option::is_some)))
        }
        "uv" => Some(tool("uv", "package").and_then(Value::as_bool).unwrap_or(builds)),
        _ => Some(builds),
    }
}

fn name(pyproject: &Table) -> Option<&str> {
    let poetry = || pyproject.get("tool")?.get("poetry")?.get("name");
    pyproject.get("project").and_then(|project| project.get("name")).or_else(poetry)?.as_str()
}

fn scripts(pyproject: &Table) -> Vec<String> {
    let standard = pyproject.get("project").and_then(|project| project.get("scripts"));
    let poetry = pyproject.get("tool").and_then(|tool| tool.get("poetry")?.get("scripts"));
    let tables = [standard, poetry].into_iter().flatten().filter_map(Value::as_table);
    let names: BTreeSet<String> = tables.flat_map(Table::keys).cloned().collect();
    names.into_iter().collect()
}
