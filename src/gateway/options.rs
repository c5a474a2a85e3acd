//! What the client asks for: the options of a build (BuildKit `frontend/dockerui`, "Config").

use std::collections::BTreeMap;

use serde::Deserialize;

use super::failure::Failure;
use crate::name::Platform;
use crate::wire::gateway;

/// The options of a build.
#[derive(Debug, Clone, Default)]
pub struct Options {
    raw: BTreeMap<String, String>,
    /// The session of the client, which holds its files and secrets.
    pub session: String,
}

/// The time of everything in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epoch {
    /// This many seconds since 1970.
    At(i64),
    /// When the build context was made.
    OfContext,
}

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const DEFAULT_FILE: &str = "cofferdam.yaml";

impl Options {
    /// Options from the environment that the daemon starts frontends with.
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>) -> Options {
        let mut options = Options::default();
        for (name, value) in variables {
            if name.starts_with(OPTION_PREFIX) {
                if let Some((key, value)) = value.split_once('=') {
                    options.raw.insert(key.to_owned(), value.to_owned());
                }
            } else if name == "BUILDKIT_SESSION_ID" {
                options.session = value;
            }
        }
        options
    }

    /// Options by name, for tests and for clients within the process.
    pub fn new(raw: BTreeMap<String, String>, session: impl Into<String>) -> Options {
        Options { raw, session: session.into() }
    }

    /// The value of an option.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.raw.get(key).map(String::as_str)
    }

    /// The definition file's name.
    pub fn filename(&self) -> &str {
        self.get("filename").unwrap_or(DEFAULT_FILE)
    }

    /// The local source that the definition file is read from.
    pub fn definition_source(&self) -> &str {
        self.get("dockerfilekey").unwrap_or("dockerfile")
    }

    /// The build arguments.
    pub fn build_args(&self) -> BTreeMap<String, String> {
        self.prefixed("build-arg:").map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The labels that the client adds.
    pub fn labels(&self) -> Vec<(String, String)> {
        self.prefixed("label:").map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The platforms that are asked for; empty for the daemon's own.
    pub fn platforms(&self) -> Result<Vec<Platform>, Failure> {
        let listed = self.get("platform").unwrap_or_default().split(',').map(str::trim);
        let mut platforms = Vec::new();
        for text in listed.filter(|text| !text.is_empty()) {
            let platform = Platform::parse(text).map_err(|error| Failure::plain(error.to_string()))?;
            if !platforms.contains(&platform) {
                platforms.push(platform);
            }
        }
        Ok(platforms)
    }

    /// Whether the result is a map of platforms; an error when the client wants several and no map.
    pub fn several_platforms(&self, count: usize) -> Result<bool, Failure> {
        let asked = self.get("build-arg:BUILDKIT_MULTI_PLATFORM").or(self.get("multi-platform"));
        match asked.unwrap_or_default() {
            "" => Ok(count > 1),
            "1" | "t" | "T" | "true" | "True" | "TRUE" => Ok(true),
            "0" | "f" | "F" | "false" | "False" | "FALSE" if count > 1 => {
                Err(Failure::plain(format!("multi-platform is false, but {count} platforms are asked for")))
            }
            "0" | "f" | "F" | "false" | "False" | "FALSE" => Ok(false),
            other => Err(Failure::plain(format!("multi-platform={other} is neither true nor false"))),
        }
    }

    /// How images are resolved: `default`, `pull` or `local`.
    pub fn resolve_mode(&self) -> &str {
        self.get("image-resolve-mode").unwrap_or("default")
    }

    /// Whether every step runs even where its result is cached.
    pub fn no_cache(&self) -> bool {
        self.get("no-cache").is_some_and(str::is_empty)
    }

    /// What is said of bills of materials; one is then asked for in full.
    pub fn attest_sbom(&self) -> Option<&str> {
        self.get("attest:sbom").or(self.get("build-arg:BUILDKIT_ATTEST_SBOM"))
    }

    /// The keys of hosts that repositories over ssh may have, as in a `known_hosts` file; empty for any.
    pub fn known_hosts(&self) -> &str {
        self.get("build-arg:COFFERDAM_KNOWN_HOSTS").unwrap_or_default()
    }

    /// Whether the one opt-out from the bill of materials is taken.
    pub fn without_sbom(&self) -> bool {
        self.get("build-arg:COFFERDAM_SBOM") == Some("off")
    }

    /// The time of everything in the image, which begins with 1970 unless the client says otherwise.
    pub fn epoch(&self) -> Result<Epoch, Failure> {
        let text = match self.get("build-arg:SOURCE_DATE_EPOCH").unwrap_or_default() {
            "" => return Ok(Epoch::At(0)),
            "context" => return Ok(Epoch::OfContext),
            text => text,
        };
        // Times travel in nanoseconds, which end in the year 2262.
        let fits = |seconds: &i64| (0..=i64::MAX / 1_000_000_000).contains(seconds);
        text.parse().ok().filter(fits).map(Epoch::At).ok_or_else(|| {
            Failure::plain(format!(
                "SOURCE_DATE_EPOCH={text} is neither a number of seconds from 1970 to 2262 nor `context`"
            ))
        })
    }

    /// The caches that the client wants to be looked up.
    pub fn cache_imports(&self) -> Result<Vec<gateway::CacheOptionsEntry>, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Entry {
            r#type: String,
            #[serde(default)]
            attrs: BTreeMap<String, String>,
        }
        let Some(text) = self.get("cache-imports").filter(|text| !text.is_empty()) else {
            return Ok(self.old_cache_imports());
        };
        let entries: Vec<Entry> = serde_json::from_str(text).map_err(|error| {
            Failure::plain(format!("the option cache-imports is not understood: {error}"))
        })?;
        Ok(entries
            .into_iter()
            .map(|Entry { r#type, attrs }| gateway::CacheOptionsEntry { r#type, attrs })
            .collect())
    }

    /// The old form of cache imports: references of registries.
    fn old_cache_imports(&self) -> Vec<gateway::CacheOptionsEntry> {
        let references =
            self.get("cache-from").unwrap_or_default().split(',').filter(|text| !text.is_empty());
        let entry = |reference: &str| gateway::CacheOptionsEntry {
            r#type: "registry".to_owned(),
            attrs: BTreeMap::from([("ref".to_owned(), reference.to_owned())]),
        };
        references.map(entry).collect()
    }

    /// The options whose names begin with a prefix, without it.
    pub fn prefixed<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.raw.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Options {
        let raw = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Options::new(raw, "s")
    }

    #[test]
    fn the_environment_is_read_whatever_its_order() {
        let variables = [
            ("BUILDKIT_FRONTEND_OPT_7", "build-arg:A=b=c"),
            ("BUILDKIT_FRONTEND_OPT_0", "filename=x.yaml"),
            ("BUILDKIT_SESSION_ID", "sid"),
            ("PATH", "/bin"),
        ];
        let options =
            Options::from_environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(options.filename(), "x.yaml");
        assert_eq!(options.build_args()["A"], "b=c");
        assert_eq!(options.session, "sid");
    }

    #[test]
    fn several_platforms_are_asked_for_in_so_many_words() {
        assert!(!options(&[]).several_platforms(1).unwrap());
        assert!(options(&[]).several_platforms(2).unwrap());
        assert!(options(&[("multi-platform", "true")]).several_platforms(1).unwrap());
        let both = options(&[("multi-platform", "true"), ("build-arg:BUILDKIT_MULTI_PLATFORM", "false")]);
        assert!(!both.several_platforms(1).unwrap());
        assert!(both.several_platforms(2).is_err());
        assert!(options(&[("multi-platform", "maybe")]).several_platforms(1).is_err());
    }

    #[test]
    fn the_old_form_of_cache_imports_is_read() {
        let imports = options(&[("cache-from", "a/b,c/d:1")]).cache_imports().unwrap();
        assert_eq!(imports.len(), 2);
        assert_eq!((imports[1].r#type.as_str(), imports[1].attrs["ref"].as_str()), ("registry", "c/d:1"));
    }

    #[test]
    fn platforms_are_normalised_and_junk_is_refused() {
        let several = options(&[("platform", "linux/arm64/v8, linux/amd64,linux/arm64")]);
        assert_eq!(several.platforms().unwrap().len(), 2);
        assert!(options(&[("platform", "plan9/x")]).platforms().is_err());
        for wrong in ["soon", "-5", "9223372037", "9999999999999"] {
            assert!(options(&[("build-arg:SOURCE_DATE_EPOCH", wrong)]).epoch().is_err(), "{wrong}");
        }
        assert_eq!(
            options(&[("build-arg:SOURCE_DATE_EPOCH", "9223372036")]).epoch().unwrap(),
            Epoch::At(9_223_372_036)
        );
        assert!(options(&[("cache-imports", "{")]).cache_imports().is_err());
    }
}
