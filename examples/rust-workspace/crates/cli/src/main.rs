//! Prints a motto.

use std::process::ExitCode;

use lexopt::prelude::*;

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("motto: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, Box<dyn std::error::Error>> {
    let mut number = 0;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('n') | Long("number") => number = parser.value()?.parse()?,
            Long("version") => return Ok(env!("CARGO_PKG_VERSION").to_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    let motto = words::motto(number)?;
    Ok(if cfg!(feature = "loud") { motto.to_uppercase() } else { motto.to_owned() })
}
