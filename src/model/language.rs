//! What an application is written in, with the options of each language.

use super::{Command, defaults};
pub use crate::manifest::{BuildTool, Framework, Jre, NodeManager, PythonManager};
use crate::name::ContextPath;
use crate::text::{Span, Spanned};

/// A language and its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// Go.
    Go(Go),
    /// Rust.
    Rust(Rust),
    /// Python.
    Python(Python),
    /// Node.
    Node(Node),
    /// Java.
    Java(Java),
    /// A site of files.
    Site(Site),
    /// A prebuilt executable.
    Binary(Binary),
    /// Any other language, by commands.
    Custom(Custom),
}

/// What the manifest says of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LanguageChoice {
    /// This one.
    Named(Language),
    /// Nothing: the application's own files tell it.
    Detected,
}

/// Options of a Go application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Go {
    /// The toolchain's version, where `go.mod` is not to decide.
    pub version: Option<Spanned<String>>,
    /// The main package's directory below the application's, where it is not to be found.
    pub main: Option<Spanned<ContextPath>>,
    /// Build tags.
    pub tags: Vec<String>,
    /// More flags for the linker.
    pub ldflags: Vec<String>,
    /// Whether C code is compiled in.
    pub cgo: bool,
    /// Module path patterns that the public proxy and checksum database do not know.
    pub private: Vec<String>,
}

/// Options of a Rust application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rust {
    /// The toolchain's version, where `rust-toolchain.toml` is not to decide.
    pub version: Option<Spanned<String>>,
    /// The binaries that ship; all when empty.
    pub bins: Vec<Spanned<String>>,
    /// Features.
    pub features: Vec<String>,
    /// Whether the default features are on.
    pub default_features: bool,
    /// The profile.
    pub profile: Spanned<String>,
}

/// Options of a Python application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// The version, where the application's own files are not to decide.
    pub version: Option<Spanned<String>>,
    /// Whose lock file counts, where it is not to be found.
    pub manager: Option<Spanned<PythonManager>>,
    /// Extras of the application.
    pub extras: Vec<String>,
    /// Dependency groups besides the usual ones.
    pub groups: Vec<String>,
    /// Whether modules ship compiled as well.
    pub bytecode: bool,
}

/// Options of a Node application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// The version, where the application's own files are not to decide.
    pub version: Option<Spanned<String>>,
    /// Whose lock file counts, where it is not to be found.
    pub manager: Option<Spanned<NodeManager>>,
    /// The script that builds, where it is not the usual one.
    pub script: Option<Spanned<String>>,
    /// The framework whose output ships, where it is not to be found.
    pub framework: Option<Spanned<Framework>>,
    /// Whose install scripts may use the network.
    pub fetch_scripts: FetchScripts,
}

/// Whose install scripts may use the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FetchScripts {
    /// No package's.
    #[default]
    None,
    /// Every package's.
    All(Span),
    /// Those of these packages.
    Packages(Vec<Spanned<String>>),
}

/// Options of a Java application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Java {
    /// The release, where the application's own files are not to decide.
    pub version: Option<Spanned<String>>,
    /// What builds, where it is not to be found.
    pub build_tool: Option<Spanned<BuildTool>>,
    /// Profiles of the build.
    pub profiles: Vec<String>,
    /// Whether all of the runtime ships.
    pub full: bool,
    /// Modules of the runtime besides those that are found.
    pub modules: Vec<String>,
}

/// A site of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// Its directory below the application's, where it is not to be found.
    pub root: Option<Spanned<ContextPath>>,
    /// The file that answers where there is none.
    pub fallback: Option<Spanned<ContextPath>>,
    /// How Node builds it; none where its files are in the context.
    pub node: Option<Node>,
}

/// A prebuilt executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Where it is in the context.
    pub from: Spanned<ContextPath>,
    /// The SHA-256 that it must have, in hexadecimal digits.
    pub sha256: Option<String>,
}

/// An application in any other language, by commands of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Custom {
    /// What runs with network.
    pub fetch: Vec<Spanned<Command>>,
    /// What builds, offline.
    pub build: Vec<Spanned<Command>>,
}

impl Language {
    /// The language's name in the manifest.
    pub fn name(&self) -> &'static str {
        match self {
            Language::Go(_) => "go",
            Language::Rust(_) => "rust",
            Language::Python(_) => "python",
            Language::Node(_) => "node",
            Language::Java(_) => "java",
            Language::Site(_) => "static",
            Language::Binary(_) => "binary",
            Language::Custom(_) => "custom",
        }
    }

    /// The ports on which it listens: those that are written, else its own.
    pub fn ports<'a>(&self, written: &'a [u16]) -> &'a [u16] {
        match self {
            Language::Site(site) => site.ports(written),
            _ => written,
        }
    }

    /// The signal that stops it where none is written.
    pub fn stop_signal(&self) -> &'static str {
        match self {
            Language::Site(_) => defaults::SITE_STOP_SIGNAL,
            _ => defaults::STOP_SIGNAL,
        }
    }
}

impl Site {
    /// The ports on which its server listens: those that are written, else the usual one.
    pub fn ports<'a>(&self, written: &'a [u16]) -> &'a [u16] {
        if written.is_empty() { &defaults::SITE_PORTS } else { written }
    }
}

impl Default for Rust {
    fn default() -> Rust {
        Rust {
            version: None,
            bins: Vec::new(),
            features: Vec::new(),
            default_features: true,
            profile: Spanned::new(defaults::PROFILE.to_owned(), Span::default()),
        }
    }
}

impl Default for Python {
    fn default() -> Python {
        Python { version: None, manager: None, extras: Vec::new(), groups: Vec::new(), bytecode: true }
    }
}
