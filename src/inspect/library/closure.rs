//! What a program loads, in the order in which the loader loads it.

use std::collections::BTreeMap;
use std::io;

use super::injected::is_injected;
use super::object::Object;
use super::search::{Request, Searcher};
use crate::tree::FilePath;
use crate::tree::elf::Elf;

/// More objects than any program loads.
const MOST_OBJECTS: usize = 4096;

/// Everything that a program loads.
#[derive(Debug)]
pub(super) struct Closure<'a> {
    /// The program, then the libraries.
    pub(super) objects: Vec<Object<'a>>,
    /// The objects by the names by which they are needed.
    pub(super) names: BTreeMap<Vec<u8>, usize>,
    /// Who needs which library in vain.
    pub(super) missing: Vec<(Object<'a>, Vec<u8>)>,
    /// Whether the loader is musl's.
    pub(super) is_musl: bool,
}

impl<'a> Closure<'a> {
    /// The closure of a program, or of a library on its own (`alone`).
    pub(super) fn of(
        searcher: &Searcher<'a>,
        path: &FilePath,
        elf: &'a Elf,
        alone: bool,
    ) -> io::Result<Closure<'a>> {
        let origin = path.parent().unwrap_or_default();
        let root = Object { path: path.clone(), origin, elf, loader: None };
        let mut closure = Closure {
            objects: vec![root],
            names: BTreeMap::new(),
            missing: Vec::new(),
            is_musl: is_musl(elf),
        };
        closure.names.insert(path.name().to_vec(), 0);
        let mut at = 0;
        while at < closure.objects.len() && at < MOST_OBJECTS {
            for name in &closure.objects[at].elf.dynamic.needed {
                closure.load(searcher, at, name, alone)?;
            }
            at += 1;
        }
        Ok(closure)
    }

    fn load(
        &mut self,
        searcher: &Searcher<'a>,
        needed_by: usize,
        name: &[u8],
        alone: bool,
    ) -> io::Result<()> {
        if self.names.contains_key(name) || (self.is_musl && is_part_of_musl(name)) {
            return Ok(());
        }
        let request = Request { name, chain: self.chain(needed_by), is_musl: self.is_musl };
        let found = match searcher.find(&request)? {
            None if alone => searcher.anywhere(name)?,
            found => found,
        };
        let Some(found) = found else {
            if !is_injected(name) {
                self.missing.push((self.objects[needed_by].clone(), name.to_vec()));
            }
            return Ok(());
        };
        let known = self.objects.iter().position(|object| object.path == found.path);
        let index = known.unwrap_or(self.objects.len());
        self.names.insert(name.to_vec(), index);
        if let Some(soname) = &found.elf.dynamic.soname {
            self.names.entry(soname.clone()).or_insert(index);
        }
        if known.is_none() {
            self.objects.push(Object { loader: Some(needed_by), ..found });
        }
        Ok(())
    }

    /// The object that needs something, then the one that loaded it, and so on up to the program.
    fn chain(&self, object: usize) -> Vec<&Object<'a>> {
        std::iter::successors(Some(object), |&at| self.objects[at].loader)
            .map(|at| &self.objects[at])
            .collect()
    }
}

/// Whether a file belongs to musl's world: its loader says so, or the name under which it needs the C library.
fn is_musl(elf: &Elf) -> bool {
    let loader = elf.interpreter.as_deref().unwrap_or_default();
    loader.windows(8).any(|window| window == b"/ld-musl")
        || elf.dynamic.needed.iter().any(|name| name.starts_with(b"libc.musl-") || name == b"libc.so")
}

/// The libraries that musl's loader has within itself, whatever files there are (its `load_library`).
fn is_part_of_musl(name: &[u8]) -> bool {
    let Some(rest) = name.strip_prefix(b"lib") else { return false };
    let parts: [&[u8]; 7] = [b"c.", b"pthread.", b"rt.", b"m.", b"dl.", b"util.", b"xnet."];
    parts.iter().any(|part| rest.starts_with(part))
}
