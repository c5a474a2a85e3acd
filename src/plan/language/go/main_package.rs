//! Which program of a module is meant: the main package, its path and its name.

use std::collections::BTreeSet;

use super::{Module, module_file};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::name::ContextPath;
use crate::plan::planner::Planner;
use crate::plan::product::in_directory;

/// The directory of the main package: as written, the application's own, or that below `cmd` which is alone there or
/// called as the module.
pub(super) fn find(planner: &mut Planner<'_>, module: &Module<'_>) -> Option<ContextPath> {
    let source = planner.image.source.path.value.clone();
    let own = planner.ask.glob(in_directory(&source, "*.go"));
    let commands = planner.ask.glob(in_directory(&source, "cmd/*/*.go"));
    if let Some(main) = &module.options.main {
        let directory = source.join(main.value.as_str()).ok()?;
        let files = planner.ask.glob(in_directory(&directory, "*.go"))?;
        if files.is_empty() {
            let known: Vec<String> = candidates(&source, commands?);
            let mut error =
                Diagnostic::error("no-main-package", format!("there is no Go file in `{directory}`"))
                    .at(main.span)
                    .why("`go.main` is the directory of the main package, relative to `source`");
            if let Some(near) = did_you_mean(main.value.as_str(), known.iter().map(String::as_str)) {
                error = error.help(format!("did you mean `{near}`?"));
            }
            planner.report(error);
            return None;
        }
        return Some(directory);
    }
    let (own, commands) = (own?, commands?);
    let (own, commands) = (programs(planner, own), programs(planner, commands));
    let (own, commands) = (own?, commands?);
    let known = candidates(&source, &commands);
    match (!own.is_empty(), &known[..]) {
        (true, _) => Some(source),
        (false, [only]) => source.join(only).ok(),
        (false, []) => {
            let message = format!("there is no Go program (`package main`) in `{source}` or below its `cmd`");
            let help = "name the main package's directory in `go.main`, or the application's in `source`";
            planner
                .report(Diagnostic::error("no-main-package", message).at(planner.source_span()).help(help));
            None
        }
        (false, many) => {
            if let Some(own) = many.iter().find(|path| last(path) == module.file.program_name()) {
                planner.chose("program", own, &"named as the module");
                return source.join(own).ok();
            }
            let message = format!("there are several programs to choose from: {}", many.join(", "));
            let help = format!("name one: `go: {{main: {}}}`", many[0]);
            planner.report(
                Diagnostic::error("ambiguous-main", message).at(planner.image.language.span).help(help),
            );
            None
        }
    }
}

/// The last part of a path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Those of some Go files that belong to programs; `None` while they are not known.
fn programs(planner: &mut Planner<'_>, files: &BTreeSet<ContextPath>) -> Option<BTreeSet<ContextPath>> {
    let files = files.iter().filter(|path| !path.file_name().ends_with("_test.go"));
    let answers: Vec<_> = files.map(|path| (path, planner.ask.head(path))).collect();
    let answers = answers.into_iter().map(|(path, bytes)| Some((path, bytes?)));
    let answers: Vec<_> = answers.collect::<Option<_>>()?;
    let programs = answers.into_iter().filter(|(_, bytes)| bytes.is_some_and(module_file::is_program));
    Some(programs.map(|(path, _)| path.clone()).collect())
}

/// The directories below `cmd` that hold Go files, relative to the application.
fn candidates(source: &ContextPath, files: &BTreeSet<ContextPath>) -> Vec<String> {
    let directories = files.iter().filter_map(|path| path.parent()?.relative_to(source));
    let mut found: Vec<String> = directories.map(|path| path.as_str().to_owned()).collect();
    found.dedup();
    found
}

/// The program's name: that of its directory, or of the module where the program is the module's root.
pub(super) fn program_name(module: &Module<'_>, main: &ContextPath) -> String {
    let name = if main == &module.root { module.file.program_name() } else { main.file_name() };
    // A hostile module path may end in anything.
    let is_name = !name.is_empty() && !name.starts_with(['-', '.']);
    if is_name { name.to_owned() } else { "app".to_owned() }
}

/// The package's path for the go command, run in the module's directory.
pub(super) fn package(main: &ContextPath, root: &ContextPath) -> String {
    match main.relative_to(root) {
        Some(relative) if !relative.is_root() => format!("./{relative}"),
        _ => ".".to_owned(),
    }
}
