//! A file of the image, against what a test expects of it.

use std::io;

use crate::step::FileState;
use crate::tree::{Bounds, FilePath, Resolved, Tree, resolve};

/// What is wrong with a path, links followed; `None` as its state means that nothing is to be there.
pub(super) fn check(image: &dyn Tree, path: &str, like: Option<FileState>) -> io::Result<Result<(), String>> {
    let found = resolve(image, &FilePath::root(), path, Bounds::World)?;
    let Resolved::Found(_, stat) = found else {
        return Ok(match (image.stat(&FilePath::new(path))?, like) {
            (_, Some(_)) => Err("it is not there".to_owned()),
            (None, None) => Ok(()),
            (Some(_), None) => Err("it is there, as a link to nothing".to_owned()),
        });
    };
    let Some(like) = like else { return Ok(Err("it is there".to_owned())) };
    let (mode, owner) = (stat.mode, (stat.uid, stat.gid));
    let expected = (like.uid.unwrap_or(stat.uid), like.gid.unwrap_or(stat.gid));
    Ok(match () {
        () if like.mode.is_some_and(|expected| expected != mode) => {
            Err(format!("it has the mode {mode:04o}, not {:04o}", like.mode.unwrap_or_default()))
        }
        () if owner != expected => {
            Err(format!("it belongs to {}:{}, not to {}:{}", owner.0, owner.1, expected.0, expected.1))
        }
        () => Ok(()),
    })
}
