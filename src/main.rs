//! The binary's entry: decides which of the three edges was called.

use std::process::ExitCode;

use cofferdam::{gateway, inside, step};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == step::INSIDE) {
        return inside::run(&arguments[1..]);
    }
    let variables = environment();
    if gateway::is_frontend(&variables) {
        return gateway::serve(variables);
    }
    command_line()
}

/// The environment, read here and nowhere else; what is not UTF-8 is none of ours.
#[allow(clippy::disallowed_methods)]
fn environment() -> Vec<(String, String)> {
    let text = |value: std::ffi::OsString| value.into_string().ok();
    std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect()
}

#[cfg(feature = "cli")]
fn command_line() -> ExitCode {
    cofferdam::cli::run()
}

#[cfg(not(feature = "cli"))]
#[allow(clippy::print_stderr)]
fn command_line() -> ExitCode {
    eprintln!("cofferdam {} is a BuildKit frontend: it is started by BuildKit", env!("CARGO_PKG_VERSION"));
    ExitCode::from(2)
}
