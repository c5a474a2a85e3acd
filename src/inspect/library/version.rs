//! Symbol versions: a library that is there may still be too old.

use super::closure::Closure;
use super::object::Object;
use crate::tree::escaped;

/// A version that a library of the image does not have.
pub(super) struct Conflict<'c, 'a> {
    /// Who needs it.
    pub(super) needed_by: &'c Object<'a>,
    /// The library as it is named.
    library: String,
    /// The library that the image has.
    found: &'c Object<'a>,
    /// The newest version that is needed and not there.
    pub(super) version: String,
    /// The newest version of the same family that is there.
    newest: Option<String>,
}

impl Conflict<'_, '_> {
    /// What is wrong, in one sentence.
    pub(super) fn message(&self) -> String {
        let Conflict { needed_by, library, found, version, newest } = self;
        let has = match newest {
            Some(newest) => format!("ends with `{newest}`"),
            None => "has no such versions".to_owned(),
        };
        format!(
            "`{}` needs the version `{version}` of `{library}`, but `{}` of the image {has}",
            needed_by.path, found.path
        )
    }
}

/// The versions that the objects of a closure need of one another in vain, one conflict for each pair.
///
/// As in glibc's loader, a library without any version fulfils every need; musl's loader does not look at them.
pub(super) fn conflicts<'c, 'a>(closure: &'c Closure<'a>) -> Vec<Conflict<'c, 'a>> {
    if closure.is_musl {
        return Vec::new();
    }
    closure.objects.iter().flat_map(|object| conflicts_of(closure, object)).collect()
}

fn conflicts_of<'c, 'a>(closure: &'c Closure<'a>, needed_by: &'c Object<'a>) -> Vec<Conflict<'c, 'a>> {
    let mut conflicts: Vec<Conflict<'c, 'a>> = Vec::new();
    for need in needed_by.elf.dynamic.version_needs.iter().filter(|need| !need.weak) {
        let Some(&index) = closure.names.get(&need.library) else { continue };
        let found = &closure.objects[index];
        let has = &found.elf.dynamic.versions;
        if has.is_empty() || has.contains(&need.version) {
            continue;
        }
        let (library, version) = (escaped(&need.library), escaped(&need.version));
        match conflicts.iter_mut().find(|known| known.library == library) {
            Some(known) if age(&version) > age(&known.version) => known.version = version,
            Some(_) => {}
            None => {
                let newest = newest_like(&version, has);
                conflicts.push(Conflict { needed_by, library, found, version, newest });
            }
        }
    }
    conflicts
}

/// The newest version of the same family (`GLIBC_2.36` for `GLIBC_2.38`).
fn newest_like(version: &str, has: &[Vec<u8>]) -> Option<String> {
    let (family, _) = version.split_once('_')?;
    let same = |name: &String| {
        name.strip_prefix(family).and_then(|rest| rest.strip_prefix('_')).is_some_and(starts_with_digit)
    };
    has.iter().map(|name| escaped(name)).filter(same).max_by_key(|name| age(name))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The numbers of a version, for comparison: 2.9 is older than 2.10.
fn age(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers_within_a_family() {
        let has: Vec<Vec<u8>> = ["GLIBC_2.9", "GLIBC_2.36", "GLIBC_2.4", "GLIBC_PRIVATE", "OTHER_9"]
            .map(|name| name.as_bytes().to_vec())
            .to_vec();
        assert_eq!(newest_like("GLIBC_2.38", &has).as_deref(), Some("GLIBC_2.36"));
        assert_eq!(newest_like("NOWHERE_1", &has), None);
        assert!(age("GLIBCXX_3.4.30") > age("GLIBCXX_3.4.9"));
    }
}
