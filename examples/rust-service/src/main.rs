//! An HTTP service that counts its visitors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tower_http::trace::TraceLayer;
use tracing::info;

/// What the service says of itself.
#[derive(Serialize)]
struct About {
    service: &'static str,
    version: &'static str,
    greeting: String,
    visitors: u64,
}

struct Counter {
    greeting: String,
    visitors: AtomicU64,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("{}", env!("CARGO_PKG_VERSION"));
        return Ok(());
    }
    tracing_subscriber::fmt().with_ansi(false).init();
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "0.0.0.0:8080".to_owned());
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
    let counter = Arc::new(Counter { greeting, visitors: AtomicU64::new(0) });
    let service = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/", get(about))
        .layer(TraceLayer::new_for_http())
        .with_state(counter);
    let listener = TcpListener::bind(&address).await?;
    info!("listening on {address}");
    axum::serve(listener, service).with_graceful_shutdown(stopped()).await?;
    info!("stopped");
    Ok(())
}

async fn about(State(counter): State<Arc<Counter>>) -> Json<About> {
    let visitors = counter.visitors.fetch_add(1, Ordering::Relaxed) + 1;
    let (service, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    Json(About { service, version, greeting: counter.greeting.clone(), visitors })
}

/// Ends when the container is asked to stop.
async fn stopped() {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    if let (Ok(mut terminate), Ok(mut interrupt)) = signals {
        tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
    }
}
