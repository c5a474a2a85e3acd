//! What `lab run` starts ends with it, or by its name.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Process, lab};

const IMAGE: &str = "library/debian:trixie-slim";

/// A `lab run` whose program, as process 1, hears no signal that asks it to end.
struct Deaf {
    /// How long the program would sleep, which tells it from every other process.
    seconds: String,
    child: Child,
}

impl Deaf {
    fn start(number: u32, starter: Process) -> Deaf {
        let seconds = format!("{number}{}", std::process::id());
        let started = starter.args(["run", IMAGE, "sleep", &seconds]).into_command();
        // A test that runs under nohup, or in the background, would hand on that it hears no signals either.
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP,INT").arg(started.get_program()).args(started.get_args());
        command.envs(started.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(started.get_current_dir().unwrap_or(Path::new(".")));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Deaf { seconds, child }
    }

    /// Whether the program runs.
    fn runs(&self) -> bool {
        let line = format!("sleep\0{}\0", self.seconds);
        let mut processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .any(|entry| std::fs::read_to_string(entry.path().join("cmdline")).is_ok_and(|of| of == line))
    }

    /// Waits until the program runs, or runs no more.
    fn wait_until(&self, runs: bool, what: &str) {
        soon(what, || (self.runs() == runs).then_some(()));
    }
}

/// What comes within two minutes.
fn soon<T>(what: &str, mut come: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(come) = come() {
            return come;
        }
        assert!(start.elapsed() < Duration::from_mins(2), "{what}: nothing comes");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn no_container_outlives_the_run_that_a_signal_ends() {
    let itself = || lab().verb(&[]);
    let through_go = Process::new("go")
        .args(["run", "-C", "lab", "./cmd/lab"])
        .directory(Path::new(env!("CARGO_MANIFEST_DIR")));
    let starters = [("-INT", itself()), ("-TERM", itself()), ("-HUP", itself()), ("-TERM", through_go)];
    let mut all = Vec::new();
    for (number, (signal, starter)) in (1..).zip(starters) {
        all.push((signal, Deaf::start(number, starter)));
    }
    for (signal, deaf) in &all {
        deaf.wait_until(true, signal);
    }
    for (signal, deaf) in &all {
        Process::new("kill").args([signal, &*deaf.child.id().to_string()]).stdout();
    }
    for (signal, deaf) in &mut all {
        assert!(!soon(signal, || deaf.child.try_wait().unwrap()).success(), "{signal}");
        deaf.wait_until(false, signal);
    }
}

#[test]
fn a_container_in_the_background_is_listed_and_never_replaced() {
    let listed = || lab().verb(&["status"]).stdout().lines().any(|line| line.contains("  kept  "));
    let wait = "trap exit TERM; sleep 600 & wait";
    let start = || lab().verb(&["run", "--detach", "--name", "kept", IMAGE, "bash", "-c", wait]).finish();
    lab().verb(&["stop", "kept"]).stdout();
    let first = start();
    assert!(first.success && first.stderr.contains("stop kept"), "{}", first.all());
    let second = start();
    let listed_meanwhile = listed();
    let stopped = lab().verb(&["stop", "kept"]).finish();
    assert!(!second.success && second.stderr.contains("stop kept"), "{}", second.all());
    assert!(listed_meanwhile, "`lab status` does not list it");
    assert!(stopped.success && stopped.stderr.contains("kept stopped"), "{}", stopped.all());
    assert!(!listed(), "`lab status` lists what is stopped");
}

#[test]
fn two_labs_stand_side_by_side() {
    let instance = format!("beside-{}", std::process::id());
    let other = |args: &[&str]| lab().verb(args).env("COFFERDAM_LAB_INSTANCE", &instance);
    other(&["up", "--images", "none"]).stdout();
    let env = other(&["env"]).stdout();
    let asked = "eval \"$1\"; echo \"$COFFERDAM_LAB_REGISTRY\"; buildctl debug workers --format '{{len .}}'; crane --insecure catalog \"$COFFERDAM_LAB_REGISTRY\" >/dev/null";
    let said = Process::new("sh").args(["-ec", asked, "sh", &env]).finish();
    let ours = lab().verb(&["status"]).finish();
    let gone = other(&["down", "--all", "--purge"]).finish();
    assert!(said.success && gone.success, "{}\n{}", said.all(), gone.all());
    let (registry, workers) =
        said.all().trim().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_ne!(registry, lab().registry, "each has a registry of its own");
    assert_eq!(workers, "1", "each has a daemon of its own");
    assert!(ours.success && ours.all().contains(&lab().registry), "{}", ours.all());
    let after = lab().verb(&["status"]).stdout();
    assert!(after.contains(&lab().registry), "the first one goes on: {after}");
}
