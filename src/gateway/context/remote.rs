//! Trees behind URLs: repositories at a commit, and downloads with a checksum.

use super::git_url::{GitUrl, is_commit};
use crate::gateway::bridge::Bridge;
use crate::gateway::failure::Failure;
use crate::llb::{Copy, File, Graph, Http, Meta, Output};
use crate::name::Digest;
use crate::wire::{gateway, pb};

/// A tree from outside the client.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Remote {
    /// What gives it.
    pub(super) tree: pb::Definition,
    /// Whether it is one downloaded file that is no archive.
    pub(super) is_file: bool,
    /// When it was made, in seconds since 1970; `None` unless it was asked for and something tells it.
    pub(super) time: Option<i64>,
}

/// What is wanted of a tree from outside the client.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    /// Whether a repository keeps `.git`.
    pub(super) git_dir: bool,
    /// Whether it matters when it was made.
    pub(super) time: bool,
    /// The keys of hosts to trust that are reached by ssh; empty for any.
    pub(super) known_hosts: &'a str,
}

/// The name that downloads get.
pub(super) const FILE: &str = "context";
/// Where the daemon reads what the client sends on standard input.
const UPLOAD: &str = "http://buildkit-session/";
/// How much of a download tells whether it is an archive.
const HEAD: u32 = 1024;
/// More than this is read in pieces (the daemon's limit of one message is 16 MiB).
const PIECE: u32 = 8 << 20;

/// The tree behind the URL of a context; `None` when the text is no URL that contexts can have.
pub(super) async fn find(
    bridge: &Bridge,
    text: &str,
    what: &str,
    wanted: Wanted<'_>,
) -> Result<Option<Remote>, Failure> {
    if let Some(url) = GitUrl::parse(text) {
        let mut url = url.map_err(|why| Failure::plain(format!("{what}: {why}")))?;
        url.keep_git_dir |= wanted.git_dir;
        wanted.known_hosts.clone_into(&mut url.known_hosts);
        return repository(bridge, &url, what, wanted).await.map(Some);
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return download(bridge, text, what, wanted).await.map(Some);
    }
    Ok(None)
}

async fn repository(
    bridge: &Bridge,
    url: &GitUrl,
    what: &str,
    wanted: Wanted<'_>,
) -> Result<Remote, Failure> {
    let wrong = |why: String| Failure::plain(format!("{what}: {why}"));
    let told = match url.commit() {
        Some(_) if !wanted.time => None,
        _ => bridge.resolve_git(&url.source(url.commit()).map_err(wrong)?, &url.remote, wanted.time).await?,
    };
    let time = told.as_ref().and_then(|commit| commit.time);
    let (url, commit) = match (url.commit(), told) {
        (Some(commit), _) => (url.clone(), commit.to_owned()),
        (None, Some(commit)) => (url.clone(), commit.name),
        // Such a daemon knows no checksum of a source either: the commit takes the reference's place.
        (None, None) => {
            let commit = checked_out(bridge, url).await?;
            (GitUrl { reference: commit.clone(), ..url.clone() }, commit)
        }
    };
    if !is_commit(&commit) || !commit.starts_with(&url.checksum) {
        let expected = if url.checksum.is_empty() { "a commit" } else { &url.checksum };
        return Err(wrong(format!("`{}` is `{commit}`, not {expected}", url.reference)));
    }
    let (graph, output) = load(&url, Some(&commit))?;
    Ok(Remote { tree: define(&graph, &output)?, is_file: false, time })
}

/// The commit that a repository's reference names, for daemons that do not tell it: the work tree knows it.
async fn checked_out(bridge: &Bridge, url: &GitUrl) -> Result<String, Failure> {
    let whole = GitUrl { subdirectory: String::new(), keep_git_dir: true, ..url.clone() };
    let (graph, output) = load(&whole, None)?;
    let tree = bridge.solve_output(&graph, &output, Vec::new()).await?;
    let head = bridge.read_file(&tree, ".git/HEAD").await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&head).trim().to_owned())
}

fn load(url: &GitUrl, commit: Option<&str>) -> Result<(Graph, Output), Failure> {
    let source =
        url.source(commit).map_err(|why| Failure::plain(format!("the repository {}: {why}", url.remote)))?;
    let mut graph = Graph::new();
    let output = graph.add(source, Meta::named(format!("[internal] load git source {}", url.remote)));
    Ok((graph, output))
}

