//! The lab: where its daemons, registry and programs are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Process;

/// The lab of this checkout.
pub(crate) struct Lab {
    /// The registry, as `host:port`.
    pub(crate) registry: String,
    program: PathBuf,
}

/// One of the lab's daemons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daemon {
    /// The one that is always there, on overlayfs.
    Main,
    /// Another one on the native snapshotter, whose cache tests may empty.
    Second,
}

/// The lab, as `make e2e` set it up.
pub(crate) fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(Lab::find)
}

/// The one place where tests read the environment.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run these tests with `make e2e`"))
}

impl Lab {
    fn find() -> Lab {
        let registry = variable("COFFERDAM_LAB_REGISTRY");
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab");
        Process::new("go")
            .args(["build", "-C", "lab", "-o"])
            .args([&program])
            .args(["./cmd/lab"])
            .directory(Path::new(env!("CARGO_MANIFEST_DIR")))
            .stdout();
        Lab { registry, program }
    }

    /// One of the lab's verbs.
    pub(crate) fn verb(&self, args: &[&str]) -> Process {
        Process::new(&self.program).args(args).directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("lab"))
    }

    /// The name of an image in the lab's registry.
    pub(crate) fn reference(&self, image: &str) -> String {
        format!("{}/{image}", self.registry)
    }
}

impl Daemon {
    /// The name of buildx's builder for it.
    pub(crate) fn builder(self) -> &'static str {
        match self {
            Daemon::Main => "cofferdam",
            Daemon::Second => "cofferdam-second",
        }
    }

    /// Starts it unless it runs, and empties its cache once in a run of the tests.
    pub(crate) fn with_an_empty_cache(self) {
        static EMPTIED: OnceLock<()> = OnceLock::new();
        assert_ne!(self, Daemon::Main, "other tests use the main daemon's cache");
        EMPTIED.get_or_init(|| {
            let up = ["up", "--name", "second", "--snapshotter", "native", "--images", "none"];
            lab().verb(&up).stdout();
            lab().verb(&["reset-cache", "--name", "second"]).stdout();
        });
    }
}
