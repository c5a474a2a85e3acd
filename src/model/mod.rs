//! The checked image: every default filled in, every illegal state unrepresentable.

mod check;
mod checker;
mod compile;
mod defaults;
mod language;
mod options;
mod runtime;
mod test;

pub use check::{Inputs, MISSING_ARGUMENT, RESERVED_PREFIX, check, read};
pub use language::{
    Binary, BuildTool, Custom, FetchScripts, Framework, Go, Java, Jre, Language, LanguageChoice, Node,
    NodeManager, Python, PythonManager, Rust, Site,
};

use crate::contract::User;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::name::{ContextPath, ImagePath, Reference};
use crate::rule;
use crate::step::Test;
use crate::text::{Span, Spanned};

/// One application, as it is to become an image for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The application's name.
    pub name: String,
    /// Where its source is.
    pub source: SourceTree,
    /// What it is written in, and where the manifest says so; the manifest's beginning where it does not.
    pub language: Spanned<LanguageChoice>,
    /// The compartment with network and secrets.
    pub fetch: Fetch,
    /// The builder compartment.
    pub build: Build,
    /// The compartment that ships.
    pub runtime: Runtime,
    /// What is claimed of the finished image, and where the manifest says so.
    pub tests: Vec<Spanned<Test>>,
    /// Rules that are broken on purpose.
    pub exceptions: Vec<Exception>,
}

/// The application's directory in the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTree {
    /// The directory.
    pub path: Spanned<ContextPath>,
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
}

/// The compartment with network and secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fetch {
    /// Variables of fetch steps only.
    pub env: Vec<(String, String)>,
    /// Secrets.
    pub secrets: Vec<Secret>,
    /// Agents that ssh may ask.
    pub ssh: Vec<Spanned<String>>,
}

impl Image {
    /// Diagnostics, with the manifest's reasons in the place of warnings of lints from which it makes an exception.
    pub fn excused(&self, found: Diagnostics) -> Diagnostics {
        let is_lint = |code| rule::find(code).is_some_and(|rule| rule.proof == rule::Proof::Lint);
        let excused = |item: Diagnostic| {
            let exception = self.exceptions.iter().find(|exception| exception.rule.value == item.code);
            match exception.filter(|_| item.severity == Severity::Warning && is_lint(item.code)) {
                Some(Exception { reason, span, .. }) => {
                    Diagnostic::warning(item.code, format!("excepted ({reason}): {}", item.message)).at(*span)
                }
                None => item,
            }
        };
        let mut told = Diagnostics::new();
        told.extend(found.into_iter().map(excused));
        told
    }
}

impl Fetch {
    /// Whether fetch steps have nothing to hide: neither secrets nor agents.
    pub fn is_public(&self) -> bool {
        self.secrets.is_empty() && self.ssh.is_empty()
    }
}

/// A secret of the fetch compartment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its id, as given to the client.
    pub id: Spanned<String>,
    /// Where it appears.
    pub kind: SecretKind,
    /// Whether the build fails without it.
    pub required: bool,
}

/// What a secret is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretKind {
    /// Credentials of HTTP servers, in the form of a `.netrc`.
    Netrc,
    /// Tokens of cargo registries.
    CargoCredentials,
    /// Tokens and addresses of npm registries.
    Npmrc,
    /// Repositories and passwords of Maven.
    MavenSettings,
    /// Indexes and passwords of pip.
    PipConf,
    /// Keys of hosts that are reached by ssh.
    KnownHosts,
    /// More certificate authorities, for builders behind an intercepting proxy.
    CaCertificates,
    /// A file at an absolute path.
    File(ImagePath),
    /// A variable.
    Env(String),
}

/// The builder compartment: offline, without secrets, never shipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Build {
    /// The builder's image, where it is not the language's official one.
    pub base: Option<Spanned<Reference>>,
    /// Debian packages that the builder gets.
    pub packages: Vec<Spanned<String>>,
    /// Variables of compile steps.
    pub env: Vec<(String, String)>,
    /// Commands after the dependencies and before the compilation.
    pub run: Vec<Spanned<Command>>,
    /// More files that cross.
    pub artifacts: Vec<File>,
}

/// A command of the builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Text for the builder's shell.
    Shell(String),
    /// A program with its arguments.
    Program(Vec<String>),
}

/// A file or directory that the manifest puts into the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it comes from.
    pub from: Spanned<ContextPath>,
    /// Where it goes.
    pub to: ImagePath,
    /// Whether that is the directory that a file goes into under its own name.
    pub into: bool,
    /// Its permission bits, where they are not the defaults.
    pub mode: Option<u32>,
}

/// The compartment that ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// What the layers lie over.
    pub base: Spanned<BaseChoice>,
    /// Certificate authorities besides the usual ones.
    pub ca_certificates: Vec<Spanned<ContextPath>>,
    /// Whether an empty base gets the time zone database.
    pub tzdata: bool,
    /// Files of the context that ship.
    pub files: Vec<File>,
    /// Who runs the image.
    pub user: User,
    /// What the user is called where the base has no name for it.
    pub user_name: String,
    /// Where it runs.
    pub workdir: ImagePath,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// What runs, where the language does not say.
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// What the image can start, where it is not one entrypoint.
    pub processes: Vec<Process>,
    /// Which of them this build is for, where it is not the usual one.
    pub target: Option<String>,
    /// The arguments that a user may replace.
    pub cmd: Vec<String>,
    /// The TCP ports on which it listens; the language's own where there are none.
    pub ports: Vec<u16>,
    /// The directories that the user may write.
    pub writable: Vec<Spanned<ImagePath>>,
    /// The signal that stops it, where it is not the language's own.
    pub stop_signal: Option<String>,
    /// Labels of the configuration.
    pub labels: Vec<(String, String)>,
    /// Annotations of the image manifest.
    pub annotations: Vec<(String, String)>,
}

/// What the layers lie over, as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseChoice {
    /// What suits the language.
    ByLanguage,
    /// Nothing.
    Scratch,
    /// The smallest distroless image that has what the application needs.
    Distroless,
    /// A named image.
    Image(Reference),
}

/// One way to start the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The name of its target.
    pub name: String,
    /// The program and its arguments; never empty.
    pub argv: Vec<String>,
    /// Where the manifest says so.
    pub span: Span,
}

/// The targets that every build has; no process can have such a name.
pub const TARGETS: [&str; 7] = ["image", "test", "builder", "rootfs", "files", "sbom", "report"];

/// A rule that is broken on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The rule's name.
    pub rule: Spanned<String>,
    /// Why.
    pub reason: String,
    /// The path that it is limited to.
    pub path: Option<ImagePath>,
    /// The whole entry.
    pub span: Span,
}
