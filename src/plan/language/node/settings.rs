//! The settings of package managers, as far as a fetch needs them: none that names code which a manager would run.
//!
//! They are read whole and written anew, so that nothing passes by how it is written.

use serde_json::{Map, Number, Value};

use super::manager::Tool;
use super::sources::names_program;
use crate::text::Source;
use crate::yaml::{self, Kind};

/// What npm, the old Yarn and pnpm need to know of registries and how to reach them (npm, "config"; pnpm, "settings").
const REGISTRIES: [&str; 23] = [
    "registry",
    "registries",
    "always-auth",
    "ca",
    "cafile",
    "cert",
    "key",
    "strict-ssl",
    "proxy",
    "http-proxy",
    "https-proxy",
    "noproxy",
    "no-proxy",
    "maxsockets",
    "network-concurrency",
    "fetch-retries",
    "fetch-retry-factor",
    "fetch-retry-mintimeout",
    "fetch-retry-maxtimeout",
    "fetch-timeout",
    "replace-registry-host",
    "minimum-release-age",
    "minimum-release-age-exclude",
];
/// What decides which packages are installed, and where.
const PLACES: [&str; 53] = [
    "legacy-peer-deps",
    "strict-peer-deps",
    "force",
    "omit",
    "include",
    "optional",
    "install-strategy",
    "legacy-bundling",
    "global-style",
    "prefer-dedupe",
    "engine-strict",
    "cpu",
    "os",
    "libc",
    "node-linker",
    "node-version",
    "hoist",
    "hoist-pattern",
    "public-hoist-pattern",
    "shamefully-hoist",
    "hoist-workspace-packages",
    "hoisting-limits",
    "symlink",
    "auto-install-peers",
    "strict-peer-dependencies",
    "dedupe-peer-dependents",
    "dedupe-peers",
    "dedupe-direct-deps",
    "dedupe-injected-deps",
    "resolve-peers-from-workspace-root",
    "resolution-mode",
    "link-workspace-packages",
    "prefer-workspace-packages",
    "shared-workspace-lockfile",
    "inject-workspace-packages",
    "ignore-workspace-cycles",
    "exclude-links-from-lockfile",
    "lockfile-include-tarball-url",
    "peers-suffix-max-length",
    "virtual-store-dir-max-length",
    "packages",
    "catalog",
    "catalogs",
    "catalog-mode",
    "overrides",
    "package-extensions",
    "patched-dependencies",
    "allow-unused-patches",
    "allow-non-applied-patches",
    "ignored-optional-dependencies",
    "peer-dependency-rules",
    "supported-architectures",
    "only-built-dependencies",
];
/// What may be said of one registry, behind its address.
const OF_REGISTRY: [&str; 7] =
    ["_authToken", "_auth", "username", "_password", "email", "certfile", "keyfile"];
/// Of the newer Yarn, both ("yarnrc").
const YARN: [&str; 32] = [
    "npmRegistryServer",
    "npmRegistries",
    "npmScopes",
    "npmAuthToken",
    "npmAuthIdent",
    "npmAlwaysAuth",
    "npmMinimalAgeGate",
    "npmPreapprovedPackages",
    "unsafeHttpWhitelist",
    "enableStrictSsl",
    "caFilePath",
    "httpsCaFilePath",
    "httpsCertFilePath",
    "httpsKeyFilePath",
    "httpProxy",
    "httpsProxy",
    "httpRetry",
    "httpTimeout",
    "networkConcurrency",
    "networkSettings",
    "defaultProtocol",
    "defaultSemverRangePrefix",
    "enableTransparentWorkspaces",
    "packageExtensions",
    "supportedArchitectures",
    "catalog",
    "catalogs",
    "compressionLevel",
    "logFilters",
    "nmHoistingLimits",
    "nmMode",
    "nmSelfReferences",
];

/// A file of settings without what a fetch does not need; `None` where it cannot be read.
pub(super) fn needed(tool: Tool, name: &str, text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    match tool {
        _ if name == ".npmrc" => Some(ini(&text)),
        Tool::Yarn => yaml(name, &text, |key| YARN.contains(&key)),
        _ => yaml(name, &text, |key| is_plain(&kebab(key))),
    }
}

/// Lines of the form `key=value`, as npm's `ini` takes them apart; what follows a heading is nobody's setting.
fn ini(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let settings = lines.filter_map(|line| {
        let (key, value) =
            line.split_once('=').map_or((line, None), |(key, value)| (key.trim(), Some(value)));
        let is_needed = is_plain(key.strip_suffix("[]").unwrap_or(key)) || is_of_registry(key);
        is_needed.then(|| match value {
            Some(value) => format!("{key}={}\n", value.trim()),
            None => format!("{key}\n"),
        })
    });
    settings.collect()
}

fn is_plain(key: &str) -> bool {
    REGISTRIES.contains(&key) || PLACES.contains(&key)
}

