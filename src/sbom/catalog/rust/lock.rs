//! Cargo's lock file, in all versions of its format that are in use (1 to 4).

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;

use crate::sbom::inventory::{Component, Kind};
use crate::sbom::purl::Purl;
use crate::sbom::{clean, limits};

/// A lock file, with its dependencies found.
#[derive(Debug)]
pub(super) struct Lock {
    packages: Vec<Package>,
    /// The packages that can be in a program: those of the workspace and all that they need.
    reachable: BTreeSet<usize>,
}

/// A locked package.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    name: String,
    version: String,
    /// Where it comes from; none for the workspace's own.
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    package: Vec<Package>,
    /// The workspace's own package in the oldest files.
    root: Option<Package>,
    /// Checksums in files of version 1.
    #[serde(default)]
    metadata: BTreeMap<String, toml::Value>,
}

/// The public registry, as lock files name it.
const PUBLIC: &str = "registry+https://github.com/rust-lang/crates.io-index";

impl Lock {
    /// A lock file from its text; an error says why not.
    pub(super) fn parse(text: &str) -> Result<Lock, String> {
        if text.len() > limits::METADATA {
            return Err(format!("the Cargo.lock of this program is larger than {} bytes", limits::METADATA));
        }
        let written: Written = toml::from_str(text).map_err(|error| {
            clean::line(format!("the Cargo.lock of this program is not one: {}", error.message()).as_bytes())
        })?;
        let mut packages: Vec<Package> = written.package.into_iter().chain(written.root).collect();
        for package in &mut packages {
            let key = package.metadata_key();
            let old = written.metadata.get(&key).and_then(toml::Value::as_str).map(str::to_owned);
            package.checksum = package.checksum.take().or(old);
        }
        packages.sort_by(|a, b| a.key().cmp(&b.key()));
        let reachable = reachable(&packages);
        Ok(Lock { packages, reachable })
    }

    /// The package of that name and version.
    pub(super) fn find(&self, name: &str, version: &str) -> Option<&Package> {
        self.packages.get(places(&self.packages, name, Some(version), None).start).filter(|package| {
            // A range may be empty.
            package.name == name && package.version == version
        })
    }

    /// The packages that can be in a program.
    pub(super) fn reachable(&self) -> impl Iterator<Item = &Package> {
        self.reachable.iter().map(|&at| &self.packages[at])
    }

    /// The workspace's package of a name, else the only one that it has.
    pub(super) fn own_package(&self, name: &str) -> Option<&Package> {
        let mut own = self.packages.iter().filter(|package| package.source.is_none());
        let named = own.clone().find(|package| package.name == name);
        named.or_else(|| own.next().filter(|_| own.next().is_none()))
    }
}

impl Package {
    /// What it is in an inventory.
    pub(super) fn component(&self) -> Component {
        let (name, version) = (clean::line(self.name.as_bytes()), clean::line(self.version.as_bytes()));
        let is_sha256 = |sum: &&String| sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit());
        let purl = Purl::new("cargo", &name, Some(&version));
        let source =
            self.source.as_deref().map(|source| clean::line(clean::without_credentials(source).as_bytes()));
        let git = source.as_deref().and_then(git);
        let purl = match (&source, &git) {
            (None, _) => None,
            (Some(_), Some(git)) => Some(purl.with("vcs_url", git)),
            (Some(source), None) if source == PUBLIC => Some(purl),
            (Some(source), None) => {
                let url = source.split_once('+').map_or(source.as_str(), |(_, url)| url);
                Some(purl.with("repository_url", url))
            }
        };
        Component {
            purl: purl.map(Purl::text),
            sha256: self.checksum.as_ref().filter(is_sha256).map(|sum| sum.to_ascii_lowercase()),
            source: source.is_none().then(|| "a crate of the workspace itself".to_owned()),
            download: git,
            kind: Kind::Library,
            name,
            version: Some(version),
            ..Component::default()
        }
    }

    fn key(&self) -> (&str, &str, Option<&str>) {
        (&self.name, &self.version, self.source.as_deref())
    }

    /// How `metadata` names it in files of version 1.
    fn metadata_key(&self) -> String {
        format!("checksum {} {} ({})", self.name, self.version, self.source.as_deref().unwrap_or_default())
    }
}

