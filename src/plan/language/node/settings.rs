//! The settings of package managers, without what names code that they would run.

/// The keys whose values are programs, or modules that a manager loads.
const CODE: [&str; 16] = [
    "script-shell",
    "shell",
    "node-options",
    "node-gyp",
    "git",
    "editor",
    "viewer",
    "init-module",
    "onload-script",
    "userconfig",
    "globalconfig",
    "pnpmfile",
    "global-pnpmfile",
    "configDependencies",
    "yarnPath",
    "plugins",
];

/// Settings of npm (`key=value`), or of Yarn and pnpm (`key: value`, with what is indented below it), without those
/// that name code.
pub(super) fn harmless(text: &[u8]) -> String {
    let mut kept = String::new();
    let mut dropping = false;
    for line in String::from_utf8_lossy(text).lines() {
        let is_inner = line.starts_with([' ', '\t', '-']);
        dropping = if is_inner { dropping } else { names_code(line) };
        if !dropping {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn names_code(line: &str) -> bool {
    let key = line.split(['=', ' ', '\t']).next().unwrap_or_default().trim_end_matches(':');
    // Of one registry's settings, this one is a program too.
    CODE.contains(&key.trim_matches(['"', '\''])) || key.ends_with(":tokenHelper")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_code_is_left_out() {
        let npm = b"@acme:registry=https://npm.example/\nscript-shell=/src/evil\n//h/:tokenHelper=/src/evil\nlegacy-peer-deps = true\n";
        assert_eq!(harmless(npm), "@acme:registry=https://npm.example/\nlegacy-peer-deps = true\n");
        let yarn = b"nodeLinker: node-modules\nyarnPath: .yarn/releases/y.cjs\nplugins:\n  - path: x\nnpmScopes:\n  a:\n    b: c\n";
        assert_eq!(harmless(yarn), "nodeLinker: node-modules\nnpmScopes:\n  a:\n    b: c\n");
    }
}
