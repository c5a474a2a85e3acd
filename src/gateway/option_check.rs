//! Options that nothing here obeys: each is refused or told of by its name, none is passed over in silence.

use super::failure::Failure;
use super::options::Options;
use super::parity::{self, Standing};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Warnings about options that have no effect; an error for those that would change what is built.
pub(super) fn check(options: &Options) -> Result<Diagnostics, Failure> {
    let mut found = Diagnostics::new();
    for (key, value) in options.prefixed("") {
        // A name of BuildKit's that is not in the table is no argument of the manifest's.
        let row = parity::find(key).filter(|row| row.key == key || !key.starts_with("build-arg:BUILDKIT_"));
        match row {
            Some(row) => match row.standing {
                Standing::Honoured => {}
                Standing::Warned => found.push(ignored(key, value, row.here)),
                Standing::Refused => {
                    return Err(Failure::plain(format!("the option {key} is not supported: {}", row.here)));
                }
            },
            None => found.push(ignored(key, value, "no such option is known")),
        }
    }
    if !matches!(options.resolve_mode(), "default" | "pull" | "local") {
        let mode = options.resolve_mode();
        return Err(Failure::plain(format!("image-resolve-mode={mode} is none of default, pull and local")));
    }
    Ok(found)
}

fn ignored(key: &str, value: &str, why: &str) -> Diagnostic {
    let shown = if value.is_empty() || value.len() > 60 { key.to_owned() } else { format!("{key}={value}") };
    Diagnostic::warning("ignored-option", format!("the option {shown} has no effect: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Options {
        let raw = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Options::new(raw, "s")
    }

    #[test]
    fn what_is_not_obeyed_is_told_of_by_name() {
        for key in ["build-arg:BUILDKIT_SBOM_SCAN_STAGE", "build-arg:BUILDKIT_NO_SUCH_THING", "colour"] {
            let found = check(&options(&[(key, "true")])).unwrap();
            assert!(found.iter().any(|warning| warning.message.contains(key)), "{key}: {found:?}");
        }
        assert!(check(&options(&[("override-copy-image", "x")])).is_err());
        assert!(check(&options(&[("image-resolve-mode", "never")])).is_err());
    }

    #[test]
    fn what_is_obeyed_is_not() {
        let known = [
            ("filename", "x"),
            ("label:a", "b"),
            ("build-arg:ANY", "1"),
            ("build-arg:http_proxy", "x"),
            ("attest:provenance", "mode=max"),
            ("attest:sbom", ""),
            ("frontend.caps", "x"),
            ("context:golang::linux/amd64", "local:x"),
            ("vcs:localdir:context", "."),
        ];
        assert!(check(&options(&known)).unwrap().is_empty());
    }
}
