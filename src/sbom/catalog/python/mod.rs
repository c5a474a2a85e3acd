//! Python distributions as they were installed, and the interpreter that runs them.
//!
//! Formats: "Recording installed projects" and "Core metadata specifications" (Python Packaging User Guide), PEP 405.

mod interpreter;
mod licence;

use std::io;

use super::Scene;
use super::stanza::{self, Stanza};
use crate::sbom::inventory::{Component, Inventory, Kind};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, limits};
use crate::tree::FilePath;

/// Lists every installed distribution with its files.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    interpreter::catalog(scene, inventory)?;
    for file in scene.files.all() {
        let Some(directory) = file.path.parent() else { continue };
        let is_record = match file.path.name() {
            b"METADATA" => directory.name().ends_with(b".dist-info"),
            b"PKG-INFO" => directory.name().ends_with(b".egg-info"),
            _ => false,
        };
        if is_record {
            distribution(scene, inventory, &file.path, &directory)?;
        }
    }
    Ok(())
}

/// Adds the distribution that a metadata file describes.
fn distribution(
    scene: &Scene<'_>,
    inventory: &mut Inventory,
    metadata: &FilePath,
    directory: &FilePath,
) -> io::Result<()> {
    let Some(text) = scene.read(metadata.as_bytes(), limits::METADATA, inventory)? else { return Ok(()) };
    let Some(stanza) = stanza::stanzas(&text).next() else { return Ok(()) };
    let text = |field| stanza.get(field).and_then(clean::some_line);
    let (Some(name), Some(version)) = (text("Name"), text("Version")) else {
        inventory.gap(metadata, "it names no distribution");
        return Ok(());
    };
    let Some(id) = inventory.add(component(&name, version, &stanza)) else { return Ok(()) };
    let record = scene.read(directory.join(b"RECORD").as_bytes(), limits::METADATA, inventory)?;
    let site = directory.parent().unwrap_or_default();
    for path in record.iter().flat_map(|record| record.split(|&b| b == b'\n')).filter_map(recorded) {
        if let Some(file) = inside(&site, &path).and_then(|path| scene.files.find(&path)) {
            inventory.own(id, file);
        }
    }
    Ok(())
}

fn component(name: &str, version: String, stanza: &Stanza<'_>) -> Component {
    let licence = licence::of(stanza);
    Component {
        purl: Some(Purl::new("pypi", &normalised(name), Some(&version)).text()),
        name: name.to_owned(),
        version: Some(version),
        kind: Kind::Library,
        licence: licence.expression,
        licence_comment: licence.comment,
        ..Component::default()
    }
}

/// A project's name as indexes compare it ("Names and normalization").
fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

/// The path in a line of a record: the first of three values, in quotes where it has a comma.
fn recorded(line: &[u8]) -> Option<Vec<u8>> {
    let path = match line.strip_prefix(b"\"") {
        Some(rest) => rest.split(|&b| b == b'"').next()?,
        None => line.split(|&b| b == b',').next()?,
    };
    (!path.is_empty()).then(|| path.to_vec())
}

/// A path of a record, which may climb from the directory of modules to that of programs.
fn inside(site: &FilePath, path: &[u8]) -> Option<FilePath> {
    if path.starts_with(b"/") {
        return Some(FilePath::new(path));
    }
    path.split(|&b| b == b'/').try_fold(site.clone(), |at, part| match part {
        b"" | b"." => Some(at),
        b".." => at.parent(),
        part => Some(at.join(part)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_indexes_do() {
        assert_eq!(normalised("Zope.interface__x"), "zope-interface-x");
    }

    #[test]
    fn records_name_files_also_outside_of_the_modules() {
        assert_eq!(recorded(b"a/b.py,sha256=x,1").as_deref(), Some(&b"a/b.py"[..]));
        assert_eq!(recorded(b"\"a,b.py\",,").as_deref(), Some(&b"a,b.py"[..]));
        assert_eq!(recorded(b""), None);
        let site = FilePath::new("app/.venv/lib/python3.13/site-packages");
        assert_eq!(inside(&site, b"../../../bin/flask"), Some(FilePath::new("app/.venv/bin/flask")));
        assert_eq!(inside(&FilePath::new("a"), b"../../b"), None);
    }
}