/// The indexes of the workspace's own packages and of all that they need; `packages` are sorted by their keys.
fn reachable(packages: &[Package]) -> BTreeSet<usize> {
    let mut ahead: Vec<usize> = (0..packages.len()).filter(|&at| packages[at].source.is_none()).collect();
    let mut seen: BTreeSet<usize> = ahead.iter().copied().collect();
    let mut asked = BTreeSet::new();
    while let Some(at) = ahead.pop() {
        for dependency in packages[at].dependencies.iter().filter(|d| asked.insert(d.as_str())) {
            // A name alone, or with a version, or with version and source: as little as tells it apart.
            let mut words = dependency.splitn(3, ' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            let source = words.next().map(|source| source.trim_matches(['(', ')']));
            ahead.extend(places(packages, name, version, source).filter(|&place| seen.insert(place)));
        }
    }
    seen
}

/// Where the packages of a name, and maybe of a version and a source, stand.
fn places(packages: &[Package], name: &str, version: Option<&str>, source: Option<&str>) -> Range<usize> {
    let order = |package: &Package| {
        let by_version = || version.map_or(Ordering::Equal, |version| package.version.as_str().cmp(version));
        let by_source =
            || source.map_or(Ordering::Equal, |source| package.source.as_deref().cmp(&Some(source)));
        package.name.as_str().cmp(name).then_with(by_version).then_with(by_source)
    };
    let start = packages.partition_point(|package| order(package).is_lt());
    start..packages.partition_point(|package| order(package).is_le())
}

/// The address and revision of a git source, as SPDX writes version control addresses: `git+<url>@<revision>`.
fn git(source: &str) -> Option<String> {
    let address = source.strip_prefix("git+")?;
    let (address, revision) = address.rsplit_once('#')?;
    let address = address.split_once('?').map_or(address, |(address, _)| address);
    Some(format!("git+{address}@{revision}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "6e634e2e0ebac1ee034020da1ca582e17ffe4e0f5e985823721e168928136dcb";

    fn text() -> String {
        format!(
            r#"version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a", "b 2.0.0"]
[[package]]
name = "a"
version = "1.0.0"
source = "{PUBLIC}"
checksum = "{SUM}"
dependencies = ["g"]
[[package]]
name = "b"
version = "1.0.0"
source = "{PUBLIC}"
[[package]]
name = "b"
version = "2.0.0"
source = "sparse+https://user:secret@crates.example.org/index/"
[[package]]
name = "g"
version = "0.0.1"
source = "git+https://token@example.org/g?branch=x#abc"
dependencies = ["a"]
"#
        )
    }

    #[test]
    fn only_what_the_workspace_needs_is_listed() {
        let lock = Lock::parse(&text()).unwrap();
        let found: Vec<String> = lock.reachable().map(|p| format!("{} {}", p.name, p.version)).collect();
        assert_eq!(found, ["a 1.0.0", "app 0.1.0", "b 2.0.0", "g 0.0.1"]);
        assert_eq!(lock.own_package("anything").unwrap().name, "app");
    }

    #[test]
    fn sources_become_package_urls_without_secrets() {
        let lock = Lock::parse(&text()).unwrap();
        let component = |name, version| lock.find(name, version).unwrap().component();
        let a = component("a", "1.0.0");
        assert_eq!((a.purl.as_deref(), a.sha256.as_deref()), (Some("pkg:cargo/a@1.0.0"), Some(SUM)));
        assert_eq!(component("app", "0.1.0").purl, None);
        assert_eq!(
            component("b", "2.0.0").purl.as_deref(),
            Some("pkg:cargo/b@2.0.0?repository_url=https://crates.example.org/index/")
        );
        let g = component("g", "0.0.1");
        assert_eq!(g.download.as_deref(), Some("git+https://example.org/g@abc"));
        assert_eq!(g.purl.as_deref(), Some("pkg:cargo/g@0.0.1?vcs_url=git%2Bhttps://example.org/g%40abc"));
    }

    #[test]
    fn old_files_keep_checksums_apart() {
        let text = format!(
            "[root]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\"a 1.0.0 ({PUBLIC})\"]\n\
             [[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"{PUBLIC}\"\n\
             [metadata]\n\"checksum a 1.0.0 ({PUBLIC})\" = \"{SUM}\"\n"
        );
        let lock = Lock::parse(&text).unwrap();
        assert_eq!(lock.reachable().count(), 2);
        assert_eq!(lock.find("a", "1.0.0").unwrap().component().sha256.as_deref(), Some(SUM));
    }

    #[test]
    fn what_is_no_lock_file_is_said() {
        for wrong in ["package = 1", "[[package]]\nname = \"a\"", "\u{0}", "[[["] {
            assert!(Lock::parse(wrong).unwrap_err().starts_with("the Cargo.lock"), "{wrong}");
        }
        assert_eq!(Lock::parse("").unwrap().reachable().count(), 0);
    }
}
