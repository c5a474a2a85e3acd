//! What the client wants of a build besides the image: its parts, for people and machines.

use super::failure::Failure;
use super::options::Options;
use crate::diagnostic::did_you_mean;

/// What comes out of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The image.
    Image,
    /// The builder as its last step left it.
    Builder,
    /// The image's file system without its configuration.
    Rootfs,
    /// The bill of materials.
    Sbom,
    /// The inspection's report.
    Report,
}

impl Target {
    /// Every target with its name and what it is.
    pub(super) const ALL: [(Target, &str, &str); 5] = [
        (Target::Image, "image", "The finished image"),
        (Target::Builder, "builder", "The builder as its last step left it, to look around in"),
        (Target::Rootfs, "rootfs", "The image's file system alone"),
        (Target::Sbom, "sbom", "The bill of materials (SPDX)"),
        (Target::Report, "report", "What the inspection found"),
    ];

    /// The target that the client names; an error that lists them all when there is none of that name.
    pub(super) fn of(options: &Options) -> Result<Target, Failure> {
        let name = options.get("target").unwrap_or_default();
        if name.is_empty() {
            return Ok(Target::Image);
        }
        let known = Target::ALL.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(target, ..)| *target).ok_or_else(|| {
            let names = Target::ALL.map(|(_, name, _)| name);
            let near = did_you_mean(name, names)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Failure::plain(format!("there is no target `{name}`{near} The targets are {}", names.join(", ")))
        })
    }
}
