//! Archives of Java, also inside of others, and the runtime.
//!
//! Formats: "JAR File Specification", "JAR Manifest" (Oracle); `META-INF/maven` of Maven's archiver.

mod archive;
mod licence;
mod runtime;

use std::collections::BTreeMap;
use std::io;

use self::archive::Archive;
use super::Scene;
use crate::sbom::inventory::{Component, Inventory, Kind, Relation};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, limits};
use crate::tree::{Content, FilePath};

/// The endings of archives' names.
const ENDINGS: [&str; 2] = [".jar", ".war"];
/// The list that our builds put into an application: one line for each library in `lib` beside it.
const LIST: &str = "META-INF/cofferdam/libraries";
const MANIFEST: &str = "META-INF/MANIFEST.MF";
/// How deep archives in archives are looked at.
const DEPTH: usize = 3;

/// What an archive is, and what is in it.
#[derive(Default)]
struct Found {
    itself: Component,
    inside: Vec<Found>,
    /// What the application's list says of the archives in `lib`.
    listed: BTreeMap<String, Component>,
}

/// Lists the runtimes, the archives, and the archives in them.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    runtime::catalog(scene, inventory)?;
    let mut archives = Vec::new();
    let mut listed: BTreeMap<FilePath, Component> = BTreeMap::new();
    for (index, file) in scene.files.all().iter().enumerate() {
        let name = String::from_utf8_lossy(file.path.name()).into_owned();
        let size = scene.tree.stat(&file.path)?.map_or(0, |stat| stat.size);
        if !is_archive(&name) {
            continue;
        }
        let Some(mut found) = look(scene.tree.open(&file.path)?.as_ref(), size, &name, DEPTH)? else {
            inventory.gap(&file.path, "it is no archive that can be read");
            continue;
        };
        let libraries = file.path.parent().unwrap_or_default().join(b"lib");
        let said = std::mem::take(&mut found.listed);
        listed.extend(said.into_iter().map(|(name, said)| (libraries.join(name.as_bytes()), said)));
        archives.push((index, &file.path, found));
    }
    for (index, path, mut found) in archives {
        found.itself = listed.remove(path).unwrap_or(found.itself);
        if let Some(id) = add(found, inventory) {
            inventory.own(id, index);
        }
    }
    Ok(())
}

