//! Where a loader looks for a library (`ld.so(8)`; for musl its manual's "Dynamic linker" section).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

use super::cache;
use super::object::Object;
use crate::inspect::image::Image;
use crate::tree::elf::Machine;
use crate::tree::{FilePath, Kind, Resolved, Stat, read_file};

/// A search for one library.
pub(super) struct Request<'a, 'b> {
    /// The name as it is needed.
    pub(super) name: &'b [u8],
    /// Who needs it, who loaded that one, and so on up to the program.
    pub(super) chain: Vec<&'b Object<'a>>,
    /// Whether the loader is musl's.
    pub(super) is_musl: bool,
}

/// Finds libraries in an image.
pub(super) struct Searcher<'a> {
    image: &'a Image<'a>,
    /// What `ldconfig` wrote down, by name.
    cache: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Every program and library, and every link that may lead to one.
    objects: Vec<&'a FilePath>,
    /// Where directories really are: the same few are asked for again and again.
    directories: RefCell<BTreeMap<FilePath, Option<FilePath>>>,
}

const MOST_CACHE: usize = 32 << 20;

/// The directories that glibc's builds look in without being told, those of all distributions together.
const GLIBC_DIRECTORIES: [&str; 4] = ["lib64", "usr/lib64", "lib", "usr/lib"];
/// The directories that musl looks in where no file says otherwise.
const MUSL_DIRECTORIES: [&str; 3] = ["lib", "usr/local/lib", "usr/lib"];

impl<'a> Searcher<'a> {
    /// A searcher for the libraries of an image.
    pub(super) fn new(image: &'a Image<'a>) -> io::Result<Searcher<'a>> {
        let path = image.file(&FilePath::new("etc/ld.so.cache"))?.map(|(path, _)| path);
        let bytes = match path {
            Some(path) => read_file(image.tree, &path, MOST_CACHE).unwrap_or_default(),
            None => Vec::new(),
        };
        let is_object =
            |(path, stat): &(&FilePath, &Stat)| stat.kind == Kind::Link || image.binaries.contains_key(path);
        let objects = image.entries.iter().filter(is_object).map(|(path, _)| path).collect();
        Ok(Searcher { image, cache: cache::parse(&bytes), objects, directories: RefCell::default() })
    }

    /// The library that the loader would load.
    pub(super) fn find(&self, request: &Request<'a, '_>) -> io::Result<Option<Object<'a>>> {
        let Some(machine) = request.chain.first().map(|object| object.elf.machine) else { return Ok(None) };
        if request.name.contains(&b'/') {
            return self.open(&FilePath::new(request.name), machine);
        }
        for directory in self.before_cache(request, machine) {
            if let Some(found) = self.look_in(&directory, request.name, machine)? {
                return Ok(Some(found));
            }
        }
        if !request.is_musl {
            for path in self.cache.get(request.name).into_iter().flatten() {
                if let Some(found) = self.open(&FilePath::new(path), machine)? {
                    return Ok(Some(found));
                }
            }
        }
        for directory in self.defaults(request, machine) {
            if let Some(found) = self.look_in(&directory, request.name, machine)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A library of that name wherever it may be.
    pub(super) fn anywhere(&self, name: &[u8]) -> io::Result<Option<Object<'a>>> {
        for path in self.objects.iter().filter(|path| path.name() == name) {
            if let Some((file, _)) = self.image.file(path)?
                && let Some(elf) = self.image.binaries.get(&file)
            {
                return Ok(Some(object(path, file, elf)));
            }
        }
        Ok(None)
    }

    /// What the files and the environment say: RPATH (unless RUNPATH replaces it), `LD_LIBRARY_PATH`, RUNPATH;
    /// musl takes both for the same, inherits both, and looks at the environment first.
    fn before_cache(&self, request: &Request<'a, '_>, machine: Machine) -> Vec<FilePath> {
        let environment =
            self.image.request.env.get("LD_LIBRARY_PATH").map(String::as_str).unwrap_or_default();
        let environment = split(environment.as_bytes()).map(FilePath::new);
        let expand = |object: &Object<'_>, path: &Option<Vec<u8>>| {
            let path = path.as_deref().unwrap_or_default();
            split(path).flat_map(|entry| expand(entry, object, machine)).collect::<Vec<_>>()
        };
        if request.is_musl {
            let of_files = request.chain.iter().flat_map(|object| {
                let dynamic = &object.elf.dynamic;
                expand(object, if dynamic.runpath.is_some() { &dynamic.runpath } else { &dynamic.rpath })
            });
            return environment.chain(of_files).collect();
        }
        let Some(needed_by) = request.chain.first() else { return Vec::new() };
        let mut directories = Vec::new();
        if needed_by.elf.dynamic.runpath.is_none() {
            let chain = request.chain.iter().filter(|object| object.elf.dynamic.runpath.is_none());
            directories.extend(chain.flat_map(|object| expand(object, &object.elf.dynamic.rpath)));
        }
        directories.extend(environment);
        directories.extend(expand(needed_by, &needed_by.elf.dynamic.runpath));
        directories
    }

    fn defaults(&self, request: &Request<'a, '_>, machine: Machine) -> Vec<FilePath> {
        if request.is_musl {
            return self.musl_directories();
        }
        if request.chain.first().is_some_and(|object| object.elf.dynamic.no_default_directories) {
            return Vec::new();
        }
        let multiarch = multiarch(machine).into_iter();
        let of_debian =
            multiarch.flat_map(|triplet| [format!("lib/{triplet}"), format!("usr/lib/{triplet}")]);
        of_debian.map(FilePath::new).chain(GLIBC_DIRECTORIES.map(FilePath::new)).collect()
    }

    /// `/etc/ld-musl-<arch>.path` replaces the directories that are built in.
    fn musl_directories(&self) -> Vec<FilePath> {
        let is_path_file = |path: &&FilePath| {
            let inside = path.as_bytes();
            inside.starts_with(b"etc/ld-musl-") && inside.ends_with(b".path")
        };
        let written = self.image.entries.keys().find(is_path_file);
        match written.and_then(|path| read_file(self.image.tree, path, 1 << 16).ok()) {
            Some(text) => text
                .split(|b| matches!(b, b':' | b'\n'))
                .filter(|d| !d.is_empty())
                .map(FilePath::new)
                .collect(),
            None => MUSL_DIRECTORIES.map(FilePath::new).to_vec(),
        }
    }

    fn look_in(&self, directory: &FilePath, name: &[u8], machine: Machine) -> io::Result<Option<Object<'a>>> {
        match self.real(directory)? {
            Some(directory) => self.open(&directory.join(name), machine),
            None => Ok(None),
        }
    }

    /// The library at a path, if there is one for this machine; others are passed over, as loaders do.
    fn open(&self, path: &FilePath, machine: Machine) -> io::Result<Option<Object<'a>>> {
        let Some((file, _)) = self.image.file(path)? else { return Ok(None) };
        let elf = self.image.binaries.get(&file).filter(|elf| elf.machine == machine);
        Ok(elf.map(|elf| object(path, file, elf)))
    }

    fn real(&self, directory: &FilePath) -> io::Result<Option<FilePath>> {
        if let Some(known) = self.directories.borrow().get(directory) {
            return Ok(known.clone());
        }
        let real = match self.image.resolve(directory.as_bytes())? {
            Resolved::Found(path, stat) if stat.is_directory() => Some(path),
            _ => None,
        };
        self.directories.borrow_mut().insert(directory.clone(), real.clone());
        Ok(real)
    }
}

