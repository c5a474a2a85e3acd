//! Debian packages, from dpkg's database or from what distroless images keep of it.
//!
//! Formats: `deb-control(5)`, `dpkg-query(1)` on the database; distroless has one file per package in
//! `status.d`, each with a list of checksums beside it.

mod copyright;
mod ownership;
mod release;

use std::io;

use self::ownership::Ownership;
use self::release::Release;
use super::Scene;
use super::stanza::{self, Stanza};
use crate::sbom::inventory::{Component, Inventory};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, limits};
use crate::tree::{Bounds, FilePath, Resolved, resolve};

const STATUS: &str = "/var/lib/dpkg/status";
const STATUS_DIRECTORY: &str = "/var/lib/dpkg/status.d";
const INFO_DIRECTORY: &str = "/var/lib/dpkg/info";

/// Lists the installed packages and their files.
pub(super) fn catalog(scene: &Scene<'_>, inventory: &mut Inventory) -> io::Result<()> {
    let mut cataloger = Debian {
        release: Release::read(scene, inventory)?,
        ownership: Ownership::default(),
        scene,
        inventory,
    };
    cataloger.status()?;
    cataloger.status_directory()
}

struct Debian<'a, 'b> {
    release: Release,
    ownership: Ownership,
    scene: &'a Scene<'b>,
    inventory: &'a mut Inventory,
}

/// A package as its stanza describes it.
struct Package {
    name: String,
    architecture: String,
    component: usize,
}

impl Debian<'_, '_> {
    /// dpkg's own database: one file, and lists of files in another directory.
    fn status(&mut self) -> io::Result<()> {
        let Some(text) = self.scene.read(STATUS, limits::DATABASE, self.inventory)? else { return Ok(()) };
        for stanza in stanza::stanzas(&text) {
            let Some(package) = self.package(&stanza)? else { continue };
            let Package { name, architecture, component } = package;
            for stem in [name.clone(), format!("{name}:{architecture}")] {
                for list in ["list", "md5sums"] {
                    self.own(component, format!("{INFO_DIRECTORY}/{stem}.{list}"))?;
                }
            }
        }
        Ok(())
    }

    /// The form of distroless images.
    fn status_directory(&mut self) -> io::Result<()> {
        let found = resolve(self.scene.tree, &FilePath::root(), STATUS_DIRECTORY, Bounds::World)?;
        let Resolved::Found(directory, stat) = found else { return Ok(()) };
        if !stat.is_directory() {
            return Ok(());
        }
        for name in self.scene.tree.list(&directory)? {
            if name.ends_with(b".md5sums") {
                continue;
            }
            let path = directory.join(&name);
            let text = self.scene.read(path.as_bytes(), limits::METADATA, self.inventory)?;
            for stanza in stanza::stanzas(&text.unwrap_or_default()) {
                if let Some(package) = self.package(&stanza)? {
                    self.own_file(package.component, &path);
                    self.own(package.component, [path.as_bytes(), b".md5sums"].concat())?;
                }
            }
        }
        Ok(())
    }

    /// Gives a component the files of a list, if there is one, and the list itself.
    fn own(&mut self, component: usize, list: impl AsRef<[u8]>) -> io::Result<()> {
        let path = FilePath::new(&list);
        if let Some(list) = self.scene.read(list, limits::METADATA, self.inventory)? {
            self.own_file(component, &path);
            self.ownership.add(self.scene, self.inventory, component, &list)?;
        }
        Ok(())
    }

    fn own_file(&mut self, component: usize, path: &FilePath) {
        if let Some(file) = self.scene.files.find(path) {
            self.inventory.own(component, file);
        }
    }

    /// The package of a stanza, if it is installed.
    fn package(&mut self, stanza: &Stanza<'_>) -> io::Result<Option<Package>> {
        let installed =
            stanza.get("Status").is_none_or(|status| status.trim_ascii().ends_with(b" installed"));
        let text = |field| stanza.get(field).and_then(clean::some_line);
        let (Some(name), Some(version), true) = (text("Package"), text("Version"), installed) else {
            return Ok(None);
        };
        // The name becomes part of paths below.
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
            return Ok(None);
        }
        let architecture = text("Architecture").unwrap_or_default();
        let (source, upstream) = origin(text("Source").as_deref(), &name, &version);
        let licences = match self.copyright(&name)? {
            Some(text) => copyright::licences(&text),
            None => copyright::Licences::default(),
        };
        let purl = Purl::new("deb", &format!("{}/{name}", self.release.id), Some(&version))
            .with("arch", &architecture)
            .with("distro", &self.release.distribution())
            .with("upstream", &upstream);
        let component = self.inventory.add(Component {
            purl: Some(purl.text()),
            supplier: self.release.name.as_ref().map(|name| format!("Organization: {name}")),
            licence: licences.expression,
            licence_comment: licences.comment,
            source: Some(format!("built from source package {source}")),
            name: name.clone(),
            version: Some(version),
            ..Component::default()
        });
        Ok(component.map(|component| Package { name, architecture, component }))
    }

    fn copyright(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.scene.read(format!("/usr/share/doc/{name}/copyright"), limits::METADATA, self.inventory)
    }
}

/// The source package with its version, and the same as scanners write it (`upstream`: nothing where it has
/// the package's own name and version).
fn origin(field: Option<&str>, name: &str, version: &str) -> (String, String) {
    let Some(field) = field else { return (format!("{name} {version}"), String::new()) };
    match field.split_once(" (") {
        Some((source, other)) => {
            let other = other.trim_end_matches(')');
            (format!("{source} {other}"), format!("{source}@{other}"))
        }
        None => (format!("{field} {version}"), if field == name { String::new() } else { field.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_package_may_have_another_name_and_version() {
        let origin = |field| origin(field, "libc6", "2.41-12");
        assert_eq!(origin(None), ("libc6 2.41-12".to_owned(), String::new()));
        assert_eq!(origin(Some("glibc")), ("glibc 2.41-12".to_owned(), "glibc".to_owned()));
        assert_eq!(origin(Some("gcc (14.2-1)")), ("gcc 14.2-1".to_owned(), "gcc@14.2-1".to_owned()));
    }
}
