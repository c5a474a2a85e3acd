//! Servers of the tests on loopback: files over HTTP, and a repository.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Context, Process, Service};

/// Files over HTTP, until the tests end.
pub(crate) struct Files {
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
}

impl Files {
    /// Serves files by their paths.
    pub(crate) fn serve(files: &[(&str, &[u8])]) -> Files {
        Files::with_header(files, "")
    }

    /// The same, with a line in the head of every answer.
    pub(crate) fn with_header(files: &[(&str, &[u8])], header: &'static str) -> Files {
        let files: BTreeMap<String, Vec<u8>> =
            files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up early is no concern of the server.
                let _ = answer(stream, &files, header);
            }
        });
        Files { url }
    }
}

fn answer(mut stream: TcpStream, files: &BTreeMap<String, Vec<u8>>, header: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (status, body) = match files.get(path) {
        Some(body) => ("200 OK", &body[..]),
        None => ("404 Not Found", &b"not found"[..]),
    };
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    if method == "HEAD" { Ok(()) } else { stream.write_all(body) }
}

/// A repository behind git's own protocol, until the value is dropped.
pub(crate) struct Repository {
    daemon: Child,
    /// `git://127.0.0.1:port/name`.
    pub(crate) url: String,
    /// The commit of the branch `main`.
    pub(crate) commit: String,
}

impl Repository {
    /// Commits a directory's files to `main` and serves them.
    pub(crate) fn of(directory: &Path) -> Repository {
        let commit = committed(directory, "v1");
        let port = Service::free_port();
        let daemon = Command::new("git")
            .args(["daemon", "--export-all", "--listen=127.0.0.1"])
            .args([
                format!("--port={port}"),
                format!("--base-path={}", directory.parent().unwrap().display()),
            ])
            .arg(directory)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(10), "git's daemon does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        let name = directory.file_name().unwrap().to_string_lossy();
        Repository { daemon, url: format!("git://127.0.0.1:{port}/{name}"), commit }
    }
}

/// Commits a directory's files to `main`, with a tag, and returns the commit.
fn committed(directory: &Path, tag: &str) -> String {
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        Process::new("git").args(identity).args(args).directory(directory).stdout()
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message=one"]);
    git(&["tag", "--annotate", "--message=release", tag]);
    git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// A repository over ssh, for one key, until the value is dropped.
pub(crate) struct Private {
    server: Child,
    /// `ssh://git@127.0.0.1:port`; the repository is called `private`.
    pub(crate) url: String,
    /// Has the client's `key`, the server's `known_hosts`, and `other_hosts` with another key for the same host.
    pub(crate) keys: Context,
    /// The commit of the branch `main`.
    pub(crate) commit: String,
}

impl Private {
    /// Commits a directory's files to `main`, with a tag, and serves them.
    pub(crate) fn of(directory: &Path, tag: &str) -> Private {
        let keys = Context::empty("keys");
        let commit = committed(directory, tag);
        Process::new("git")
            .args(["clone", "--quiet", "--bare"])
            .args([directory, &keys.path().join("private")])
            .stdout();
        let program = keys.path().join("gitssh");
        let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab");
        Process::new("go")
            .args(["build", "-o"])
            .args([&program])
            .args(["./cmd/gitssh"])
            .directory(&lab)
            .stdout();
        let mut command = Command::new(&program);
        let mut server =
            command.arg(keys.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Private { server, url: format!("ssh://git@{}", address.trim()), keys, commit }
    }

    /// One of its files.
    pub(crate) fn key(&self, name: &str) -> String {
        self.keys.path().join(name).display().to_string()
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        // git's daemon is a child of the git program, which passes the signal on.
        let _ = Command::new("kill").arg(self.daemon.id().to_string()).status();
        let _ = self.daemon.wait();
    }
}
