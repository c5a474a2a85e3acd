//! Staging: the declared artifacts of a builder's output are copied, file by file, and nothing else.

mod bundle;
mod leave_out;
mod link;
mod missing;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use self::leave_out::what_crosses;
use self::link::Kept;
use super::output::{Output, WriteError};
use crate::name::Digest;
use crate::rule;
use crate::step::{Artifact, Directory, Finding, Link, Report, StageRequest, code};
use crate::tree::{Bounds, Content, FilePath, Kind, Resolved, Stat, Tree, escaped, resolve, walk};

/// Copies the artifacts from `input` into the empty directory `out` and reports what could not cross.
///
/// An error only where the disk fails or the input is no tree that can be looked at.
pub fn stage(input: &dyn Tree, out: &Path, request: &StageRequest) -> io::Result<Report> {
    let mut crossing = Crossing {
        input,
        declared: request.links.iter().map(|link| FilePath::new(&link.path)).collect(),
        seen_at: FilePath::new(&request.seen_at),
        output: Output::new(out),
        report: Report { examined: vec![rule::STAGING_LEAK.name.to_owned()], ..Report::default() },
    };
    for artifact in &request.artifacts {
        crossing.artifact(artifact)?;
    }
    for bundle in &request.bundles {
        crossing.bundle(bundle)?;
    }
    for directory in &request.directories {
        crossing.made_directory(directory)?;
    }
    for link in &request.links {
        crossing.made_link(link)?;
    }
    Ok(crossing.report)
}

/// A path of the builder's output as users wrote it: relative, `.` for the whole.
fn shown(path: &FilePath) -> String {
    if path.as_bytes().is_empty() { ".".to_owned() } else { escaped(path.as_bytes()) }
}

/// The SHA-256 of a content in hexadecimal digits.
fn sha256(content: &dyn Content) -> io::Result<String> {
    const PIECE: usize = 256 * 1024;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut offset = 0;
    loop {
        let read = content.read_at(&mut piece, offset)?;
        if read == 0 {
            return Ok(Digest::from_hash(&hash.finalize()).hex().to_owned());
        }
        hash.update(&piece[..read]);
        offset += read as u64;
    }
}

/// The finding for a file whose content is not what its declared checksum says.
fn digest_finding(
    artifact: &Artifact,
    from: &FilePath,
    content: &dyn Content,
) -> io::Result<Option<Finding>> {
    let Some(expected) = &artifact.sha256 else { return Ok(None) };
    let found = sha256(content)?;
    if found == *expected {
        return Ok(None);
    }
    let message = format!("`{}` has the SHA-256 {found}, not {expected}", shown(from));
    let help = "if the new content is what you want, write its checksum into the manifest";
    Ok(Some(Finding::new(code::ARTIFACT_DIGEST, &shown(from), message).help(help)))
}

/// The copying of one output.
struct Crossing<'a> {
    input: &'a dyn Tree,
    /// Where declared links go: what the builder linked there does not cross.
    declared: BTreeSet<FilePath>,
    seen_at: FilePath,
    output: Output,
    report: Report,
}

