//! Running finished images: read-only, without capabilities, as the user that they name.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{Finished, lab};

/// A container in the background, stopped with the value.
pub(crate) struct Service {
    name: String,
    port: u16,
}

/// What a service answered; names of headers are in lower case, and a body that is no text is only nearly itself.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// Runs an image to its end; it must succeed. `options` are `lab run`'s, `args` the program's.
pub(crate) fn run(image: &str, options: &[&str], args: &[&str]) -> String {
    let finished = try_run(image, options, args);
    assert!(finished.success, "{image} {args:?} failed ({:?}):\n{}", finished.code, finished.all());
    String::from_utf8(finished.stdout).unwrap()
}

/// Runs an image to its end, however that is.
pub(crate) fn try_run(image: &str, options: &[&str], args: &[&str]) -> Finished {
    lab().verb(&[&["run"], options, &[image], args].concat()).finish()
}

impl Service {
    /// A port that nothing listens on.
    pub(crate) fn free_port() -> u16 {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    /// Starts an image that will listen on the port.
    pub(crate) fn start(name: &str, port: u16, image: &str, options: &[&str], args: &[&str]) -> Service {
        let service = Service { name: name.to_owned(), port };
        // A run of the tests that was killed may have left one.
        lab().verb(&["stop", name]).stdout();
        let detach = ["run", "--detach", "--name", name];
        lab().verb(&[&detach, options, &[image], args].concat()).stdout();
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "nothing listens:\n{}", service.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        service
    }

    /// Status and body of a path.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let answer = self.ask(path, &[]);
        (answer.status, answer.body)
    }

    /// What a path is answered with, where the request has these headers besides.
    pub(crate) fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n{}\r\n", headers.concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no HTTP answer: {answer:?}"));
        let headers = head.lines().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Answer { status, headers, body: body.to_owned() }
    }

    pub(crate) fn log(&self) -> String {
        lab().verb(&["logs", "--container", &self.name]).finish().all()
    }

    /// Asks it to stop; returns how long that took.
    pub(crate) fn stop(self) -> Duration {
        let start = Instant::now();
        lab().verb(&["stop", &self.name]).stdout();
        start.elapsed()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = lab().verb(&["stop", &self.name]).finish();
    }
}
