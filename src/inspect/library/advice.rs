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

/// Libraries whose Debian package has another name than the library's own name and number.
const PACKAGES: &[(&str, &str)] = &[
    ("libz.so.1", "zlib1g"),
    ("libssl.so.3", "libssl3"),
    ("libcrypto.so.3", "libssl3"),
    ("libbz2.so.1.0", "libbz2-1.0"),
    ("libsqlite3.so.0", "libsqlite3-0"),
    ("libpng16.so.16", "libpng16-16"),
    ("libjpeg.so.62", "libjpeg62-turbo"),
    ("libgssapi_krb5.so.2", "libgssapi-krb5-2"),
    ("libkrb5.so.3", "libkrb5-3"),
    ("libcom_err.so.2", "libcom-err2"),
    ("libxml2.so.2", "libxml2"),
    ("libldap-2.5.so.0", "libldap-2.5-0"),
    ("libncursesw.so.6", "libncursesw6"),
    ("libglib-2.0.so.0", "libglib2.0-0"),
];

/// Help where the loader `loader` is missing from an image on the base `base`.
pub(in crate::inspect) fn for_loader(loader: &[u8], base: &str) -> String {
    let loader = escaped(loader);
    if loader.contains("ld-musl") {
        return format!(
            "it was built against musl (Alpine); the base `{base}` has no musl: build it on a distribution with \
             glibc, link it statically, or give `runtime.base: alpine`"
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
        return "it was built against musl (Alpine): build it on a distribution with glibc, or give \
                `runtime.base: alpine`"
            .to_owned();
    }
    let from = match debian_package(&library) {
        Some(package) => format!("Debian has it in the package `{package}`"),
        None => "no usual base has it".to_owned(),
    };
    format!("{from}: choose a base with it, let it cross with `build.artifacts`, or link it statically")
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
    let (name, number) = library.split_once(".so.")?;
    let number = number.split('.').next().filter(|number| !number.is_empty())?;
    let name = name.to_ascii_lowercase().replace('_', "-");
    let hyphen = if name.ends_with(|c: char| c.is_ascii_digit()) { "-" } else { "" };
    Some(format!("{name}{hyphen}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_follow_debians_rule_or_the_table() {
        assert_eq!(debian_package("libpq.so.5").as_deref(), Some("libpq5"));
        assert_eq!(debian_package("libicudata.so.72").as_deref(), Some("libicudata72"));
        assert_eq!(debian_package("libz.so.1").as_deref(), Some("zlib1g"));
        assert_eq!(debian_package("libfoo1.so.2.3").as_deref(), Some("libfoo1-2"));
        assert_eq!(debian_package("plugin.so"), None);
    }

    #[test]
    fn help_names_a_base_or_a_package() {
        assert!(for_library(b"libstdc++.so.6").contains("distroless cc"));
        assert!(for_library(b"libpq.so.5").contains("`libpq5`"));
        assert!(for_loader(b"/lib64/ld-linux-x86-64.so.2", "scratch").contains("`scratch`"));
        assert!(for_loader(b"/lib/ld-musl-x86_64.so.1", "scratch").contains("musl"));
    }
}
