//! A process of the image: what it writes, how it ends, and its end where it does not end by itself.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt as _, fchown};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{self, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::terminal;
use crate::step::TestRequest;

/// As much of what a process writes is looked at: the end of it.
const KEPT: u64 = 1 << 20;
/// How many lines of each stream tell what happened.
const LAST_LINES: usize = 10;
/// How many characters of a line are told.
const WIDTH: usize = 300;
/// How often a process is looked at.
pub(super) const PAUSE: Duration = Duration::from_millis(20);
/// How long a process may take to stop when it is asked to.
const GRACE: Duration = Duration::from_secs(3);

/// A running process, and the files that it writes its output to: with a pipe, somebody who inherits it could keep us
/// waiting for its end.
pub(super) struct Child {
    process: process::Child,
    pid: Pid,
    stdout: File,
    stderr: File,
}

/// How a process ended.
pub(super) struct End(ExitStatus);

impl Child {
    /// Starts a program of the image as the image would be started, in a process group of its own; its output goes to
    /// files in a directory, which have no name there.
    pub(super) fn start(request: &TestRequest, argv: &[String], directory: &Path) -> io::Result<Child> {
        let [program, arguments @ ..] = argv else { return Err(io::ErrorKind::InvalidInput.into()) };
        let (stdout, stderr) = (stream(directory, request)?, stream(directory, request)?);
        let process = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(&request.env)
            .current_dir(&request.workdir)
            .uid(request.uid)
            .gid(request.gid)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(stdout.try_clone()?)
            .stderr(stderr.try_clone()?)
            .spawn()?;
        Ok(Child { pid: Pid::from_child(&process), process, stdout, stderr })
    }

    /// How it ended; `None` where it runs at the deadline.
    pub(super) fn wait(&mut self, deadline: Instant) -> io::Result<Option<End>> {
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(End(status)));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Ends it and its process group: it is asked first, and killed where it does not stop.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if self.process.try_wait()?.is_none() {
            // It may have ended by itself in the meantime.
            let _ = kill_process(self.pid, Signal::TERM);
            self.wait(Instant::now() + GRACE)?;
        }
        let _ = kill_process_group(self.pid, Signal::KILL);
        self.process.wait()?;
        Ok(())
    }

    /// The end of what it wrote to its standard output.
    pub(super) fn stdout(&self) -> io::Result<String> {
        written(&self.stdout)
    }

    /// The end of what it wrote to its standard error.
    pub(super) fn stderr(&self) -> io::Result<String> {
        written(&self.stderr)
    }
}

/// The last lines of a text as people read them, each cut where it is long.
pub(super) fn last_lines(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(LAST_LINES);
    lines.into_iter().skip(last).map(|line| terminal::shown(line).chars().take(WIDTH).collect())
}

/// A file for output without a name; it is the process's own, which may open it again as `/dev/stdout`.
fn stream(directory: &Path, owner: &TestRequest) -> io::Result<File> {
    let path = directory.join("stream");
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    fs::remove_file(path)?;
    fchown(&file, Some(owner.uid), Some(owner.gid))?;
    Ok(file)
}

fn written(file: &File) -> io::Result<String> {
    let size = file.metadata()?.len();
    let mut bytes = vec![0; usize::try_from(size.min(KEPT)).unwrap_or_default()];
    let read = file.read_at(&mut bytes, size.saturating_sub(KEPT))?;
    Ok(String::from_utf8_lossy(&bytes[..read]).into_owned())
}

impl End {
    /// An error unless it ended with this exit code.
    pub(super) fn expect(&self, code: u8) -> Result<(), String> {
        if self.0.code() == Some(code.into()) {
            return Ok(());
        }
        Err(format!("it ended with {self}, not with exit code {code}"))
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0.code(), self.0.signal()) {
            (Some(code), _) => write!(f, "exit code {code}"),
            (None, signal) => write!(f, "signal {}", signal.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_what_is_written_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        let kept = usize::try_from(KEPT).unwrap();
        fs::write(&path, format!("first\n{}\nlast", "x".repeat(kept))).unwrap();
        let text = written(&File::open(path).unwrap()).unwrap();
        assert_eq!(text.len(), kept);
        let lines: Vec<String> = last_lines(&text.replace("last", "\u{1b}[31mlast\u{1b}[0m")).collect();
        assert_eq!(lines, ["x".repeat(WIDTH), "last".to_owned()]);
        assert_eq!(last_lines(&"a\n".repeat(99)).count(), LAST_LINES);
    }
}
