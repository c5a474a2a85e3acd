//! The command line: one file per command.

mod check;
mod directory;
mod init;
mod rules;
mod schema;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Turns a short manifest into a minimal, proven container image.
///
/// Images are built by BuildKit: `docker buildx build -f cofferdam.yaml .`
#[derive(Debug, Parser)]
#[command(name = "cofferdam", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Init(init::Init),
    Rules(rules::Rules),
    Schema(schema::Schema),
}

/// The manifest or the image breaks a rule.
const BROKEN: u8 = 1;
/// The command line is wrong, or a file cannot be read.
const USAGE: u8 = 2;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    match CommandLine::parse().command {
        Command::Check(check) => check.run(),
        Command::Init(init) => init.run(),
        Command::Rules(rules) => rules.run(),
        Command::Schema(schema) => schema.run(),
    }
}

/// Prints to stdout; a reader that went away is no error of ours.
fn print(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Prints to stderr and fails.
fn fail(code: u8, text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    ExitCode::from(code)
}
