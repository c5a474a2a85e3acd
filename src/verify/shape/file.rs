//! The shape of a file operation: one tree, changed by copies, made directories and made files, one after another.

use super::{Refusal, all_used, clean, input};
use crate::verify::graph::{Link, Vertex};
use crate::wire::pb::{self, file_action::Action};

/// Files that are made and copied.
#[derive(Debug)]
pub(in crate::verify) struct File<'g> {
    /// The tree that is changed; `None` for an empty one.
    pub(in crate::verify) over: Option<Link>,
    /// The changes.
    pub(in crate::verify) acts: Vec<Act<'g>>,
}

/// One change.
#[derive(Debug)]
pub(in crate::verify) enum Act<'g> {
    /// A copy from another tree.
    Copy(Link, &'g pb::FileActionCopy),
    /// An archive, unpacked into an empty tree.
    Unpack(Link),
    /// A made file.
    Mkfile(&'g pb::FileActionMkFile),
    /// A made directory.
    Mkdir,
}

/// The file operation that an operation is.
pub(super) fn read<'g>(file: &'g pb::FileOp, vertex: &Vertex) -> Result<File<'g>, Refusal> {
    let Some((last, before)) = file.actions.split_last() else {
        return Err(Refusal::shape("is a file operation without an action"));
    };
    if last.output != 0 || before.iter().any(|action| action.output != -1) {
        return Err(Refusal::shape("gives something else than the result of its last action"));
    }
    let over = input(vertex, file.actions[0].input)?;
    // Indices count the inputs first, then the results of the actions: each action changes the one before.
    let results = i64::try_from(vertex.inputs.len()).unwrap_or(i64::MAX);
    if file.actions.iter().skip(1).zip(results..).any(|(action, result)| action.input != result) {
        return Err(Refusal::shape("has an action that does not go on from the one before"));
    }
    let used = file.actions.iter().map(|action| action.secondary_input);
    all_used(vertex, used.chain([file.actions[0].input]))?;
    let acts = file.actions.iter().map(|action| act(action, vertex)).collect::<Result<_, _>>()?;
    Ok(File { over, acts })
}

fn act<'g>(action: &'g pb::FileAction, vertex: &Vertex) -> Result<Act<'g>, Refusal> {
    let from = input(vertex, action.secondary_input)?;
    match (action.action.as_ref(), from) {
        (Some(Action::Copy(copy)), Some(from)) if *copy == unpacking(copy) => Ok(Act::Unpack(from)),
        (Some(Action::Copy(copy)), Some(from)) => is_plain_copy(copy).map(|()| Act::Copy(from, copy)),
        (Some(Action::Copy(_)), None) => Err(Refusal::shape("copies from nothing")),
        (Some(Action::Mkfile(file)), None) => is_plain_file(file).map(|()| Act::Mkfile(file)),
        (Some(Action::Mkdir(directory)), None) => is_plain_directory(directory).map(|()| Act::Mkdir),
        (Some(Action::Mkfile(_) | Action::Mkdir(_)), Some(_)) => {
            Err(Refusal::shape("makes a file and reads another tree for it"))
        }
        (Some(Action::Rm(_)), _) => Err(Refusal::shape("removes files")),
        (Some(Action::Symlink(_)), _) => Err(Refusal::shape("makes a symbolic link")),
        (None, _) => Err(Refusal::shape("has an action that does nothing")),
    }
}

/// The copy that unpacks a file into the root, with nothing else about it.
fn unpacking(copy: &pb::FileActionCopy) -> pb::FileActionCopy {
    pb::FileActionCopy {
        src: copy.src.clone(),
        dest: "/".to_owned(),
        mode: -1,
        timestamp: -1,
        attempt_unpack_docker_compatibility: true,
        ..Default::default()
    }
}

/// What is copied, where to, which time it gets and which names are chosen may differ; all else is fixed.
fn is_plain_copy(copy: &pb::FileActionCopy) -> Result<(), Refusal> {
    clean(&copy.src)?;
    clean(&copy.dest)?;
    let plain = pb::FileActionCopy {
        src: copy.src.clone(),
        dest: copy.dest.clone(),
        mode: -1,
        follow_symlink: copy.follow_symlink,
        dir_copy_contents: copy.dir_copy_contents,
        timestamp: copy.timestamp,
        include_patterns: copy.include_patterns.clone(),
        exclude_patterns: copy.exclude_patterns.clone(),
        ..Default::default()
    };
    if *copy == plain { Ok(()) } else { Err(Refusal::shape("copies and changes what it copies")) }
}

fn is_plain_file(file: &pb::FileActionMkFile) -> Result<(), Refusal> {
    clean(&file.path)?;
    let plain = file.owner.is_none() && (0..=0o777).contains(&file.mode);
    if plain { Ok(()) } else { Err(Refusal::shape("makes a file with an owner or an unusual mode")) }
}

fn is_plain_directory(directory: &pb::FileActionMkDir) -> Result<(), Refusal> {
    clean(&directory.path)?;
    let plain = directory.owner.is_none() && (0..=0o1777).contains(&directory.mode);
    if plain { Ok(()) } else { Err(Refusal::shape("makes a directory with an owner or an unusual mode")) }
}