async fn download(bridge: &Bridge, url: &str, what: &str, wanted: Wanted<'_>) -> Result<Remote, Failure> {
    let uploaded = url.starts_with(UPLOAD);
    let shown = if uploaded { "from standard input".to_owned() } else { url.to_owned() };
    let mut source = Http::new(url).filename(FILE);
    let meta = Meta::named(format!("[internal] load remote build context {shown}"));
    let mut time = None;
    if !uploaded {
        let told = bridge.resolve_http(&source.clone().into_source(), url).await?;
        time = told.time.filter(|_| wanted.time);
        let digest = match told.digest {
            Some(digest) => digest,
            None => content_digest(bridge, source.clone(), meta.clone()).await?,
        };
        source = source.checksum(&digest);
    }
    let mut graph = Graph::new();
    let file = graph.add(source, meta);
    let tree = bridge.solve_output(&graph, &file, Vec::new()).await?;
    let Some(head) = bridge.read_head(&tree, FILE, HEAD).await? else {
        return Err(Failure::plain(format!("{what}: nothing was downloaded {shown}")));
    };
    if !is_archive(&head) {
        return Ok(Remote { tree: define(&graph, &file)?, is_file: true, time });
    }
    let mut copy = Copy::new(&file, format!("/{FILE}"), "/");
    copy.unpack = true;
    let name = format!("[internal] unpack build context {shown}");
    let output = graph.add(File::on_scratch().copy(copy), Meta::named(name));
    if wanted.time && time.is_none() {
        let tree = bridge.solve_output(&graph, &output, Vec::new()).await?;
        time = newest(bridge, &tree).await?;
    }
    Ok(Remote { tree: define(&graph, &output)?, is_file: false, time })
}

/// The time of a tree's newest file, in seconds since 1970; `None` without files.
async fn newest(bridge: &Bridge, tree: &gateway::Ref) -> Result<Option<i64>, Failure> {
    /// Go's bits for what is no regular file (Go `io/fs`, "`ModeType`").
    const IRREGULAR: u32 = 0x8f28_0000;
    /// Go's bit for directories.
    const DIRECTORY: u32 = 1 << 31;
    let mut newest = None;
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        for entry in bridge.read_dir(tree, &format!("{directory}/")).await? {
            if entry.mode & DIRECTORY != 0 {
                directories.push(format!("{directory}/{}", entry.path));
            } else if entry.mode & IRREGULAR == 0 {
                newest = newest.max(Some(entry.mod_time.div_euclid(1_000_000_000)));
            }
        }
    }
    Ok(newest)
}

/// The digest of a download, for daemons that do not tell it.
async fn content_digest(bridge: &Bridge, source: Http, meta: Meta) -> Result<Digest, Failure> {
    let mut graph = Graph::new();
    let output = graph.add(source, meta);
    let tree = bridge.solve_output(&graph, &output, Vec::new()).await?;
    let mut content = Vec::new();
    loop {
        let offset = i64::try_from(content.len()).unwrap_or(i64::MAX);
        let piece = bridge.read_piece(&tree, FILE, offset, PIECE).await?.unwrap_or_default();
        content.extend_from_slice(&piece);
        if piece.len() < PIECE as usize {
            return Ok(Digest::of(&content));
        }
    }
}

/// One directory of a tree, as a tree.
pub(super) fn subdirectory(tree: &pb::Definition, path: &str) -> Result<pb::Definition, Failure> {
    let mut graph = Graph::new();
    let whole = import(&mut graph, tree)?;
    let path = path.trim_matches('/');
    if path.split('/').any(|part| part == "..") {
        return Err(Failure::plain(format!("contextsubdir={path} leads out of the context")));
    }
    let mut copy = Copy::new(&whole, format!("/{path}"), "/");
    copy.contents_only = true;
    let meta = Meta::named(format!("[internal] take {path} of the build context"));
    let output = graph.add(File::on_scratch().copy(copy), meta);
    define(&graph, &output)
}

/// A definition's output in a graph; an error when a client sent something that is none.
pub(in crate::gateway) fn import(graph: &mut Graph, definition: &pb::Definition) -> Result<Output, Failure> {
    let wrong = |error| Failure::plain(format!("an input of the build is no definition: {error}"));
    graph.import(definition).map_err(wrong)
}

pub(super) fn define(graph: &Graph, output: &Output) -> Result<pb::Definition, Failure> {
    graph.definition(output, Vec::new()).map_err(|error| Failure::internal(&error.to_string()))
}

/// Whether a file begins as an archive that the daemon unpacks (BuildKit `util/archutil`, "isArchive").
fn is_archive(head: &[u8]) -> bool {
    const MAGIC: [&[u8]; 4] =
        [&[0x1f, 0x8b, 0x08], b"BZh", &[0xfd, b'7', b'z', b'X', b'Z', 0], &[0x28, 0xb5, 0x2f, 0xfd]];
    MAGIC.iter().any(|magic| head.starts_with(magic)) || is_tar(head)
}

/// Whether a file begins with a tar header: its checksum counts its own field as blanks (POSIX `pax`, "ustar").
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let field = String::from_utf8_lossy(&header[148..156]);
    let told = u32::from_str_radix(field.trim_matches([' ', '\0']), 8);
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    told == Ok(sum(&header[..148]) + 8 * u32::from(b' ') + sum(&header[156..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_told_by_their_first_bytes() {
        let mut tar = vec![0; 512];
        tar[0] = b'a';
        tar[148..156].copy_from_slice(b"000541\0 ");
        assert!(is_archive(&tar));
        tar[0] = b'b';
        assert!(!is_archive(&tar));
        assert!(is_archive(b"\x1f\x8b\x08rest") && is_archive(b"BZh9"));
        assert!(!is_archive(b"# syntax=x\nlanguage: go\n") && !is_archive(b""));
    }
}
