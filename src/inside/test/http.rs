//! One request to what the image starts (RFC 9112), and the status of the answer.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::child::{Child, PAUSE};

/// The first line of an answer is no longer than this.
const LONGEST_LINE: usize = 8192;

/// What is wrong with the answer to a GET, which is asked for when something listens on the port.
pub(super) fn check(
    child: &mut Child,
    port: u16,
    path: &str,
    status: u16,
    deadline: Instant,
) -> io::Result<Result<(), String>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = loop {
        match TcpStream::connect_timeout(&address, left(deadline)) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() >= deadline => {
                return Ok(Err(format!("nothing listens on port {port} in time: {error}")));
            }
            Err(_) => {}
        }
        if let Some(end) = child.wait(Instant::now())? {
            return Ok(Err(format!("it ended with {end} before anything listened on port {port}")));
        }
        thread::sleep(PAUSE);
    };
    Ok(match get(stream, address, path, deadline) {
        Ok(got) if got == status => Ok(()),
        Ok(got) => Err(format!("it answers with status {got}, not {status}")),
        Err(error) => Err(format!("it gives no answer: {error}")),
    })
}

/// The status of the answer.
fn get(mut stream: TcpStream, host: SocketAddr, path: &str, deadline: Instant) -> io::Result<u16> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 512];
    while answer.len() < LONGEST_LINE && !answer.contains(&b'\n') {
        stream.set_read_timeout(Some(left(deadline)))?;
        match stream.read(&mut piece)? {
            0 => break,
            read => answer.extend_from_slice(&piece[..read]),
        }
    }
    let text = String::from_utf8_lossy(&answer);
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    let version = words.next().filter(|version| version.starts_with("HTTP/1."));
    let status = version.and(words.next()).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other(format!("`{line}` is not how HTTP/1.1 answers")))
}

/// The time that is left; never none, which would mean for ever.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}
