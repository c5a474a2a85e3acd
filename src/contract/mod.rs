//! What may cross from builder to final, as plain data shared by plan and verify.
//!
//! The plan writes the contract; the lowering carries it out; the verifier holds the marshalled graph
//! against it. Nothing here knows how a graph looks.

use crate::name::ImagePath;

/// Everything that the final image may receive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contract {
    /// The layers above the base, from rarely to often changing.
    pub layers: Vec<LayerContract>,
    /// The process that the image runs as.
    pub user: User,
    /// Whether the manifest lets scripts of fetched packages use the network.
    pub fetch_executes: bool,
}

/// What one layer may receive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerContract {
    /// What the layer is for.
    pub role: Role,
    /// The files and directories that cross.
    pub artifacts: Vec<Artifact>,
    /// Files that are put together from several.
    pub bundles: Vec<Bundle>,
    /// Directories that are made, not copied.
    pub directories: Vec<Directory>,
    /// Symbolic links that are made, not copied: they may lead to what other layers hold.
    pub links: Vec<Link>,
}

/// One file or directory that crosses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its path in the builder's output, without a leading `/`; empty for the whole output.
    pub from: String,
    /// Its path in the image.
    pub to: ImagePath,
    /// Its permission bits, where they are not the defaults.
    pub mode: Option<u32>,
    /// Whether a file keeps its name below `to`, as a directory's content always does.
    pub into: bool,
    /// The SHA-256 that its content must have, where one was declared.
    pub sha256: Option<String>,
    /// What of a directory does not cross, where not all of it does.
    pub leave_out: Option<LeaveOut>,
}

/// What of a directory does not cross, by patterns of paths below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaveOut {
    /// Of whatever is there, with what lies below.
    pub paths: Vec<String>,
    /// Of what is no directory: patterns in small letters, for paths written in such letters.
    pub files: Vec<String>,
}

/// One file that is put together from several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The paths of the parts in the builder's output, without a leading `/`.
    pub parts: Vec<String>,
    /// Its path in the image.
    pub to: ImagePath,
}

/// One directory that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Its path in the image.
    pub path: ImagePath,
    /// Its permission bits.
    pub mode: u32,
    /// Its owner.
    pub owner: User,
}

/// One symbolic link that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its path in the image.
    pub path: ImagePath,
    /// Where it leads in the image.
    pub target: ImagePath,
}

/// A numeric user and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// What a layer is for, from rarely to often changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What an empty base lacks: accounts, certificate authorities, time zones.
    Scaffold,
    /// A language's runtime.
    Runtime,
    /// Third-party code that the application needs.
    Dependencies,
    /// The application itself.
    Application,
    /// Files and directories that the manifest adds.
    Configuration,
}

impl Artifact {
    /// A file or directory with the usual permission bits and any content.
    pub fn new(from: impl Into<String>, to: ImagePath) -> Artifact {
        Artifact { from: from.into(), to, mode: None, into: false, sha256: None, leave_out: None }
    }
}

impl LayerContract {
    /// A layer that may receive nothing yet.
    pub fn new(role: Role) -> LayerContract {
        let (artifacts, bundles) = (Vec::new(), Vec::new());
        LayerContract { role, artifacts, bundles, directories: Vec::new(), links: Vec::new() }
    }

    /// A layer that may receive these artifacts.
    pub fn of(role: Role, artifacts: Vec<Artifact>) -> LayerContract {
        LayerContract { artifacts, ..LayerContract::new(role) }
    }
}

impl User {
    /// The superuser, who owns what ships and never runs it.
    pub const ROOT: User = User { uid: 0, gid: 0 };
    /// Who runs an image unless the manifest says otherwise.
    pub const NONROOT: User = User { uid: 65532, gid: 65532 };
}

impl Default for User {
    fn default() -> User {
        User::NONROOT
    }
}

impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

impl Role {
    /// The role's name, as history comments and reports show it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Scaffold => "scaffold",
            Role::Runtime => "runtime",
            Role::Dependencies => "dependencies",
            Role::Application => "application",
            Role::Configuration => "configuration",
        }
    }
}
