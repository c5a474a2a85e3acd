//! What users read of a bug of ours.

use std::panic::PanicHookInfo;

/// A bug of ours, with the request to report it.
pub fn internal(message: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("internal error in cofferdam {version}: {message}; please report it with the manifest")
}

/// What a panic says, and where.
pub fn panicked(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic");
    panic.location().map_or(text.to_owned(), |place| format!("{text} ({place})"))
}
