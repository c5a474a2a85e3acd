//! The lab: where its daemons, registry and programs are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

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
    /// One whose cache is empty, for the one test that asks for it.
    Fresh,
    /// The oldest BuildKit that is supported.
    Oldest,
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
            Daemon::Fresh => "cofferdam-fresh",
            Daemon::Oldest => "cofferdam-oldest",
        }
    }

    /// Starts it unless it runs.
    pub(crate) fn started(self) {
        let snapshotter = if self == Daemon::Second { "native" } else { "overlayfs" };
        let flags = ["--snapshotter", snapshotter, "--images", "none"];
        lab().verb(&[&["up", "--name", self.name()], &flags[..]].concat()).stdout();
    }

    /// Starts it unless it runs, and empties its cache once in a run of the tests.
    pub(crate) fn with_an_empty_cache(self) {
        static EMPTIED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
        assert_ne!(self, Daemon::Main, "other tests use the main daemon's cache");
        let mut emptied = EMPTIED.lock().unwrap();
        if emptied.insert(self.name()) {
            self.started();
            lab().verb(&["reset-cache", "--name", self.name()]).stdout();
        }
    }

    fn name(self) -> &'static str {
        self.builder().strip_prefix("cofferdam-").unwrap_or("main")
    }
}
