//! What to say when a declared artifact is not there: what is there instead.

use std::io;

use super::shown;
use crate::diagnostic::did_you_mean;
use crate::step::{Artifact, Finding, code};
use crate::tree::{FilePath, Tree, escaped, walk};

/// As many names as a person reads.
const MOST_NAMES: usize = 12;

/// The finding for an artifact whose way ends at `end`, after the link `link`; `seen_at` tells what the input is.
pub(super) fn finding(
    input: &dyn Tree,
    seen_at: &FilePath,
    artifact: &Artifact,
    end: &FilePath,
    link: Option<&FilePath>,
) -> io::Result<Finding> {
    let message = match link {
        Some(link) => format!(
            "`{}` cannot be copied: the symbolic link `{}` leads to `{}`, which is not there",
            artifact.from,
            shown(link),
            escaped(&input.link_target(link)?)
        ),
        None => format!("there is no `{}` to copy", artifact.from),
    };
    let directory = end.parent().unwrap_or_default();
    let names = match input.stat(&directory)? {
        Some(stat) if stat.is_directory() => input.list(&directory)?,
        _ => Vec::new(),
    };
    let names: Vec<String> = names.iter().map(|name| escaped(name)).collect();
    let listing = match seen_at.is_root() {
        // No more of the context is sent than what is named, so what else is there is not known.
        true => "it is looked for in the build context, from its root; an ignore file may hide it".to_owned(),
        false => format!("{} has {}", place(&directory), enumerate(&names)),
    };
    let help = match (link, suggestion(input, end, &directory, &names)?) {
        (Some(_), _) => {
            "what a link leads to does not come with it: name that file itself, or put it in the link's place"
                .to_owned()
        }
        (None, Some(suggestion)) => format!("did you mean `{suggestion}`? {listing}"),
        (None, None) => listing,
    };
    Ok(Finding::new(code::ARTIFACT_MISSING, &artifact.from, message).help(help))
}

/// A neighbour with nearly this name, or something of this very name elsewhere.
fn suggestion(
    input: &dyn Tree,
    end: &FilePath,
    directory: &FilePath,
    names: &[String],
) -> io::Result<Option<String>> {
    let name = escaped(end.name());
    if let Some(near) = did_you_mean(&name, names.iter().map(String::as_str)) {
        let near = FilePath::new(near);
        return Ok(Some(shown(&directory.join(near.as_bytes()))));
    }
    let same = walk(input, &FilePath::root())?.into_iter().find(|entry| entry.path.name() == end.name());
    Ok(same.map(|entry| shown(&entry.path)))
}

fn place(directory: &FilePath) -> String {
    if directory.as_bytes().is_empty() { "the output".to_owned() } else { format!("`{}`", shown(directory)) }
}

fn enumerate(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "nothing in it".to_owned(),
        count if count > MOST_NAMES => format!("{} and {} more", quoted.join(", "), count - MOST_NAMES),
        _ => quoted.join(", "),
    }
}
