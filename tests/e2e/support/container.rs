//! Running finished images: read-only, without capabilities, as the user that they name.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{Finished, lab};

/// A container in the background, stopped with the value.
pub(crate) struct Service {
    name: String,
    port: u16,
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
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        (status.unwrap_or_else(|| panic!("no HTTP answer: {answer:?}")), body.to_owned())
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
