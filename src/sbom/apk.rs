//! Alpine and Wolfi packages: apk's database of what is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::component::{Catalog, Component};
use super::files::File;
use super::licence;
use super::purl::purl;
use super::release::{Release, read_text};
use crate::tree::{FilePath, Tree};

/// Where the database is: its old place, and the one that apk 3 uses.
const DATABASES: [&str; 2] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// Adds the installed packages with their files.
pub(super) fn catalog(tree: &dyn Tree, files: &[File], catalog: &mut Catalog) -> io::Result<()> {
    for path in DATABASES {
        if let Some(text) = read_text(tree, path)? {
            let release = Release::read(tree)?;
            let known: BTreeSet<&FilePath> = files.iter().map(|file| &file.path).collect();
            for paragraph in text.split("\n\n") {
                if let Some(component) = component(paragraph, &release, &known, &mut catalog.licences) {
                    catalog.add(component);
                }
            }
            break;
        }
    }
    Ok(())
}

/// The package of one paragraph: a letter, a colon and a value on each line; `F:` is a directory and `R:` a file
/// in the directory above it.
fn component(
    paragraph: &str,
    release: &Release,
    known: &BTreeSet<&FilePath>,
    licences: &mut BTreeMap<String, String>,
) -> Option<Component> {
    let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
    let mut directory = FilePath::root();
    let mut contains = BTreeSet::new();
    for (letter, value) in paragraph.lines().filter_map(|line| line.split_once(':')) {
        match letter {
            "F" => directory = FilePath::new(value),
            "R" => {
                contains.extend(Some(directory.join(value.as_bytes())).filter(|path| known.contains(path)));
            }
            letter => {
                fields.insert(letter, value);
            }
        }
    }
    let field = |letter| fields.get(letter).copied().unwrap_or_default();
    let (name, version) = (field("P"), field("V"));
    if name.is_empty() {
        return None;
    }
    let namespace = if release.id.is_empty() { "alpine" } else { &release.id };
    let origin = if field("o") == name { "" } else { field("o") };
    let qualifiers = [("arch", field("A")), ("distro", &release.distro()), ("upstream", origin)];
    Some(Component {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        purl: Some(purl("apk", &format!("{namespace}/{name}"), Some(version), &qualifiers)),
        licence: licence::from_expression(field("L"), licences),
        supplier: (!release.name.is_empty()).then(|| format!("Organization: {}", release.name)),
        source: Some("apk's package database".to_owned()),
        contains,
        ..Component::default()
    })
}
