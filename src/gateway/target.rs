//! What the client wants of a build besides the image: its parts, for people and machines.

use super::options::Options;

/// What comes out of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The image, starting the process that the client names or the usual one.
    Image,
    /// Nothing but whether the image's tests succeed.
    Test,
    /// The builder as its last step left it.
    Builder,
    /// The image's file system without its configuration.
    Rootfs,
    /// What lies in the image's working directory: of a site, its files.
    Files,
    /// The bill of materials.
    Sbom,
    /// The inspection's report.
    Report,
}

impl Target {
    /// Every target with its name and what it is.
    pub(super) const ALL: [(Target, &str, &str); 7] = [
        (Target::Image, "image", "The finished image"),
        (Target::Test, "test", "Nothing, but the tests are run"),
        (Target::Builder, "builder", "The builder as its last step left it, to look around in"),
        (Target::Rootfs, "rootfs", "The image's file system alone"),
        (Target::Files, "files", "What lies in the image's working directory alone: of a site, its files"),
        (Target::Sbom, "sbom", "The bill of materials (SPDX)"),
        (Target::Report, "report", "What the inspection found"),
    ];

    /// The target that the client names: a part of the build by its name, else the image.
    pub(super) fn of(options: &Options) -> Target {
        Target::known(options.get("target").unwrap_or_default()).unwrap_or(Target::Image)
    }

    /// The process that the client names, where its target is no part of every build; planning knows whether it exists.
    pub(super) fn process(options: &Options) -> Option<String> {
        let name = options.get("target").filter(|name| !name.is_empty())?;
        Target::known(name).is_none().then(|| name.to_owned())
    }

    /// Whether the image's tests are run: parts of the build are there to look at, also where tests fail.
    pub(super) fn is_tested(self) -> bool {
        matches!(self, Target::Image | Target::Test)
    }

    fn known(name: &str) -> Option<Target> {
        let known = Target::ALL.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(target, ..)| *target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_process_can_have_the_name_of_a_part() {
        assert_eq!(Target::ALL.map(|(_, name, _)| name), crate::model::TARGETS);
    }
}
