//! Other programs, with what they said.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program to run.
pub(crate) struct Process(Command);

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) success: bool,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Process {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Process {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Process(command)
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Process {
        self.0.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Process {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Process {
        self.0.env_remove(name);
        self
    }

    pub(crate) fn directory(mut self, path: &Path) -> Process {
        self.0.current_dir(path);
        self
    }

    /// The command itself, for tests that need more than its end.
    pub(crate) fn into_command(self) -> Command {
        self.0
    }

    pub(crate) fn finish(mut self) -> Finished {
        let output = self.0.output().unwrap_or_else(|error| panic!("{:?}: {error}", self.0));
        Finished {
            success: output.status.success(),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What the program printed; it must succeed.
    pub(crate) fn stdout(self) -> String {
        let shown = format!("{:?}", self.0);
        let finished = self.finish();
        assert!(finished.success, "{shown} failed ({:?}):\n{}", finished.code, finished.all());
        String::from_utf8(finished.stdout).unwrap()
    }
}

impl Finished {
    /// Both outputs.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.stdout), self.stderr)
    }
}

impl From<Command> for Process {
    fn from(command: Command) -> Process {
        Process(command)
    }
}
