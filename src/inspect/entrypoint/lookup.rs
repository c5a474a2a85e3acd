//! Finding the program that a word names, as `execvp` finds it.

use std::io;

use super::super::image::Image;
use super::super::names::is_one_of;
use super::super::shell::SHELLS;
use super::Problem;
use crate::diagnostic::did_you_mean;
use crate::tree::{FilePath, Resolved, Stat, escaped};

/// What a word names.
pub(super) enum Lookup {
    /// Something that is not a link.
    Found(FilePath, Stat),
    /// Nothing that could be started.
    Not(Problem),
}

/// Looks up a word: with a slash it is a path from the working directory, without one it is searched in `PATH`.
pub(super) fn look_up(image: &Image<'_>, word: &[u8]) -> io::Result<Lookup> {
    if word.contains(&b'/') {
        return follow(image, word, |path| suggest_program(image, path.name()));
    }
    search(image, &FilePath::new(&image.request.workdir), word)
}

/// Follows a path from the working directory; `suggest` tells what else could be meant by one that leads nowhere.
pub(super) fn follow(
    image: &Image<'_>,
    word: &[u8],
    suggest: impl Fn(&FilePath) -> String,
) -> io::Result<Lookup> {
    let workdir = FilePath::new(&image.request.workdir);
    Ok(match image.resolve_from(&workdir, word)? {
        Resolved::Found(path, stat) => Lookup::Found(path, stat),
        Resolved::Missing { path, link: Some(link) } => {
            let message = format!("the link `{link}` leads to `{path}`, which is not there");
            let help = suggest(&path);
            Lookup::Not(Problem { path, message, help })
        }
        Resolved::Missing { link: None, .. } => {
            let directory = if word.starts_with(b"/") { FilePath::root() } else { workdir };
            let path = FilePath::new([directory.as_bytes(), b"/", word].concat());
            let message = format!("`{path}` is not there");
            let help = suggest(&path);
            Lookup::Not(Problem { path, message, help })
        }
        Resolved::Loop(path) | Resolved::Escapes { link: Some(path), .. } => {
            let message = format!("the link `{path}` leads round in circles");
            Lookup::Not(Problem { path, message, help: "let the link lead to what is meant".to_owned() })
        }
        Resolved::Escapes { link: None, .. } => {
            let message = "the path leads nowhere".to_owned();
            Lookup::Not(Problem { path: FilePath::new(word), message, help: String::new() })
        }
    })
}

fn search(image: &Image<'_>, workdir: &FilePath, word: &[u8]) -> io::Result<Lookup> {
    let (uid, gid) = (image.request.uid, image.request.gid);
    let mut refused = None;
    for directory in image.search_path() {
        let path = [directory.as_bytes(), b"/", word].concat();
        let path = if directory.is_empty() { word.to_vec() } else { path };
        if let Resolved::Found(path, stat) = image.resolve_from(workdir, path)? {
            if stat.is_file() && stat.permits_execution(uid, gid) {
                return Ok(Lookup::Found(path, stat));
            }
            // The search goes on, but if nothing better comes, this is what there is to say.
            refused = refused.or(stat.is_file().then_some((path, stat)));
        }
    }
    if let Some((path, stat)) = refused {
        return Ok(Lookup::Found(path, stat));
    }
    let searched: Vec<&str> = image.search_path().collect();
    let message = format!("none of the directories in PATH has it ({})", searched.join(", "));
    // It is missing in the whole image, not at a place of its own.
    Ok(Lookup::Not(Problem { path: FilePath::root(), message, help: suggest_program(image, word) }))
}

/// What could be meant by a program that is not there.
fn suggest_program(image: &Image<'_>, name: &[u8]) -> String {
    let programs = image.entries.iter().filter(|(_, stat)| stat.is_executable()).map(|(path, _)| path);
    let otherwise = if is_one_of(name, SHELLS) {
        "the image has no shell: name the program itself, with its arguments as words of their own"
    } else if is_one_of(name, &["npm", "npx", "pnpm", "yarn"]) {
        "the image has no package manager: name what its script starts, such as `[node, server.js]`"
    } else {
        "name a program that the build makes, by its path, or one that a declared dependency brings"
    };
    suggest(name, &programs.collect::<Vec<_>>(), otherwise)
}

/// A file of that very name elsewhere, or one with nearly that name, or what else there is to say.
pub(super) fn suggest(name: &[u8], files: &[&FilePath], otherwise: &str) -> String {
    if let Some(same) = files.iter().find(|file| file.name() == name) {
        return format!("the image has `{same}`: name it with its whole path");
    }
    let names: Vec<String> = files.iter().map(|file| escaped(file.name())).collect();
    let near = did_you_mean(&escaped(name), names.iter().map(String::as_str));
    match near.and_then(|near| names.iter().position(|name| name == near)) {
        Some(index) => format!("did you mean `{}`?", files[index]),
        None => otherwise.to_owned(),
    }
}