impl Crossing<'_> {
    fn artifact(&mut self, artifact: &Artifact) -> io::Result<()> {
        let bounds = Bounds::Part { seen_at: &self.seen_at };
        let to = FilePath::new(&artifact.to);
        match resolve(self.input, &FilePath::root(), &artifact.from, bounds)? {
            Resolved::Found(from, stat) if stat.is_directory() => self.directory(artifact, &from, &to),
            Resolved::Found(from, stat) if artifact.into => {
                // A link's own name counts, not that of what it leads to.
                let to = to.join(FilePath::new(&artifact.from).name());
                self.leaf(artifact, &from, stat, &to)
            }
            Resolved::Found(from, stat) => self.leaf(artifact, &from, stat, &to),
            Resolved::Missing { path, link } => {
                if artifact.required {
                    self.find(missing::finding(self.input, &self.seen_at, artifact, &path, link.as_ref())?);
                }
                Ok(())
            }
            Resolved::Escapes { link, target } => {
                self.find(link::escaping_artifact(&artifact.from, link.as_ref(), &target));
                Ok(())
            }
            Resolved::Loop(link) => {
                let message = format!("`{}` leads round in circles through links", artifact.from);
                self.find(Finding::new(code::ARTIFACT_MISSING, &shown(&link), message));
                Ok(())
            }
        }
    }

    fn directory(&mut self, artifact: &Artifact, from: &FilePath, to: &FilePath) -> io::Result<()> {
        let made = self.output.directory(to);
        self.written(made.map(|()| 0))?;
        let mut entries = walk(self.input, from)?;
        if let Some(leave_out) = &artifact.leave_out {
            entries = what_crosses(entries, from, leave_out);
        }
        for entry in entries {
            let Some(relative) = entry.path.below(from) else { continue };
            let target = relative.parts().fold(to.clone(), |target, part| target.join(part));
            match entry.stat.kind {
                Kind::Directory => {
                    let made = self.output.directory(&target);
                    self.written(made.map(|()| 0))?;
                }
                Kind::Link => self.link(from, &entry.path, &target)?,
                _ => self.leaf(artifact, &entry.path, entry.stat, &target)?,
            }
        }
        Ok(())
    }

    /// Copies what is neither a directory nor a link.
    fn leaf(&mut self, artifact: &Artifact, from: &FilePath, stat: Stat, to: &FilePath) -> io::Result<()> {
        if let Kind::Special(kind) = stat.kind {
            let message = format!("`{}` is a {kind}, which cannot be part of an image", shown(from));
            self.find(
                Finding::new(code::ARTIFACT_UNSUPPORTED, &shown(from), message)
                    .help("let the build remove it, or declare only the files that the program needs"),
            );
            return Ok(());
        }
        let content = self.input.open(from)?;
        if let Some(finding) = digest_finding(artifact, from, content.as_ref())? {
            self.find(finding);
            return Ok(());
        }
        self.note_privileges(from, stat, content.as_ref())?;
        let usual = if stat.is_executable() { 0o755 } else { 0o644 };
        let written = self.output.file(to, content.as_ref(), artifact.mode.unwrap_or(usual) & 0o777);
        if let Some(bytes) = self.written(written)? {
            self.report.summary.files += 1;
            self.report.summary.bytes += bytes;
        }
        Ok(())
    }

    fn link(&mut self, artifact: &FilePath, path: &FilePath, to: &FilePath) -> io::Result<()> {
        if self.declared.contains(to) {
            return Ok(());
        }
        match link::judge(self.input, &self.seen_at, artifact, path)? {
            Kept::As(target) => {
                let made = self.output.link(to, &target);
                self.written(made.map(|()| 0)).map(drop)
            }
            Kept::Not(finding) => {
                self.find(finding);
                Ok(())
            }
        }
    }

    fn made_directory(&mut self, directory: &Directory) -> io::Result<()> {
        let path = FilePath::new(&directory.path);
        let made = self.output.directory(&path);
        if self.written(made.map(|()| 0))?.is_some() {
            self.output.set_directory(&path, directory.mode, directory.uid, directory.gid)?;
        }
        Ok(())
    }

    fn made_link(&mut self, link: &Link) -> io::Result<()> {
        let made = self.output.link(&FilePath::new(&link.path), link.target.as_bytes());
        self.written(made.map(|()| 0)).map(drop)
    }

    /// Special bits do not cross; whoever set them should know.
    fn note_privileges(&mut self, path: &FilePath, stat: Stat, content: &dyn Content) -> io::Result<()> {
        let what = match stat.mode & 0o6000 {
            0 if content.has_capabilities()? => "file capabilities do",
            0 => return Ok(()),
            0o2000 => "setgid bit does",
            _ => "setuid bit does",
        };
        let message = format!("`{}` crosses, but its {what} not", shown(path));
        self.report.notes.push(Finding::new(rule::FINAL_SETUID.name, &shown(path), message));
        Ok(())
    }

    /// Sorts out what is the manifest's fault (two artifacts at one path) from what is the disk's.
    fn written(&mut self, result: Result<u64, WriteError>) -> io::Result<Option<u64>> {
        match result {
            Ok(bytes) => Ok(Some(bytes)),
            Err(WriteError::Io(error)) => Err(error),
            Err(WriteError::Taken(path)) => {
                let message = format!("two artifacts are to become `{path}`");
                self.find(
                    Finding::new(code::ARTIFACT_CONFLICT, &path, message)
                        .help("give one of them another place with `to`"),
                );
                Ok(None)
            }
        }
    }

    fn find(&mut self, finding: Finding) {
        if !self.report.findings.contains(&finding) {
            self.report.findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
