//! An HTTP service that counts its visitors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tiny_http::{Header, Request, Response, Server};

/// What the service says of itself.
#[derive(Serialize)]
struct About<'a> {
    service: &'a str,
    version: &'a str,
    greeting: &'a str,
    visitors: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("{}", env!("CARGO_PKG_VERSION"));
        return Ok(());
    }
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "0.0.0.0:8080".to_owned());
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
    let server = Arc::new(Server::http(&address)?);
    eprintln!("listening on {address}");
    let stopper = Arc::clone(&server);
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            stopper.unblock();
        }
    });
    let visitors = AtomicU64::new(0);
    for request in server.incoming_requests() {
        answer(request, &greeting, &visitors)?;
    }
    eprintln!("stopped");
    Ok(())
}

fn answer(request: Request, greeting: &str, visitors: &AtomicU64) -> std::io::Result<()> {
    match request.url() {
        "/healthz" => request.respond(Response::from_string("ok\n")),
        "/" => {
            let visitors = visitors.fetch_add(1, Ordering::Relaxed) + 1;
            let about = About { service: "counter", version: env!("CARGO_PKG_VERSION"), greeting, visitors };
            let header = Header::from_bytes("Content-Type", "application/json");
            let body = Response::from_string(serde_json::to_string(&about)?);
            request.respond(header.into_iter().fold(body, Response::with_header))
        }
        _ => request.respond(Response::from_string("not found\n").with_status_code(404)),
    }
}