/// Whether a setting is of one registry, or of a scope: `//host/path/:_authToken`, `@scope:registry`.
fn is_of_registry(key: &str) -> bool {
    let is_simple = key.bytes().all(|b| b.is_ascii_alphanumeric() || b"/@:._~-".contains(&b));
    is_simple
        && key.rsplit_once(':').is_some_and(|(of, name)| {
            (of.starts_with("//") && OF_REGISTRY.contains(&name))
                || (of.starts_with('@') && name == "registry")
        })
}

/// A mapping with some of its keys, as JSON, which every reader of YAML reads.
fn yaml(name: &str, text: &str, is_needed: impl Fn(&str) -> bool) -> Option<String> {
    let document = yaml::parse(&Source::new(name, text)).ok().filter(|document| document.found.is_empty())?;
    let entries = match document.root.map(|root| root.kind) {
        None | Some(Kind::Null) => Vec::new(),
        Some(Kind::Mapping(entries)) => entries,
        Some(_) => return None,
    };
    let needed = entries.iter().filter(|(key, _)| is_needed(&key.value));
    let needed = needed.map(|(key, value)| (key.value.clone(), json(value)));
    let settings = format!("{}\n", Value::Object(needed.collect()));
    (!settings.split('"').any(names_program)).then_some(settings)
}

fn json(node: &yaml::Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Scalar { text, plain: true } if text == "true" || text == "false" => {
            Value::Bool(text == "true")
        }
        Kind::Scalar { text, plain } => match text.parse::<Number>() {
            // Versions are texts to some: `3.10` is not `3.1`.
            Ok(number) if *plain && number.to_string() == *text => Value::Number(number),
            _ => Value::String(text.clone()),
        },
        Kind::Sequence(items) => items.iter().map(json).collect(),
        Kind::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.value.clone(), json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// `publicHoistPattern` as it is written in an `.npmrc`: `public-hoist-pattern`.
fn kebab(key: &str) -> String {
    let mut kebab = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_code_are_left_out_however_they_are_written() {
        let kept = "registry=https://npm.example/\n@a:registry=https://b/\n//b/p/:_authToken=${TOKEN}\n\
            legacy-peer-deps=true\nomit[]=optional\nforce\n";
        let written = "registry=https://npm.example/\r\n  @a:registry = https://b/\n//b/p/:_authToken=${TOKEN}\n\
            legacy-peer-deps=true\nomit[]=optional\nforce\n";
        assert_eq!(ini(written), kept);
        for code in [
            "script-shell=/src/evil",
            " git=./evil",
            "\tgit = ./evil",
            "#\rgit=./evil",
            "\"git\"=x",
            "g${X}it=x",
            "//h/:tokenHelper=/src/evil",
            "node-options=--require=./evil.js",
            "install-links=true",
            "registry;x=1\\",
            "[a]\nregistry=x",
        ] {
            assert_eq!(ini(code), "", "{code:?}");
        }
    }

    #[test]
    fn yaml_that_names_code_is_left_out_however_it_is_written() {
        let of = |text: &str| needed(Tool::Yarn, ".yarnrc.yml", text.as_bytes()).unwrap();
        let kept = "nmMode: hardlinks-local\nplugins:\n\n  - path: x\nnpmScopes:\n  a: {npmAlwaysAuth: true, b: 3.10}\n";
        assert_eq!(
            of(kept),
            "{\"nmMode\":\"hardlinks-local\",\"npmScopes\":{\"a\":{\"b\":\"3.10\",\"npmAlwaysAuth\":true}}}\n"
        );
        for code in [
            " plugins:\n  - .yarn/patches/evil.patch\n",
            "{plugins: [x]}",
            "? plugins\n: [x]\n",
            "\"pl\\u0075gins\": [x]\n",
            "yarnPath: x\n",
            "injectEnvironmentFiles: [x]\n",
        ] {
            assert_eq!(of(code), "{}\n", "{code:?}");
        }
        for unreadable in ["a: 1\na: 2\n", "- x\n", "a: !!js/function x\n", "%", "catalog: {a: 'exec:./x'}"] {
            assert_eq!(needed(Tool::Yarn, ".yarnrc.yml", unreadable.as_bytes()), None, "{unreadable:?}");
        }
        let pnpm = "packages: [a]\ndedupePeers: true\nhttpProxy: 8\npublicHoistPattern: ['*x*']\nconfigDependencies: {a: 1}\npnpmfile: x\nhoist: 'false'\n";
        assert_eq!(
            needed(Tool::Pnpm, "pnpm-workspace.yaml", pnpm.as_bytes()).unwrap(),
            "{\"dedupePeers\":true,\"hoist\":\"false\",\"httpProxy\":8,\"packages\":[\"a\"],\"publicHoistPattern\":[\"*x*\"]}\n"
        );
    }
}
