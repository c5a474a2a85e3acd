//! `final-package-manager`: programs that install software.

use std::io;

use super::image::Image;
use super::names::is_one_of;
use crate::rule;
use crate::step::Finding;

const OF_DISTRIBUTIONS: &[&str] = &[
    "apk",
    "apt",
    "apt-cache",
    "apt-config",
    "apt-get",
    "apt-key",
    "apt-mark",
    "aptitude",
    "brew",
    "dnf",
    "dpkg",
    "dpkg-deb",
    "dpkg-query",
    "emerge",
    "flatpak",
    "guix",
    "installp",
    "microdnf",
    "nix",
    "nix-env",
    "opkg",
    "pacman",
    "pkcon",
    "rpm",
    "rpm2cpio",
    "rpmkeys",
    "snap",
    "swupd",
    "tdnf",
    "urpmi",
    "xbps-install",
    "yum",
    "zypper",
];
const OF_LANGUAGES: &[&str] = &[
    "bower",
    "bundle",
    "bundler",
    "cabal",
    "cargo",
    "composer",
    "conda",
    "corepack",
    "cpan",
    "cpanm",
    "easy_install",
    "gem",
    "hatch",
    "luarocks",
    "mamba",
    "micromamba",
    "npm",
    "npm-cli.js",
    "npx",
    "npx-cli.js",
    "opam",
    "pdm",
    "pip",
    "pipenv",
    "pipx",
    "pnpm",
    "pnpm.cjs",
    "pnpx",
    "poetry",
    "rustup",
    "uv",
    "uvx",
    "yarn",
    "yarn.js",
    "yarnpkg",
];

/// Every package manager of the image.
pub(super) fn find(image: &Image<'_>) -> io::Result<Vec<Finding>> {
    let found =
        image.programs_named(|name| is_one_of(name, OF_DISTRIBUTIONS) || is_one_of(name, OF_LANGUAGES))?;
    Ok(found
        .iter()
        .map(|(path, target)| {
            let link = target.as_ref().map(|target| format!(" (a link to `{target}`)")).unwrap_or_default();
            let whose = if is_one_of(path.name(), OF_LANGUAGES) { "language's" } else { "distribution's" };
            let message = format!("`{path}`{link} is a {whose} package manager");
            Finding::new(rule::FINAL_PACKAGE_MANAGER.name, path, message)
                .help(rule::FINAL_PACKAGE_MANAGER.mend)
        })
        .collect())
}
