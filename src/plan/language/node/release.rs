//! Releases of package managers: what an application declares, and what is taken where it declares none.

use super::manager::Tool;

/// A version of a manager, with the checksum that its program must have, where one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Release {
    /// The version.
    pub(super) version: String,
    /// The algorithm and the digits: of the archive, but of Yarn from its second version of the one program in it.
    pub(super) checksum: Option<(String, String)>,
}

/// The algorithms of checksums, and how many digits each has.
const ALGORITHMS: [(&str, usize); 4] = [("sha224", 56), ("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// The releases that read lock files, by the tool and the beginning of the format's version, as `packageManager` would
/// declare them.
const RELEASES: [(Tool, &str, &str); 7] = [
    (
        Tool::Pnpm,
        "9",
        "9.15.9+sha512.68046141893c66fad01c079231128e9afb89ef87e2691d69e4d40eee228988295fd4682181bae55b58418c3a253bde65a505ec7c5f9403ece5cc3cd37dcf2531",
    ),
    (
        Tool::Pnpm,
        "6",
        "8.15.9+sha512.499434c9d8fdd1a2794ebf4552b3b25c0a633abcee5bb15e7b5de90f32f47b513aca98cd5cfd001c31f0db454bc3804edccd578501e4ca293a6816166bbd9f81",
    ),
    (
        Tool::Pnpm,
        "5",
        "7.33.7+sha512.7afe2410642b39c698df46da4ce5c7231a5cce360698d69f8cf8f42257d40b3e43f231053b07b8de849fd4ffbf4a71ff57b835137777a352388f3d3da747200e",
    ),
    (
        Tool::Pnpm,
        WITH_SETTINGS,
        "10.34.9+sha512.f49b5a8ea0fdedb44bb3c0c1d6575092a53c2950d95b7ad15df11f17974877a2de3a01c07e934e9b28ce716e51c09a94962c7306d09be2e1e4b18a8c8762fd32",
    ),
    (
        Tool::Yarn,
        "8",
        "4.9.4+sha512.7b1cb0b62abba6a537b3a2ce00811a843bea02bcf53138581a6ae5b1bf563f734872bd47de49ce32a9ca9dcaff995aa789577ffb16811da7c603dcf69e73750b",
    ),
    (
        Tool::Yarn,
        "6",
        "3.8.7+sha512.bbe7e310ff7fd20dc63b111110f96fe18192234bb0d4f10441fa6b85d2b644c8923db8fbe6d7886257ace948440ab1f83325ad02af457a1806cdc97f03d2508e",
    ),
    (
        Tool::YarnClassic,
        "",
        "1.22.22+sha512.a6b2f7906b721bba3d67d4aff083df04dad64c399707841b7acf00f6b133b7ac24255f2652fa22ae3534329dc6180534e98d17432037ff6fd140556e2bb3137e",
    ),
];
/// What stands for the format of pnpm's lock file beside settings that only its newer versions read in its workspace file.
const WITH_SETTINGS: &str = "with settings";

impl Release {
    /// A version, with its checksum behind a `+`; `None` where it is none, or the checksum not one of the known kinds.
    pub(super) fn parse(text: &str) -> Option<Release> {
        let (version, checksum) =
            text.split_once('+').map_or((text, None), |(version, sum)| (version, Some(sum)));
        let starts_well = version.starts_with(|c: char| c.is_ascii_digit());
        let is_version = version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
        let checksum = match checksum {
            Some(sum) => Some(sum.split_once('.').filter(|sum| is_checksum(*sum))?),
            None => None,
        };
        let checksum = checksum.map(|(algorithm, digits)| (algorithm.to_owned(), digits.to_owned()));
        (starts_well && is_version).then(|| Release { version: version.to_owned(), checksum })
    }

    /// The same release, with its checksum if we know it.
    pub(super) fn or_known(self, tool: Tool) -> Release {
        let known = RELEASES.iter().filter(|(of, _, _)| *of == tool);
        let mut known = known.filter_map(|(_, _, text)| Release::parse(text));
        let same = known.find(|known| self.checksum.is_none() && known.version == self.version);
        same.unwrap_or(self)
    }

    /// The release that wrote such a lock file; `None` where we know of none. Settings in its workspace file tell that
    /// it was a newer pnpm.
    pub(super) fn of_lock(tool: Tool, lock: &str, has_settings: bool) -> Option<Release> {
        let key = if tool == Tool::Pnpm { "lockfileVersion:" } else { "  version:" };
        let line = lock.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        let mut format = line.trim().trim_matches(['\'', '"']);
        if tool == Tool::Pnpm && format.starts_with('9') && has_settings {
            format = WITH_SETTINGS;
        }
        let mut reading = RELEASES.iter().filter(|(of, start, _)| *of == tool && format.starts_with(start));
        Release::parse(reading.next()?.2)
    }

    /// The numbers of its version, as far as they are some.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.version.split('.').map_while(|part| part.parse().ok()).collect()
    }
}

fn is_checksum((algorithm, digits): (&str, &str)) -> bool {
    ALGORITHMS.contains(&(algorithm, digits.len())) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_exact() {
        let digits = "0aF".repeat(64)[..64].to_owned();
        let release = Release::parse(&format!("9.1.0+sha256.{digits}")).unwrap();
        assert_eq!((release.version.as_str(), release.numbers()), ("9.1.0", vec![9, 1, 0]));
        assert_eq!(release.checksum, Some(("sha256".to_owned(), digits.clone())));
        for wrong in ["", "^9", "1.0.0;x", "1+x", "1+sha512.0a", "https://x"] {
            assert!(Release::parse(wrong).is_none(), "{wrong}");
        }
        for algorithm in ["sha1", "md5", "sha512", "b2", "x"] {
            assert!(Release::parse(&format!("1+{algorithm}.{digits}")).is_none(), "{algorithm}");
        }
    }

    #[test]
    fn every_release_of_ours_has_a_checksum() {
        for (tool, _, text) in RELEASES {
            let release = Release::parse(text).unwrap();
            assert!(release.checksum.is_some(), "{text}");
            let plain = Release { checksum: None, ..release.clone() };
            assert_eq!(plain.or_known(tool), release);
        }
    }

    #[test]
    fn a_lock_file_tells_who_wrote_it() {
        let of = |tool: Tool, lock: &str, has_settings: bool| {
            Release::of_lock(tool, lock, has_settings).map(|release| release.version)
        };
        assert_eq!(of(Tool::Pnpm, "lockfileVersion: '9.0'\n", false).unwrap(), "9.15.9");
        assert_eq!(of(Tool::Pnpm, "lockfileVersion: '9.0'\n", true).unwrap(), "10.34.9");
        assert_eq!(of(Tool::Pnpm, "lockfileVersion: '6.0'\n", true).unwrap(), "8.15.9");
        assert_eq!(of(Tool::Pnpm, "lockfileVersion: 5.4\n", false).unwrap(), "7.33.7");
        assert_eq!(of(Tool::Yarn, "__metadata:\n  version: 8\n  cacheKey: 10c0\n", false).unwrap(), "4.9.4");
        assert_eq!(of(Tool::Yarn, "__metadata:\n  version: 6\n", false).unwrap(), "3.8.7");
        assert_eq!(of(Tool::Yarn, "__metadata:\n  version: 4\n", false), None);
        assert_eq!(of(Tool::YarnClassic, "# yarn lockfile v1\n", false).unwrap(), "1.22.22");
    }
}
