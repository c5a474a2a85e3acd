//! The file system of an image and what is in its programs.

use std::collections::BTreeMap;
use std::io;

use crate::rule;
use crate::step::{Finding, InspectRequest};
use crate::tree::elf::{Elf, ElfError, Machine, Type, is_elf};
use crate::tree::{Bounds, FilePath, Files, Index, Kind, Resolved, Stat, Tree, read_range, resolve};

/// As much of a file as the kernel reads before it decides how to start it (`BINPRM_BUF_SIZE`).
const BEGINNING: usize = 256;

/// What the image holds.
pub(super) struct Image<'a> {
    pub(super) tree: &'a dyn Tree,
    /// Everything but the root, links not followed.
    pub(super) entries: &'a BTreeMap<FilePath, Stat>,
    /// The regular files.
    pub(super) files: &'a Files,
    pub(super) base: &'a Index<'a>,
    pub(super) request: &'a InspectRequest,
    /// The programs and shared libraries.
    pub(super) binaries: BTreeMap<FilePath, Elf>,
    /// Files that begin like ELF files and are none, with the reason.
    pub(super) broken: BTreeMap<FilePath, String>,
    /// What the platform's programs are made for, if the platform is known.
    pub(super) machine: Option<Machine>,
}

impl<'a> Image<'a> {
    /// Looks into the programs and shared libraries.
    pub(super) fn scan(
        tree: &'a Index<'a>,
        files: &'a Files,
        base: &'a Index<'a>,
        request: &'a InspectRequest,
    ) -> io::Result<Image<'a>> {
        let architecture = request.platform.split('/').nth(1).unwrap_or_default();
        let mut image = Image {
            tree,
            entries: tree.entries(),
            files,
            base,
            request,
            binaries: BTreeMap::new(),
            broken: BTreeMap::new(),
            machine: Machine::of(architecture),
        };
        for (_, file) in files.elf() {
            image.look_into(&file.path)?;
        }
        Ok(image)
    }

    fn look_into(&mut self, path: &FilePath) -> io::Result<()> {
        match Elf::read(self.tree.open(path)?.as_ref()) {
            Ok(Some(elf)) if matches!(elf.file_type, Type::Executable | Type::Shared) => {
                self.binaries.insert(path.clone(), elf);
            }
            Ok(_) => {}
            Err(ElfError::Io(error)) => return Err(error),
            Err(error) => {
                self.broken.insert(path.clone(), error.to_string());
            }
        }
        Ok(())
    }

    /// What could not be examined.
    pub(super) fn notes(&self) -> Vec<Finding> {
        let note = |(path, reason): (&FilePath, &String)| {
            let message = format!("`{path}` begins like an ELF file but cannot be read: {reason}");
            Finding::new(rule::MISSING_LIBRARY.name, path, message)
        };
        self.broken.iter().map(note).collect()
    }

    /// Follows a path from a directory, as a process of the image would.
    pub(super) fn resolve_from(&self, start: &FilePath, path: impl AsRef<[u8]>) -> io::Result<Resolved> {
        resolve(self.tree, start, path, Bounds::World)
    }

    /// Follows a path from the root.
    pub(super) fn resolve(&self, path: impl AsRef<[u8]>) -> io::Result<Resolved> {
        self.resolve_from(&FilePath::root(), path)
    }

    /// The file that a path leads to, if it leads to a regular file.
    pub(super) fn file(&self, path: &FilePath) -> io::Result<Option<(FilePath, Stat)>> {
        // Most paths need no following.
        match self.entries.get(path) {
            Some(stat) if stat.is_file() => return Ok(Some((path.clone(), *stat))),
            Some(stat) if stat.kind != Kind::Link => return Ok(None),
            _ => {}
        }
        match self.resolve(path.as_bytes())? {
            Resolved::Found(path, stat) if stat.is_file() => Ok(Some((path, stat))),
            _ => Ok(None),
        }
    }

    /// The first bytes of a regular file.
    pub(super) fn beginning(&self, path: &FilePath) -> io::Result<Vec<u8>> {
        read_range(self.tree.open(path)?.as_ref(), 0, BEGINNING)
    }

    /// The directories in which a bare name is looked for, as the image's `PATH` or the runtime's default says.
    pub(super) fn search_path(&self) -> impl Iterator<Item = &str> {
        const DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        self.request.env.get("PATH").map_or(DEFAULT, String::as_str).split(':')
    }

    /// Executable files and links to them whose names `wanted` accepts, with what a link leads to. Outside the
    /// directories for programs only what the kernel can start counts.
    pub(super) fn programs_named(
        &self,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Vec<(FilePath, Option<FilePath>)>> {
        let mut found = Vec::new();
        for (path, stat) in self.entries {
            if !wanted(path.name()) || !matches!(stat.kind, Kind::File | Kind::Link) {
                continue;
            }
            let Some((end, stat)) = self.file(path)? else { continue };
            if stat.is_executable() && (self.is_program_directory(path) || self.is_startable(&end)?) {
                found.push((path.clone(), (end != *path).then_some(end)));
            }
        }
        Ok(found)
    }

    fn is_program_directory(&self, path: &FilePath) -> bool {
        let Some(directory) = path.parent() else { return false };
        matches!(
            directory.as_bytes(),
            b"bin" | b"sbin" | b"usr/bin" | b"usr/sbin" | b"usr/local/bin" | b"usr/local/sbin"
        ) || self.search_path().any(|entry| FilePath::new(entry) == directory)
    }

    fn is_startable(&self, path: &FilePath) -> io::Result<bool> {
        let beginning = self.beginning(path)?;
        Ok(is_elf(&beginning) || beginning.starts_with(b"#!"))
    }
}
