//! Links of a builder's output: which may cross, and how they are written.

use std::io;

use super::shown;
use crate::rule;
use crate::step::Finding;
use crate::tree::{Bounds, FilePath, Resolved, Tree, escaped, resolve};

const HELP: &str =
    "let the build write a copy of the file instead of a link, or declare what the link leads to";

/// What becomes of a link below an artifact.
pub(super) enum Kept {
    /// It crosses with this target.
    As(Vec<u8>),
    /// It does not cross.
    Not(Finding),
}

/// Judges the link at `path`, which lies below the directory `artifact`.
pub(super) fn judge(
    input: &dyn Tree,
    seen_at: &FilePath,
    artifact: &FilePath,
    path: &FilePath,
) -> io::Result<Kept> {
    let target = input.link_target(path)?;
    let parent = path.parent().unwrap_or_default();
    let leads = |where_to: &str| {
        let message =
            format!("`{}` is a symbolic link to `{}`, which {where_to}", shown(path), escaped(&target));
        Kept::Not(Finding::new(rule::STAGING_LEAK.name, &shown(path), message).help(HELP))
    };
    let outside = format!("leads out of the artifact `{}`", shown(artifact));
    let resolved = resolve_in_part(input, seen_at, &parent, &target)?;
    Ok(match resolved {
        Resolved::Found(end, _) => match (end.below(artifact), parent.below(artifact)) {
            (Some(_), Some(from)) if is_plain(&target, &from) => Kept::As(target),
            (Some(to), Some(from)) => Kept::As(relative(&from, &to)),
            _ => leads(&outside),
        },
        // It dangles in the image as it dangled in the builder, as long as nothing outside can make it whole.
        Resolved::Missing { path: end, .. } => match (end.below(artifact), parent.below(artifact)) {
            (Some(_), Some(from)) if is_plain(&target, &from) => Kept::As(target),
            (Some(_), _) => leads("leads to nothing"),
            _ => leads(&outside),
        },
        Resolved::Escapes { .. } => leads("leads out of the builder's output"),
        Resolved::Loop(_) => leads("leads round in circles"),
    })
}

/// The finding for an artifact that is, or lies behind, a link that leaves the output.
pub(super) fn escaping_artifact(from: &str, link: Option<&FilePath>, target: &[u8]) -> Finding {
    let target = escaped(target);
    let (path, message) = match link {
        None => (from.to_owned(), format!("the artifact `{from}` lies outside the builder's output")),
        Some(link) if *link == FilePath::new(from) => (
            shown(link),
            format!("the artifact `{from}` is a symbolic link to `{target}`, outside the builder's output"),
        ),
        Some(link) => (
            shown(link),
            format!(
                "the artifact `{from}` lies behind the symbolic link `{}`, which leads to `{target}`, outside \
                 the builder's output",
                shown(link)
            ),
        ),
    };
    Finding::new(rule::STAGING_LEAK.name, &path, message).help(HELP)
}

fn resolve_in_part(
    input: &dyn Tree,
    seen_at: &FilePath,
    parent: &FilePath,
    target: &[u8],
) -> io::Result<Resolved> {
    if let Some(rest) = target.strip_prefix(b"/") {
        let mut parts = rest.split(|&b| b == b'/').filter(|part| !matches!(*part, b"" | b"."));
        if !seen_at.parts().all(|part| parts.next() == Some(part)) {
            return Ok(Resolved::Escapes { link: None, target: target.to_vec() });
        }
        let inside = parts.collect::<Vec<_>>().join(&b'/');
        return resolve(input, &FilePath::root(), inside, Bounds::Part { seen_at });
    }
    resolve(input, parent, target, Bounds::Part { seen_at })
}

/// Whether a target is relative, climbs only at its beginning, and no higher than the artifact: such a link
/// means the same wherever the artifact is put.
fn is_plain(target: &[u8], from: &FilePath) -> bool {
    let parts: Vec<&[u8]> = target.split(|&b| b == b'/').collect();
    let climbs = parts.iter().take_while(|part| **part == b"..").count();
    !target.starts_with(b"/")
        && climbs <= from.parts().count()
        && parts.iter().skip(climbs).all(|part| *part != b"..")
}

/// The path that leads from the directory `from` to `to`.
fn relative(from: &FilePath, to: &FilePath) -> Vec<u8> {
    let (from, to): (Vec<&[u8]>, Vec<&[u8]>) = (from.parts().collect(), to.parts().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n(&b".."[..], from.len() - common);
    let parts: Vec<&[u8]> = up.chain(to[common..].iter().copied()).collect();
    if parts.is_empty() { b".".to_vec() } else { parts.join(&b'/') }
}
