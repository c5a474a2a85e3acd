//! Debian packages: the package database, in dpkg's form or in distroless's.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::component::{Catalog, Component, Key};
use super::copyright;
use super::files::File;
use super::purl::purl;
use super::release::{Release, read_text};
use crate::tree::{Bounds, FilePath, Resolved, Tree, resolve};

const DATABASE: &str = "var/lib/dpkg";

/// Adds the installed packages with their files.
pub(super) fn catalog(tree: &dyn Tree, files: &[File], catalog: &mut Catalog) -> io::Result<()> {
    let release = Release::read(tree)?;
    let known: BTreeSet<&FilePath> = files.iter().map(|file| &file.path).collect();
    let mut keys: BTreeMap<String, Key> = BTreeMap::new();
    let mut needs = Vec::new();
    for paragraph in paragraphs(tree)? {
        let field = |name| paragraph.get(name).map(String::as_str).unwrap_or_default();
        if field("Package").is_empty() || !is_installed(field("Status")) {
            continue;
        }
        let package = Package {
            name: field("Package"),
            version: field("Version"),
            architecture: field("Architecture"),
            source: field("Source"),
        };
        let mut component = package.component(&release);
        component.licence = copyright::licence(tree, package.name, catalog)?;
        component.contains = package.files(tree, &known)?;
        let key = catalog.add(component);
        keys.insert(package.name.to_owned(), key.clone());
        needs.push((key, [field("Pre-Depends"), field("Depends")].join(",")));
    }
    for (key, depends) in needs {
        let wanted = depends.split([',', '|']).filter_map(package_name).filter_map(|name| keys.get(name));
        if let Some(component) = catalog.components.get_mut(&key) {
            component.depends_on.extend(wanted.filter(|needed| **needed != key).cloned());
        }
    }
    Ok(())
}

/// A package of the database.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    architecture: &'a str,
    source: &'a str,
}

impl Package<'_> {
    fn component(&self, release: &Release) -> Component {
        let namespace = if release.id.is_empty() { "debian" } else { &release.id };
        // The source is only told where it differs: `Source: glibc`, or `Source: gcc-12 (12.2.0-14)`.
        let upstream = match self.source.split_once(" (") {
            Some((name, version)) => format!("{name}@{}", version.trim_end_matches(')')),
            None => self.source.to_owned(),
        };
        let qualifiers =
            [("arch", self.architecture), ("distro", &release.distro()), ("upstream", upstream.as_str())];
        let name = format!("{namespace}/{}", self.name);
        Component {
            name: self.name.to_owned(),
            version: Some(self.version.to_owned()),
            purl: Some(purl("deb", &name, Some(self.version), &qualifiers)),
            supplier: (!release.name.is_empty()).then(|| format!("Organization: {}", release.name)),
            source: Some("dpkg's package database".to_owned()),
            ..Component::default()
        }
    }

    /// The files that the package brought and that are still there.
    fn files(&self, tree: &dyn Tree, known: &BTreeSet<&FilePath>) -> io::Result<BTreeSet<FilePath>> {
        let Package { name, architecture, .. } = self;
        let lists = [
            format!("{DATABASE}/status.d/{name}.md5sums"),
            format!("{DATABASE}/info/{name}.list"),
            format!("{DATABASE}/info/{name}:{architecture}.list"),
        ];
        let mut files = BTreeSet::new();
        for list in lists {
            for line in read_text(tree, &list)?.unwrap_or_default().lines() {
                // A sum and a relative path, or only an absolute path.
                let path = if list.ends_with(".md5sums") {
                    line.split_once("  ").map(|(_, p)| p)
                } else {
                    Some(line)
                };
                let Some(path) = path.map(FilePath::new).filter(|path| !path.as_bytes().is_empty()) else {
                    continue;
                };
                files.extend(canonical(tree, known, path)?);
            }
        }
        Ok(files)
    }
}

/// The file that a package calls so: through `/lib → /usr/lib` and its like, but not through links of its own.
fn canonical(tree: &dyn Tree, known: &BTreeSet<&FilePath>, path: FilePath) -> io::Result<Option<FilePath>> {
    if known.contains(&path) {
        return Ok(Some(path));
    }
    let parent = path.parent().unwrap_or_default();
    match resolve(tree, &FilePath::root(), parent.as_bytes(), Bounds::World)? {
        Resolved::Found(directory, _) => {
            Ok(Some(directory.join(path.name())).filter(|path| known.contains(path)))
        }
        _ => Ok(None),
    }
}

fn is_installed(status: &str) -> bool {
    status.is_empty() || status.ends_with(" installed")
}

/// The name in a relation such as `libc6:any (>= 2.36) [amd64]`.
fn package_name(relation: &str) -> Option<&str> {
    let name = relation.trim().split([' ', '(', '[']).next()?.split(':').next()?;
    (!name.is_empty()).then_some(name)
}

/// Every paragraph of the database.
fn paragraphs(tree: &dyn Tree) -> io::Result<Vec<BTreeMap<String, String>>> {
    let mut texts = Vec::new();
    texts.extend(read_text(tree, &format!("{DATABASE}/status"))?);
    let directory = resolve(tree, &FilePath::root(), format!("{DATABASE}/status.d"), Bounds::World)?;
    if let Resolved::Found(directory, stat) = directory
        && stat.is_directory()
    {
        for name in tree.list(&directory)? {
            let Ok(name) = String::from_utf8(name) else { continue };
            if !name.ends_with(".md5sums") {
                texts.extend(read_text(tree, &format!("{DATABASE}/status.d/{name}"))?);
            }
        }
    }
    Ok(texts.iter().flat_map(|text| text.split("\n\n")).map(copyright::fields).collect())
}
