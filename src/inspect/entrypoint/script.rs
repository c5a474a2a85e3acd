//! Scripts: their interpreter must be startable too.

use std::io;

use super::super::image::Image;
use super::{Problem, start};
use crate::tree::{FilePath, escaped};

/// What keeps a script from starting; `beginning` starts with `#!`.
pub(super) fn check(
    image: &Image<'_>,
    path: FilePath,
    beginning: &[u8],
    interpreters: usize,
) -> io::Result<Option<Problem>> {
    let line = beginning[2..].split(|&b| b == b'\n').next().unwrap_or_default();
    let mut words = line.split(|&b| b == b' ' || b == b'\t').filter(|word| !word.is_empty());
    let Some(interpreter) = words.next() else {
        let message = format!("the script `{path}` names no interpreter after `#!`");
        return Ok(Some(Problem { path, message, help: "name the interpreter's path".to_owned() }));
    };
    if line.ends_with(b"\r") {
        let message = format!("the first line of the script `{path}` ends with a carriage return");
        let help = "save the script with Unix line ends: the kernel takes the return for a part of the name";
        return Ok(Some(Problem { path, message, help: help.to_owned() }));
    }
    if interpreters == 0 {
        let message = format!("the script `{path}` is the interpreter of too many scripts");
        return Ok(Some(Problem { path, message, help: "let the interpreter be a program".to_owned() }));
    }
    // The kernel searches no PATH: a bare name is a file of the working directory.
    let from_workdir = [b"./", interpreter].concat();
    let path_of = if interpreter.contains(&b'/') { interpreter } else { &from_workdir };
    let mut problem = start(image, path_of, interpreters - 1)?;
    let mut named = interpreter;
    if problem.is_none() && FilePath::new(interpreter).name() == b"env" {
        let is_program = |word: &&[u8]| !word.starts_with(b"-") && !word.contains(&b'=');
        if let Some(program) = words.find(is_program) {
            named = program;
            problem = start(image, program, interpreters - 1)?;
        }
    }
    Ok(problem.map(|inner| {
        let message = format!("the script `{path}` needs `{}`: {}", escaped(named), inner.message);
        let help = format!(
            "{}; or start the program that the script starts, without the script",
            inner.help.trim_end_matches('.')
        );
        Problem { path, message, help }
    }))
}
