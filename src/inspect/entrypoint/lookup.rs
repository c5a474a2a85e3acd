//! Finding the program that a word names, as `execvp` finds it.

use std::io;

use super::super::image::Image;
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
    let workdir = FilePath::new(&image.request.workdir);
    if !word.contains(&b'/') {
        return search(image, &workdir, word);
    }
    Ok(match image.resolve_from(&workdir, word)? {
        Resolved::Found(path, stat) => Lookup::Found(path, stat),
        Resolved::Missing { path, link: Some(link) } => {
            let message = format!("the link `{link}` leads to `{path}`, which is not there");
            let help = suggest(image, &path);
            Lookup::Not(Problem { path, message, help })
        }
        Resolved::Missing { link: None, .. } => {
            let directory = if word.starts_with(b"/") { FilePath::root() } else { workdir };
            let path = FilePath::new([directory.as_bytes(), b"/", word].concat());
            let message = format!("`{path}` is not there");
            let help = suggest(image, &path);
            Lookup::Not(Problem { path, message, help })
        }
        Resolved::Loop(path) | Resolved::Escapes { link: Some(path), .. } => {
            let message = format!("the link `{path}` leads round in circles");
            Lookup::Not(Problem { path, message, help: "let the link lead to the program".to_owned() })
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
    let path = FilePath::new(word);
    let help = suggest(image, &path);
    Ok(Lookup::Not(Problem { path, message, help }))
}

/// A program of that very name elsewhere, or a neighbour with nearly that name.
fn suggest(image: &Image<'_>, path: &FilePath) -> String {
    let programs = || image.entries.iter().filter(|(_, stat)| stat.is_executable()).map(|(path, _)| path);
    if let Some(same) = programs().find(|program| program.name() == path.name()) {
        return format!("the image has `{same}`: name it with its whole path");
    }
    let near: Vec<(String, &FilePath)> = programs().map(|p| (escaped(p.name()), p)).collect();
    let name = escaped(path.name());
    let word = did_you_mean(&name, near.iter().map(|(name, _)| name.as_str()));
    match word.and_then(|word| near.iter().find(|(name, _)| name == word)) {
        Some((_, program)) => format!("did you mean `{program}`?"),
        None => "name the path of a program that is an artifact of the build".to_owned(),
    }
}