fn is_archive(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Adds an archive with what is in it.
fn add(found: Found, inventory: &mut Inventory) -> Option<usize> {
    let id = inventory.add(found.itself)?;
    for inner in found.inside {
        if let Some(inner) = add(inner, inventory) {
            inventory.relate(id, Relation::Contains, inner);
        }
    }
    Some(id)
}

/// What the archive of that name is; `None` where it cannot be read.
fn look(content: &dyn Content, size: u64, name: &str, depth: usize) -> io::Result<Option<Found>> {
    let Some(archive) = Archive::open(content, size)? else { return Ok(None) };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (mut described, mut found) = (Vec::new(), Found::default());
    let mut manifest = BTreeMap::new();
    for entry in &archive.entries {
        let is_nested = depth > 1 && is_archive(&entry.name);
        let is_description =
            entry.name.starts_with("META-INF/maven/") && entry.name.ends_with("/pom.properties");
        if !is_nested && !is_description && entry.name != MANIFEST && entry.name != LIST {
            continue;
        }
        let limit = if is_nested { limits::DATABASE } else { limits::METADATA };
        let Some(bytes) = archive.read(entry, limit)? else { continue };
        if is_nested {
            let name = entry.name.rsplit('/').next().unwrap_or_default();
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            found.inside.extend(look(&bytes, size, name, depth - 1)?);
        } else if is_description {
            described.extend(description(&bytes));
        } else if entry.name == MANIFEST {
            manifest = attributes(&bytes);
        } else {
            found.listed = list(&bytes);
        }
    }
    let is_itself = |artifact: &str| {
        stem.strip_prefix(artifact).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut own = described.iter().position(|component| is_itself(artifact(component)));
    own = own.or((described.len() == 1).then_some(0));
    found.itself = match own {
        Some(own) => described.remove(own),
        None => by_manifest(&manifest, stem),
    };
    let licence = manifest.get("Bundle-License").and_then(|text| clean::some_line(text.as_bytes()));
    found.itself.licence = licence.as_deref().and_then(licence::expression);
    found.itself.licence_comment = licence.filter(|_| found.itself.licence.is_none());
    found.inside.extend(described.into_iter().map(|itself| Found { itself, ..Found::default() }));
    Ok(Some(found))
}

/// The last part of a component's name.
fn artifact(component: &Component) -> &str {
    component.name.rsplit(':').next().unwrap_or_default()
}

/// An artifact of Maven by its coordinates.
fn maven(group: &str, artifact: &str, version: &str) -> Option<Component> {
    let clean = |text: &str| clean::some_line(text.as_bytes());
    let (group, artifact, version) = (clean(group)?, clean(artifact)?, clean(version)?);
    let purl = Purl::new("maven", &format!("{group}/{artifact}"), Some(&version)).text();
    let name = format!("{group}:{artifact}");
    Some(Component {
        name,
        version: Some(version),
        purl: Some(purl),
        kind: Kind::Library,
        ..Component::default()
    })
}

/// What a `pom.properties` says.
fn description(bytes: &[u8]) -> Option<Component> {
    let text = String::from_utf8_lossy(bytes);
    let value =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    maven(value("groupId")?, value("artifactId")?, value("version")?)
}

/// What a list says: on each line a file's name, its coordinates, and the names of its licences, of which one may be chosen.
fn list(bytes: &[u8]) -> BTreeMap<String, Component> {
    let text = String::from_utf8_lossy(bytes);
    let line = |line: &str| {
        let [name, group, artifact, version, licences] = line.split('\t').collect::<Vec<_>>()[..] else {
            return None;
        };
        let component = maven(group, artifact, version)?;
        let names: Vec<&str> = licences.split('|').filter(|name| !name.is_empty()).collect();
        let known: Option<Vec<String>> = names.iter().map(|name| licence::expression(name)).collect();
        let licence = known.filter(|known| !known.is_empty()).map(|mut known| {
            known.sort();
            known.dedup();
            known.join(" OR ")
        });
        let licence_comment = clean::some_line(names.join(" or ").as_bytes()).filter(|_| licence.is_none());
        Some((name.to_owned(), Component { licence, licence_comment, ..component }))
    };
    text.lines().filter_map(line).collect()
}

/// The main attributes of a manifest, whose long lines go on after a space.
fn attributes(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace("\n ", "");
    let main = text.split("\n\n").next().unwrap_or_default();
    main.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

/// What a manifest and the archive's name say where nothing tells coordinates.
fn by_manifest(manifest: &BTreeMap<String, String>, stem: &str) -> Component {
    let says = |names: [&str; 3]| {
        let mut values = names.iter().filter_map(|name| manifest.get(*name));
        values.find(|value| !value.contains(['$', ' ']) && !value.is_empty()).cloned()
    };
    let split =
        stem.match_indices('-').find(|(at, _)| stem[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let (name, version) =
        split.map_or((stem, None), |(at, _)| (&stem[..at], Some(stem[at + 1..].to_owned())));
    let version = says(["Implementation-Version", "Bundle-Version", "Specification-Version"]).or(version);
    Component {
        name: clean::line(name.as_bytes()),
        version: version.and_then(|version| clean::some_line(version.as_bytes())),
        kind: Kind::Library,
        ..Component::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of entries that are stored.
    fn jar(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        let long = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
        let (mut bytes, mut list) = (Vec::new(), Vec::new());
        for (name, content) in entries {
            let sizes = [long(0), long(content.len()), long(content.len())].concat();
            let lengths = [short(name.len()), short(0)].concat();
            let offset = bytes.len();
            bytes.extend([b"PK\x03\x04", &[0; 10][..], &sizes, &lengths, name.as_bytes(), content].concat());
            list.extend(
                [b"PK\x01\x02", &[0; 12][..], &sizes, &lengths, &[0; 10], &long(offset), name.as_bytes()]
                    .concat(),
            );
        }
        let (offset, length) = (long(bytes.len()), long(list.len()));
        bytes.extend(list);
        bytes.extend([b"PK\x05\x06", &[0; 8][..], &length, &offset, &[0; 2]].concat());
        bytes
    }

    fn names(name: &str, bytes: &[u8]) -> Vec<String> {
        fn all(found: &Found, into: &mut Vec<String>) {
            let Component { name, version, licence, .. } = &found.itself;
            let word = |text: &Option<String>| text.clone().unwrap_or_default();
            into.push(format!("{name} {} {}", word(version), word(licence)));
            found.inside.iter().for_each(|inner| all(inner, into));
        }
        let mut told = Vec::new();
        all(&look(&bytes.to_vec(), bytes.len() as u64, name, DEPTH).unwrap().unwrap(), &mut told);
        told
    }

    #[test]
    fn archives_tell_what_they_are_and_what_is_in_them() {
        let pom = b"#x\ngroupId=org.example\nartifactId=words\nversion=1.2\n";
        let inner = jar(&[("META-INF/maven/org.example/words/pom.properties", pom)]);
        assert_eq!(names("words-1.2.jar", &inner), ["org.example:words 1.2 "]);
        let manifest =
            b"Manifest-Version: 1.0\r\nImplementation-Version: 3.\r\n 1\r\nBundle-License: Apache-2.0\r\n\r\nName: x\r\n";
        let outer = jar(&[(MANIFEST, manifest), ("BOOT-INF/lib/words-1.2.jar", &inner)]);
        assert_eq!(names("app.jar", &outer), ["app 3.1 Apache-2.0", "org.example:words 1.2 "]);
        let shaded = jar(&[
            ("META-INF/maven/org.example/words/pom.properties", pom),
            ("META-INF/maven/a/shop/pom.properties", b"version=2\ngroupId=a\nartifactId=shop\n"),
        ]);
        assert_eq!(names("shop-2.jar", &shaded), ["a:shop 2 ", "org.example:words 1.2 "]);
        assert_eq!(names("guava-33.4-jre.jar", &jar(&[])), ["guava 33.4-jre "]);
    }

    #[test]
    fn a_list_tells_coordinates_and_licences() {
        let said =
            list(b"a-1.jar\tg\ta\t1\tThe Apache License, Version 2.0|MIT\nodd\nb.jar\tg\tb\t2\tOurs\n");
        let (a, b) = (&said["a-1.jar"], &said["b.jar"]);
        assert_eq!(
            (a.purl.as_deref(), a.licence.as_deref()),
            (Some("pkg:maven/g/a@1"), Some("Apache-2.0 OR MIT"))
        );
        assert_eq!((b.licence.as_deref(), b.licence_comment.as_deref()), (None, Some("Ours")));
        assert_eq!(said.len(), 2);
    }

    #[test]
    fn what_is_damaged_is_no_archive_or_tells_less() {
        let whole =
            jar(&[("META-INF/maven/a/shop/pom.properties", b"version=2\ngroupId=a\nartifactId=shop\n")]);
        for length in 0..whole.len() {
            let cut = whole[..length].to_vec();
            let _ = look(&cut, length as u64, "shop.jar", DEPTH).unwrap();
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0xff;
            let _ = look(&flipped, whole.len() as u64, "shop.jar", DEPTH).unwrap();
        }
        let (empty, nothing) = (Vec::new(), 0);
        assert!(look(&empty, nothing, "a.jar", DEPTH).unwrap().is_none());
    }
}
