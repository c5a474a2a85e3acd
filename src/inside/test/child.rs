//! A process of the image: what it writes, how it ends, and its end where it does not end by itself.

use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::step::TestRequest;

/// As much of a stream as is kept: its end.
const KEPT: usize = 1 << 20;
/// How many lines of each stream tell what happened.
const LAST_LINES: usize = 10;
/// How many characters of a line are told.
const WIDTH: usize = 300;
/// How often a process is looked at.
pub(super) const PAUSE: Duration = Duration::from_millis(20);
/// How long a process may take to stop when it is asked to, and its streams to end after it.
const GRACE: Duration = Duration::from_secs(3);

/// A running process and what it wrote.
pub(super) struct Child {
    process: process::Child,
    pid: Pid,
    stdout: Stream,
    stderr: Stream,
}

/// How a process ended.
pub(super) struct End(ExitStatus);

/// What is read of a stream by a thread of its own, so that a process never waits for its reader.
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Child {
    /// Starts a program of the image as the image would be started, in a process group of its own.
    pub(super) fn start(request: &TestRequest, argv: &[String]) -> io::Result<Child> {
        let [program, arguments @ ..] = argv else { return Err(io::ErrorKind::InvalidInput.into()) };
        let mut process = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(&request.env)
            .current_dir(&request.workdir)
            .uid(request.uid)
            .gid(request.gid)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = Stream::read(process.stdout.take(), io::stdout());
        let stderr = Stream::read(process.stderr.take(), io::stderr());
        Ok(Child { pid: Pid::from_child(&process), process, stdout, stderr })
    }

    /// How it ended; `None` where it runs at the deadline.
    pub(super) fn wait(&mut self, deadline: Instant) -> io::Result<Option<End>> {
        loop {
            if let Some(status) = self.process.try_wait()? {
                self.drain();
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
        self.drain();
        Ok(())
    }

    /// The end of what it wrote to its standard output.
    pub(super) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// The end of what it wrote to its standard error.
    pub(super) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// The last lines that it wrote to its two streams.
    pub(super) fn last_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for text in [self.stdout(), self.stderr()] {
            let all: Vec<&str> = text.lines().collect();
            let last = &all[all.len().saturating_sub(LAST_LINES)..];
            lines.extend(last.iter().map(|line| line.chars().take(WIDTH).collect::<String>()));
        }
        lines
    }

    /// Waits for the ends of the streams, which another process may hold open for ever.
    fn drain(&self) {
        let deadline = Instant::now() + GRACE;
        let is_open = |stream: &Stream| !stream.reader.is_finished();
        while (is_open(&self.stdout) || is_open(&self.stderr)) && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
    }
}

impl Stream {
    /// Keeps the end of a stream while it goes on to where people see it.
    fn read(from: Option<impl Read + Send + 'static>, mut to: impl Write + Send + 'static) -> Stream {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut piece = [0; 8192];
            let Some(mut from) = from else { return };
            while let Ok(read @ 1..) = from.read(&mut piece) {
                // The log is for people; the test goes on without it.
                let _ = to.write_all(&piece[..read]);
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&piece[..read]);
                let surplus = kept.len().saturating_sub(KEPT);
                kept.drain(..surplus);
            }
        });
        Stream { bytes, reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
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
    fn only_the_end_of_a_stream_is_kept() {
        let text = format!("first\n{}last", "x".repeat(KEPT));
        let stream = Stream::read(Some(io::Cursor::new(text.into_bytes())), io::sink());
        while !stream.reader.is_finished() {
            thread::sleep(PAUSE);
        }
        let kept = stream.text();
        assert!(kept.len() == KEPT && kept.starts_with('x') && kept.ends_with("xlast"));
    }
}
