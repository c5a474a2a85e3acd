//! `missing-library`: whether every program and library finds what it loads.

pub(super) mod advice;
mod cache;
mod closure;
mod injected;
mod object;
mod search;
mod version;

use std::collections::BTreeSet;
use std::io;

use self::closure::Closure;
use self::object::Object;
use self::search::Searcher;
use super::entrypoint;
use super::image::Image;
use crate::rule;
use crate::step::Finding;
use crate::tree::elf::{Elf, Machine};
use crate::tree::{FilePath, escaped};

/// Every need of a program or library that the image does not fulfil, each told once.
///
/// A shared library that no program loads by itself (a plugin) is looked at on its own; a library that it needs
/// then counts as there if it is anywhere in the image, because its host may have loaded it before.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let searcher = Searcher::new(image)?;
    let mut needs = Needs { image, told: BTreeSet::new(), findings: BTreeSet::new() };
    let mut reached = BTreeSet::new();
    let (programs, libraries): (Vec<_>, Vec<_>) = image
        .binaries
        .iter()
        .filter(|(_, elf)| is_for(image.machine, elf))
        .partition(|(_, elf)| elf.is_program());
    let started = entrypoint::programs(image)?;
    for (path, elf) in programs {
        // The loader of what the image starts is the entrypoint rule's concern.
        if !started.contains(path) && !has_loader(image, elf)? {
            needs.loader(path, elf);
        }
        let closure = Closure::of(&searcher, path, elf, false)?;
        reached.extend(closure.objects.iter().map(|object| object.path.clone()));
        needs.unfulfilled(path, &closure);
    }
    for (path, elf) in libraries.into_iter().filter(|(path, _)| !reached.contains(*path)) {
        needs.unfulfilled(path, &Closure::of(&searcher, path, elf, true)?);
    }
    Ok(needs.findings.into_iter().collect())
}

/// Programs of another architecture are nobody's here (emulators and cross tools carry some).
fn is_for(machine: Option<Machine>, elf: &Elf) -> bool {
    machine.is_none_or(|machine| machine == elf.machine)
}

fn has_loader(image: &Image<'_>, elf: &Elf) -> io::Result<bool> {
    match &elf.interpreter {
        Some(loader) => Ok(image.file(&FilePath::new(loader))?.is_some()),
        None => Ok(true),
    }
}

/// The needs that are not fulfilled.
struct Needs<'a> {
    image: &'a Image<'a>,
    /// The path and the need of each finding, without the program that showed it.
    told: BTreeSet<(String, String)>,
    findings: BTreeSet<Finding>,
}

impl Needs<'_> {
    fn loader(&mut self, path: &FilePath, elf: &Elf) {
        let loader = elf.interpreter.clone().unwrap_or_default();
        let message =
            format!("`{path}` needs the loader `{}`, which the image does not have", escaped(&loader));
        self.push(path, message, advice::for_loader(&loader, &self.image.request.base.name));
    }

    fn unfulfilled(&mut self, program: &FilePath, closure: &Closure<'_>) {
        for (object, library) in &closure.missing {
            let message = format!(
                "`{}` needs `{}`, which the image does not have{}",
                object.path,
                escaped(library),
                loaded_by(program, object)
            );
            self.push(&object.path, message, advice::for_library(library));
        }
        for conflict in version::conflicts(closure) {
            let message = format!("{}{}", conflict.message(), loaded_by(program, conflict.needed_by));
            self.push(&conflict.needed_by.path, message, advice::for_version(&conflict.version));
        }
    }

    fn push(&mut self, path: &FilePath, message: String, help: String) {
        let need = message.split(LOADED_BY).next().unwrap_or_default().to_owned();
        if self.told.insert((path.to_string(), need)) {
            self.findings.insert(Finding::new(rule::MISSING_LIBRARY.name, path, message).help(help));
        }
    }
}

const LOADED_BY: &str = " (loaded by ";

fn loaded_by(program: &FilePath, object: &Object<'_>) -> String {
    if object.path == *program { String::new() } else { format!("{LOADED_BY}`{program}`)") }
}
