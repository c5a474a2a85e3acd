//! The frontend: what BuildKit starts, speaking its gateway protocol over stdin and stdout.
//!
//! The daemon is the server, we are the client: we ask for files and images, have graphs solved, and return
//! one result or one error. stdout belongs to the protocol; what users see are errors, warnings and step names.

mod answer;
mod attestation;
mod blame;
mod bridge;
mod build;
mod capability;
mod checks;
mod context;
#[cfg(test)]
mod context_tests;
mod definition;
mod failure;
#[cfg(test)]
mod fake;
mod guard;
mod option_check;
#[cfg(test)]
mod option_tests;
mod options;
mod outcome;
mod parity;
mod platform_build;
mod proving;
mod scanner;
mod secrets;
mod serve;
mod side_by_side;
mod step_options;
mod subrequest;
mod target;
#[cfg(test)]
mod tests;
mod transport;
mod verdict;

pub use bridge::Bridge;
pub use build::build;
pub use failure::Failure;
pub use options::Options;
pub use serve::{is_frontend, serve};
