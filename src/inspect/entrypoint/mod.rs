//! `entrypoint-unresolvable`: whether the kernel can start what the image starts.

mod interpreted;
mod lookup;
mod script;

use std::io;

use self::lookup::{Lookup, look_up};
use super::image::Image;
use super::library::advice;
use crate::rule;
use crate::step::{Finding, Process};
use crate::tree::elf::{Elf, Type};
use crate::tree::{FilePath, Kind, Stat, escaped};

/// As many interpreters as the kernel follows, one upon the other.
const MOST_INTERPRETERS: usize = 4;

/// What is wrong with a program: where, what, and how to mend it.
struct Problem {
    path: FilePath,
    message: String,
    help: String,
}

/// Every process that cannot be started.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    for process in &image.request.processes {
        let finding = check_process(image, process)?;
        findings.extend(finding);
    }
    Ok(findings)
}

/// The paths of the programs that the processes start, as far as they are there.
pub(super) fn programs(image: &Image<'_>) -> io::Result<Vec<FilePath>> {
    let mut paths = Vec::new();
    for word in image.request.processes.iter().filter_map(|process| process.argv.first()) {
        if let Lookup::Found(path, _) = look_up(image, word.as_bytes())? {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn check_process(image: &Image<'_>, process: &Process) -> io::Result<Option<Finding>> {
    let name = &process.name;
    let rule = rule::ENTRYPOINT_UNRESOLVABLE.name;
    let Some(word) = process.argv.first().filter(|word| !word.is_empty()) else {
        let finding = Finding::new(rule, &"/", format!("the process `{name}` says nothing to start"));
        return Ok(Some(finding.help("give `runtime.entrypoint` or `runtime.processes` a program")));
    };
    let mut what = format!("`{word}`");
    let mut problem = start(image, word.as_bytes(), MOST_INTERPRETERS)?;
    if problem.is_none()
        && let Some(script) = interpreted::script(image, &process.argv)?
    {
        what = format!("`{script}` with `{word}`");
        problem = interpreted::check(image, script)?;
    }
    Ok(problem.map(|Problem { path, message, help }| {
        let message = format!("the process `{name}` cannot start {what}: {message}");
        Finding::new(rule, &path, message).help(help)
    }))
}

/// What keeps the kernel from starting a program; `None` where nothing does.
fn start(image: &Image<'_>, word: &[u8], interpreters: usize) -> io::Result<Option<Problem>> {
    match look_up(image, word)? {
        Lookup::Not(problem) => Ok(Some(problem)),
        Lookup::Found(path, stat) => match check_permission(image, &path, stat)? {
            Some(problem) => Ok(Some(problem)),
            None => check_content(image, path, interpreters),
        },
    }
}

fn check_permission(image: &Image<'_>, path: &FilePath, stat: Stat) -> io::Result<Option<Problem>> {
    let (uid, gid) = (image.request.uid, image.request.gid);
    let problem =
        |message, help: &str| Ok(Some(Problem { path: path.clone(), message, help: help.to_owned() }));
    match stat.kind {
        Kind::File => {}
        Kind::Directory => {
            return problem(format!("`{path}` is a directory"), "name the program in it, not the directory");
        }
        Kind::Link | Kind::Special(_) => {
            return problem(format!("`{path}` is not a regular file"), rule::ENTRYPOINT_UNRESOLVABLE.mend);
        }
    }
    if !stat.permits_execution(uid, gid) {
        let message = format!("`{path}` is not executable for the user {uid}:{gid} (mode {:04o})", stat.mode);
        return problem(message, "give the artifact `mode: 0555`, or let the build make it executable");
    }
    check_way(image, path)
}

/// What keeps the image's user from the directories that a path lies in.
fn check_way(image: &Image<'_>, path: &FilePath) -> io::Result<Option<Problem>> {
    let (uid, gid) = (image.request.uid, image.request.gid);
    for directory in directories_of(path) {
        if let Some(stat) = image.tree.stat(&directory)?.filter(|stat| !stat.permits_execution(uid, gid)) {
            let message =
                format!("the user {uid}:{gid} may not enter `{directory}` (mode {:04o})", stat.mode);
            let help = "make the directory searchable for others (mode 0755)".to_owned();
            return Ok(Some(Problem { path: path.clone(), message, help }));
        }
    }
    Ok(None)
}

/// The directories above a path, the nearest first.
fn directories_of(path: &FilePath) -> impl Iterator<Item = FilePath> {
    std::iter::successors(path.parent(), FilePath::parent)
}

fn check_content(image: &Image<'_>, path: FilePath, interpreters: usize) -> io::Result<Option<Problem>> {
    if let Some(elf) = image.binaries.get(&path) {
        return check_elf(image, path, elf);
    }
    if let Some(reason) = image.broken.get(&path) {
        let message = format!("`{path}` is a damaged ELF file: {reason}");
        return Ok(Some(Problem { path, message, help: "build it again".to_owned() }));
    }
    let beginning = image.beginning(&path)?;
    if beginning.starts_with(b"#!") {
        return script::check(image, path, &beginning, interpreters);
    }
    let (what, help) = match beginning.as_slice() {
        [] => ("is empty", "look at what the build writes there"),
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => (
            "is an archive of object files, not a program",
            "build a main package: `go build` of a package that is not `main` writes an archive",
        ),
        [0x7f, b'E', b'L', b'F', ..] => ("is an object file, not a program", "link it"),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [b'M', b'Z', ..] => {
            ("is a program for another operating system", "build it for Linux (for Go: GOOS=linux)")
        }
        _ => (
            "is neither an ELF program nor a script that begins with `#!`",
            "begin a script with `#!` and its interpreter",
        ),
    };
    let message = format!("`{path}` {what}");
    Ok(Some(Problem { path, message, help: help.to_owned() }))
}

fn check_elf(image: &Image<'_>, path: FilePath, elf: &Elf) -> io::Result<Option<Problem>> {
    if let Some(machine) = image.machine.filter(|machine| *machine != elf.machine) {
        let message = format!(
            "`{path}` is made for {}, the image for {} ({machine})",
            elf.machine, image.request.platform
        );
        let help = "build it for the target platform, or take the file of that platform".to_owned();
        return Ok(Some(Problem { path, message, help }));
    }
    if elf.file_type == Type::Shared && !elf.is_program() {
        let message = format!("`{path}` is a shared library, not a program");
        return Ok(Some(Problem { path, message, help: "name the program that loads it".to_owned() }));
    }
    let Some(loader) = &elf.interpreter else { return Ok(None) };
    if image.file(&FilePath::new(loader))?.is_some() {
        return Ok(None);
    }
    let message =
        format!("`{path}` is dynamically linked and its loader `{}` is not in the image", escaped(loader));
    Ok(Some(Problem { path, message, help: advice::for_loader(loader, &image.request.base.name) }))
}
