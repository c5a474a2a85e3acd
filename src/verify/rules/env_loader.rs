//! `env-loader`: no variable makes programs load other code, unless the manifest sets it, which is a lint.

use super::Proof;
use crate::rule;
use crate::verify::findings::{Findings, Law};

static LAW: Law = Law::mendable(&rule::ENV_LOADER);

/// Variables that loaders and interpreters obey.
const VARIABLES: &[&str] = &[
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "RUBYOPT",
    "BASH_ENV",
    "ENV",
];

/// Looks at the names of all variables.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let loaders = proof.config.env.keys().filter(|name| is_loader(name));
    for name in loaders {
        if proof.case.declared_env.contains(&name.as_str()) {
            found.warn(&LAW, format!("the manifest sets `{name}`"));
        } else {
            found.image(&LAW, format!("the image sets `{name}`, which the manifest does not"));
        }
    }
}

fn is_loader(name: &str) -> bool {
    name.starts_with("LD_") || VARIABLES.contains(&name)
}
