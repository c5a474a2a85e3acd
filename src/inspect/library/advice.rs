//! What to do about a loader or a library that is not there.

use crate::tree::escaped;

/// Libraries that belong to a C compiler's programs; distroless cc has them.
const OF_CC: &[&str] = &[
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libgomp.so.1",
    "libatomic.so.1",
];

/// Libraries whose package in Debian 13 has another name than the library's own name and number.
const PACKAGES: &[(&str, &str)] = &[
    ("libasound.so.2", "libasound2t64"),
    ("libbz2.so.1.0", "libbz2-1.0"),
    ("libcrypto.so.3", "libssl3t64"),
    ("libcups.so.2", "libcups2t64"),
    ("libcurl.so.4", "libcurl4t64"),
    ("libelf.so.1", "libelf1t64"),
    ("libexslt.so.0", "libxslt1.1"),
    ("libgio-2.0.so.0", "libglib2.0-0t64"),
    ("libglib-2.0.so.0", "libglib2.0-0t64"),
    ("libgmodule-2.0.so.0", "libglib2.0-0t64"),
    ("libgnutls.so.30", "libgnutls30t64"),
    ("libgobject-2.0.so.0", "libglib2.0-0t64"),
    ("libgthread-2.0.so.0", "libglib2.0-0t64"),
    ("libgtk-3.so.0", "libgtk-3-0t64"),
    ("libjpeg.so.62", "libjpeg62-turbo"),
    ("liblber.so.2", "libldap2"),
    ("libmagic.so.1", "libmagic1t64"),
    ("libpng16.so.16", "libpng16-16t64"),
    ("libreadline.so.8", "libreadline8t64"),
    ("libsqlite3.so.0", "libsqlite3-0"),
    ("libssl.so.3", "libssl3t64"),
    ("libvips.so.42", "libvips42t64"),
    ("libxml2.so.2", "libxml2"),
    ("libxslt.so.1", "libxslt1.1"),
    ("libz.so.1", "zlib1g"),
];

/// What gives a program for musl its C library. Bare words are no bases, and what that image has besides is an error.
const BASE_WITH_MUSL: &str = "give `runtime.base` an image with musl, such as `docker.io/library/alpine:3` (with \
    exceptions from `final-shell` and `final-package-manager`, for it has both)";

/// Help where the loader `loader` is missing from an image on the base `base`.
pub(in crate::inspect) fn for_loader(loader: &[u8], base: &str) -> String {
    let loader = escaped(loader);
    if loader.contains("ld-musl") {
        return format!(
            "it was built against musl (Alpine); the base `{base}` has no musl: build it on a distribution with \
             glibc, link it statically, or {BASE_WITH_MUSL}"
        );
    }
    format!(
        "the base `{base}` has no C library: give `runtime.base` one that has it, such as distroless cc, or link \
         the program statically (for Go leave `cgo` off, for Rust build for scratch)"
    )
}

/// Help where a library is missing.
pub(super) fn for_library(library: &[u8]) -> String {
    let library = escaped(library);
    if OF_CC.contains(&library.as_str()) || library.starts_with("ld-linux") {
        return "the base distroless cc has it; or link the program statically".to_owned();
    }
    if library.starts_with("libc.musl-") {
        return format!(
            "it was built against musl (Alpine): build it on a distribution with glibc, or {BASE_WITH_MUSL}"
        );
    }
    let from = match debian_package(&library) {
        Some(package) => format!("Debian has `{library}` in the package `{package}`"),
        None => format!("no usual base has `{library}`"),
    };
    format!(
        "{from}: choose a base with it, let it cross with `build.artifacts` (Cofferdam's docs/debugging.md has an example), or link \
         it statically"
    )
}

/// Help where a library is older than what was built against it.
pub(super) fn for_version(version: &str) -> String {
    let what = if version.starts_with("GLIBC") { "C library" } else { "library" };
    format!(
        "it was built against a newer {what} than the image has: build on the runtime's own distribution release \
         (`build.base`), or choose a newer base"
    )
}

/// The package by Debian's rule (policy, section 8.1): the library's name and number.
fn debian_package(library: &str) -> Option<String> {
    if let Some((_, package)) = PACKAGES.iter().find(|(name, _)| *name == library) {
        return Some((*package).to_owned());
    }
    let (name, number) = library.split_once(".so.").filter(|(_, number)| !number.is_empty())?;
    // All of ICU is one package.
    let name = if name.starts_with("libicu") { "libicu" } else { name };
    let name = name.to_ascii_lowercase().replace('_', "-");
    let hyphen = if name.ends_with(|c: char| c.is_ascii_digit()) { "-" } else { "" };
    Some(format!("{name}{hyphen}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_follow_debians_rule_or_the_table() {
        for (library, package) in [
            ("libpq.so.5", "libpq5"),
            ("libgssapi_krb5.so.2", "libgssapi-krb5-2"),
            ("libkrb5.so.3", "libkrb5-3"),
            ("libGL.so.1", "libgl1"),
            ("libpcap.so.0.8", "libpcap0.8"),
            ("libpango-1.0.so.0", "libpango-1.0-0"),
            ("libicudata.so.76", "libicu76"),
            ("libz.so.1", "zlib1g"),
            ("libssl.so.3", "libssl3t64"),
            ("libgthread-2.0.so.0", "libglib2.0-0t64"),
        ] {
            assert_eq!(debian_package(library).as_deref(), Some(package));
        }
        assert_eq!(debian_package("plugin.so"), None);
    }

    #[test]
    fn help_names_a_base_or_a_package() {
        assert!(for_library(b"libstdc++.so.6").contains("distroless cc"));
        assert!(for_library(b"libpq.so.5").contains("`libpq5`"));
        assert!(for_loader(b"/lib64/ld-linux-x86-64.so.2", "scratch").contains("`scratch`"));
        let musl =
            [for_loader(b"/lib/ld-musl-x86_64.so.1", "scratch"), for_library(b"libc.musl-x86_64.so.1")];
        assert!(musl.iter().all(|help| help.contains("`docker.io/library/alpine:3`")), "{musl:?}");
    }
}
