//! What of Cargo's configuration a step with secrets may see: where crates come from, and nothing that names a program.
//!
//! Cargo runs what its configuration names (a `credential-provider`, a `rustc-wrapper`, a linker), and the
//! configuration lies in the repository; a secret is mounted only where no such word can reach it.

use toml::{Table, Value};

use super::workspace::parse;

/// The settings that pass, by their tables ("The Cargo Book", "Configuration"); `*` is any name.
const PASSED: [(&[&str], &[&str]); 5] = [
    (&["registries", "*"], &["index", "protocol"]),
    (&["registry"], &["default"]),
    (&["source", "*"], &["registry", "replace-with", "git", "branch", "tag", "rev"]),
    (&["net"], &["retry", "git-fetch-with-cli"]),
    (&["http"], &["timeout", "multiplexing", "check-revoke"]),
];

/// The configuration without everything that does not pass; `None` where nothing is left.
pub(super) fn filtered(bytes: &[u8]) -> Option<String> {
    let whole = parse(bytes).ok()?;
    let mut kept = Table::new();
    for (path, settings) in PASSED {
        if let Some((name, table)) = pass(&whole, path, settings) {
            kept.insert(name.to_owned(), Value::Table(table));
        }
    }
    (!kept.is_empty()).then(|| kept.to_string())
}

/// The settings that pass of the table at a path, below its first name.
fn pass<'t>(whole: &Table, path: &[&'t str], settings: &[&str]) -> Option<(&'t str, Table)> {
    let (name, rest) = path.split_first()?;
    let table = whole.get(*name)?.as_table()?;
    let plain = |table: &Table| -> Table {
        let simple = |value: &Value| !value.is_table() && !value.is_array();
        let passing = table.iter().filter(|(key, value)| settings.contains(&key.as_str()) && simple(value));
        passing.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let kept = match rest {
        [] => plain(table),
        _ => {
            let named = table.iter().filter_map(|(name, inner)| Some((name, plain(inner.as_table()?))));
            named
                .filter(|(_, inner)| !inner.is_empty())
                .map(|(name, inner)| (name.clone(), inner.into()))
                .collect()
        }
    };
    (!kept.is_empty()).then_some((*name, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_crates_come_from_passes_and_what_would_run_does_not() {
        let text = r#"
            paths = ["/elsewhere"]
            [alias]
            fetch = "run"
            [build]
            rustc = "./evil"
            rustc-wrapper = "./evil"
            [env]
            PATH = "/src"
            [http]
            proxy = "http://elsewhere"
            timeout = 30
            [net]
            git-fetch-with-cli = true
            [net.ssh]
            known-hosts = ["x"]
            [registry]
            default = "acme"
            token = "hush"
            global-credential-providers = ["cargo:token-from-stdout ./evil"]
            [registries.acme]
            index = "sparse+https://crates.example.com/"
            credential-provider = ["./evil"]
            token = "hush"
            [registries.only-evil]
            credential-provider = "./evil"
            [source.crates-io]
            replace-with = "acme"
            [target.x86_64-unknown-linux-gnu]
            linker = "./evil"
            runner = ["./evil"]
        "#;
        let kept: Table = filtered(text.as_bytes()).unwrap().parse().unwrap();
        let expected = r#"
            http = {timeout = 30}
            net = {git-fetch-with-cli = true}
            registry = {default = "acme"}
            registries = {acme = {index = "sparse+https://crates.example.com/"}}
            source = {crates-io = {replace-with = "acme"}}
        "#;
        assert_eq!(kept, expected.parse().unwrap());
    }

    #[test]
    fn what_has_nothing_to_pass_is_left_out() {
        for text in ["", "[build]\njobs = 4\n", "junk [", "registries = 1", "[registries]\nacme = 1\n"] {
            assert_eq!(filtered(text.as_bytes()), None, "{text}");
        }
    }
}