fn object<'a>(found_at: &FilePath, path: FilePath, elf: &'a crate::tree::elf::Elf) -> Object<'a> {
    Object { origin: found_at.parent().unwrap_or_default(), path, elf, loader: None }
}

fn split(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|b| matches!(b, b':' | b';')).filter(|entry| !entry.is_empty())
}

/// The directories that an entry of a search path means: `$ORIGIN` is one, `$LIB` may be several.
fn expand(entry: &[u8], object: &Object<'_>, machine: Machine) -> Vec<FilePath> {
    let origin = object.origin.as_bytes();
    let entry = replace(&replace(entry, b"${ORIGIN}", origin), b"$ORIGIN", origin);
    let mut libraries = vec!["lib64".to_owned(), "lib".to_owned()];
    libraries.extend(multiarch(machine).map(|triplet| format!("lib/{triplet}")));
    if !entry.contains(&b'$') {
        return vec![FilePath::new(entry)];
    }
    let with = |library: String| {
        FilePath::new(replace(&replace(&entry, b"${LIB}", library.as_bytes()), b"$LIB", library.as_bytes()))
    };
    libraries.into_iter().map(with).collect()
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Debian's name for an architecture's directories.
fn multiarch(machine: Machine) -> Option<&'static str> {
    let triplets = [
        ("386", "i386-linux-gnu"),
        ("amd64", "x86_64-linux-gnu"),
        ("arm", "arm-linux-gnueabihf"),
        ("arm64", "aarch64-linux-gnu"),
        ("riscv64", "riscv64-linux-gnu"),
        ("loong64", "loongarch64-linux-gnu"),
        ("ppc64le", "powerpc64le-linux-gnu"),
        ("s390x", "s390x-linux-gnu"),
        ("mips64le", "mips64el-linux-gnuabi64"),
    ];
    triplets.into_iter().find(|(name, _)| Machine::of(name) == Some(machine)).map(|(_, triplet)| triplet)
}
