//! The daemon's side of the gateway as typed calls.

use std::collections::BTreeMap;

use tonic::transport::Channel;

use super::failure::Failure;
use crate::facts::{ImageConfig, ImageFact, literal};
use crate::llb::{Graph, Output, Source};
use crate::name::{ContextPath, Digest, Platform, Reference};
use crate::wire::gateway::llb_bridge_client::LlbBridgeClient;
use crate::wire::{fsutil, gateway, pb, rpc};

/// The daemon's limit for messages, both ways, with room for their frame.
const MESSAGE_LIMIT: usize = 17 << 20;

/// The daemon, as it is to one build.
#[derive(Debug, Clone)]
pub struct Bridge {
    client: LlbBridgeClient<Channel>,
    cache_imports: Vec<gateway::CacheOptionsEntry>,
    several_platforms: bool,
}

/// A commit of a repository, as the daemon tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full name.
    pub name: String,
    /// When it was made, in seconds since 1970; `None` unless it was asked for.
    pub time: Option<i64>,
}

/// A download, as the daemon tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The digest of its content.
    pub digest: Option<Digest>,
    /// When its server says that it changed, in seconds since 1970.
    pub time: Option<i64>,
}

/// What the daemon answers to a greeting.
#[derive(Debug, Clone, Default)]
pub struct Greeting {
    /// The names of the operations' capabilities that are enabled.
    pub llb: std::collections::BTreeSet<String>,
    /// The names of the gateway's capabilities that are enabled.
    pub gateway: std::collections::BTreeSet<String>,
    /// The platforms of the first worker; the first is its own.
    pub platforms: Vec<Platform>,
}

impl Bridge {
    /// A bridge over a channel; cache imports go with every solve, else the daemon would not look there.
    pub fn new(channel: Channel, cache_imports: Vec<gateway::CacheOptionsEntry>) -> Bridge {
        let client = LlbBridgeClient::new(channel)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        Bridge { client, cache_imports, several_platforms: false }
    }

    /// The same bridge in a build of several platforms, whose errands are told apart in the progress.
    #[must_use]
    pub fn for_platforms(&self, several: bool) -> Bridge {
        Bridge { several_platforms: several, ..self.clone() }
    }

    /// Whether caches of other builds are imported, which could be forged.
    pub fn imports_caches(&self) -> bool {
        !self.cache_imports.is_empty()
    }

    /// Greets the daemon; it answers with what it can do.
    pub async fn ping(&self) -> Result<Greeting, Failure> {
        let pong = self.client.clone().ping(gateway::PingRequest {}).await?.into_inner();
        let enabled = |caps: Vec<crate::wire::caps::ApiCap>| {
            caps.into_iter().filter(|cap| cap.enabled).map(|cap| cap.id)
        };
        let platforms = pong.workers.into_iter().next().map(|worker| worker.platforms).unwrap_or_default();
        Ok(Greeting {
            gateway: enabled(pong.frontend_api_caps).collect(),
            llb: enabled(pong.llb_caps).collect(),
            platforms: platforms.iter().map(|p| Platform::new(&p.os, &p.architecture, &p.variant)).collect(),
        })
    }

    /// Solves a definition lazily; the answer is a handle to its tree, empty for an empty tree.
    pub async fn solve(&self, definition: pb::Definition) -> Result<gateway::Ref, Failure> {
        let request = gateway::SolveRequest {
            definition: Some(definition),
            allow_result_return: true,
            allow_result_array_ref: true,
            cache_imports: self.cache_imports.clone(),
            ..Default::default()
        };
        let response = self.client.clone().solve(request).await?.into_inner();
        match response.result.and_then(|result| result.result) {
            Some(gateway::result::Result::Ref(handle)) => Ok(handle),
            _ => Err(Failure::internal("the daemon answered a solve with something that is no tree")),
        }
    }

    /// Solves one output of a graph.
    pub async fn solve_output(
        &self,
        graph: &Graph,
        output: &Output,
        files: Vec<pb::SourceInfo>,
    ) -> Result<gateway::Ref, Failure> {
        let definition =
            graph.definition(output, files).map_err(|error| Failure::internal(&error.to_string()))?;
        self.solve(definition).await
    }

    /// The content of a file, `None` if there is no such file; evaluates the tree.
    pub async fn read_file(&self, tree: &gateway::Ref, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.read(tree, path, None).await
    }

    /// The first bytes of a file, like [`Bridge::read_file`].
    pub async fn read_head(
        &self,
        tree: &gateway::Ref,
        path: &str,
        length: u32,
    ) -> Result<Option<Vec<u8>>, Failure> {
        self.read(tree, path, Some(gateway::FileRange { offset: 0, length: i64::from(length) })).await
    }

    /// A part of a file, like [`Bridge::read_file`].
    pub async fn read_piece(
        &self,
        tree: &gateway::Ref,
        path: &str,
        offset: i64,
        length: u32,
    ) -> Result<Option<Vec<u8>>, Failure> {
        self.read(tree, path, Some(gateway::FileRange { offset, length: i64::from(length) })).await
    }

    async fn read(
        &self,
        tree: &gateway::Ref,
        path: &str,
        range: Option<gateway::FileRange>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        if tree.id.is_empty() {
            return Ok(None);
        }
        let request = gateway::ReadFileRequest { r#ref: tree.id.clone(), file_path: path.to_owned(), range };
        match self.client.clone().read_file(request).await.map_err(Failure::from) {
            Ok(response) => Ok(Some(response.into_inner().data)),
            Err(failure) if failure.is_missing_file() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The entries of a directory, none if there is no such directory; evaluates the tree.
    pub async fn read_dir(&self, tree: &gateway::Ref, path: &str) -> Result<Vec<fsutil::Stat>, Failure> {
        self.list(tree, path, String::new()).await
    }

    /// What a symbolic link says, `None` if there is no link at that path; evaluates the tree.
    pub async fn read_link(
        &self,
        tree: &gateway::Ref,
        path: &ContextPath,
    ) -> Result<Option<String>, Failure> {
        /// Go's bit for symbolic links in a file mode (Go `io/fs`, "`FileMode`").
        const LINK: u32 = 1 << 27;
        let directory = format!("/{}", path.parent().unwrap_or_default().as_str());
        let name = ContextPath::parse(path.file_name()).unwrap_or_default();
        let entries = self.list(tree, &directory, literal(&name)).await?;
        let link = entries.into_iter().find(|entry| entry.path == name.as_str() && entry.mode & LINK != 0);
        Ok(link.map(|entry| entry.linkname))
    }

    async fn list(
        &self,
        tree: &gateway::Ref,
        path: &str,
        include_pattern: String,
    ) -> Result<Vec<fsutil::Stat>, Failure> {
        if tree.id.is_empty() {
            return Ok(Vec::new());
        }
        let dir_path = path.to_owned();
        let request = gateway::ReadDirRequest { r#ref: tree.id.clone(), dir_path, include_pattern };
        match self.client.clone().read_dir(request).await.map_err(Failure::from) {
            Ok(response) => Ok(response.into_inner().entries),
            Err(failure) if failure.is_missing_file() => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// Resolves an image to its digest and configuration.
    pub async fn resolve_image(
        &self,
        reference: &Reference,
        platform: &Platform,
        resolve_mode: &str,
    ) -> Result<ImageFact, Failure> {
        let source = Source::new(format!("docker-image://{reference}"));
        self.resolve_image_source(source, reference, platform, resolve_mode).await
    }

    /// Resolves an image that a given source provides, such as one in an OCI layout of the client.
    pub async fn resolve_image_source(
        &self,
        source: Source,
        reference: &Reference,
        platform: &Platform,
        resolve_mode: &str,
    ) -> Result<ImageFact, Failure> {
        let request = gateway::ResolveSourceMetaRequest {
            source: Some(source.to_wire()),
            platform: Some(wire_platform(platform)),
            log_name: match self.several_platforms {
                true => format!("[{platform} internal] load metadata for {reference}"),
                false => format!("[internal] load metadata for {reference}"),
            },
            resolve_mode: resolve_mode.to_owned(),
            ..Default::default()
        };
        let response = self.client.clone().resolve_source_meta(request).await?.into_inner();
        let refused = |what: &str| Failure::plain(format!("{reference}: the daemon's answer has {what}"));
        let image = response.image.ok_or_else(|| refused("no image"))?;
        let digest = Digest::parse(&image.digest).map_err(|error| refused(&error.to_string()))?;
        let config = ImageConfig::parse(&image.config).ok_or_else(|| refused("no image configuration"))?;
        let source = response.source.unwrap_or_else(|| source.to_wire());
        Ok(ImageFact {
            reference: reference.clone(),
            platform: platform.clone(),
            identifier: pinned(&source.identifier, &digest),
            attributes: source.attrs.into_iter().collect(),
            digest,
            config,
            replacement: None,
        })
    }

    /// The commit that a repository's source names now; `None` from daemons before BuildKit 0.26, which do not tell.
    pub async fn resolve_git(
        &self,
        source: &Source,
        remote: &str,
        with_time: bool,
    ) -> Result<Option<Commit>, Failure> {
        let request = gateway::ResolveSourceMetaRequest {
            log_name: format!("[internal] resolve git source {remote}"),
            // The time is in the commit itself, which the daemon must fetch for it.
            git: with_time.then_some(gateway::ResolveSourceGitRequest { return_object: true }),
            ..Default::default()
        };
        let git = self.resolve(source, request).await?.git;
        Ok(git.map(|git| Commit {
            time: commit_time(&git.commit_object),
            name: if git.commit_checksum.is_empty() { git.checksum } else { git.commit_checksum },
        }))
    }

    /// What is known of a download; nothing from daemons that do not tell it.
    pub async fn resolve_http(&self, source: &Source, url: &str) -> Result<Download, Failure> {
        let log_name = format!("[internal] resolve {url}");
        let request = gateway::ResolveSourceMetaRequest { log_name, ..Default::default() };
        let http = self.resolve(source, request).await?.http.unwrap_or_default();
        Ok(Download {
            digest: Digest::parse(&http.checksum).ok(),
            time: http.last_modified.map(|time| time.seconds),
        })
    }

    async fn resolve(
        &self,
        source: &Source,
        request: gateway::ResolveSourceMetaRequest,
    ) -> Result<gateway::ResolveSourceMetaResponse, Failure> {
        let request = gateway::ResolveSourceMetaRequest { source: Some(source.to_wire()), ..request };
        Ok(self.client.clone().resolve_source_meta(request).await?.into_inner())
    }

    /// Has the daemon prepare a mount, and lets go of it; nothing runs. Containers of one build have different names.
    pub async fn try_mount(&self, container: String, mount: pb::Mount) -> Result<(), Failure> {
        // The daemon wants a root, which it makes last.
        let root = pb::Mount { dest: "/".to_owned(), ..Default::default() };
        let mounts = vec![mount, root];
        let request = gateway::NewContainerRequest { container_id: container.clone(), mounts };
        self.client.clone().new_container(request).await?;
        let request = gateway::ReleaseContainerRequest { container_id: container };
        self.client.clone().release_container(request).await?;
        Ok(())
    }

    /// The trees that the client sent along with the build, by name.
    pub async fn inputs(&self) -> Result<BTreeMap<String, pb::Definition>, Failure> {
        Ok(self.client.clone().inputs(gateway::InputsRequest {}).await?.into_inner().definitions)
    }

    /// Shows a warning at lines of the manifest; `vertex` is an operation of this build.
    pub async fn warn(&self, request: gateway::WarnRequest) -> Result<(), Failure> {
        self.client.clone().warn(request).await?;
        Ok(())
    }

    /// Ends the build.
    pub async fn finish(&self, outcome: Result<gateway::Result, rpc::Status>) -> Result<(), Failure> {
        let request = match outcome {
            Ok(result) => gateway::ReturnRequest { result: Some(result), error: None },
            Err(error) => gateway::ReturnRequest { result: None, error: Some(error) },
        };
        self.client.clone().r#return(request).await?;
        Ok(())
    }
}

fn wire_platform(platform: &Platform) -> pb::Platform {
    pb::Platform {
        os: platform.os().to_owned(),
        architecture: platform.architecture().to_owned(),
        variant: platform.variant().to_owned(),
        ..Default::default()
    }
}

/// When a commit was made: the number before the zone on its committer's line (git, "commit object").
fn commit_time(object: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(object);
    let header = text.split("\n\n").next()?;
    let committer = header.lines().find_map(|line| line.strip_prefix("committer "))?;
    committer.rsplit(' ').nth(1)?.parse().ok()
}

/// A source's identifier with the digest that it was resolved to.
fn pinned(identifier: &str, digest: &Digest) -> String {
    if identifier.contains('@') { identifier.to_owned() } else { format!("{identifier}@{digest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_commit_is_that_of_its_committer() {
        let commit = b"tree 0\nauthor A <a@b> 1 +0000\ncommitter B C <b@c> 1700000000 +0100\n\ncommitter D <d> 2 +0000\n";
        assert_eq!(commit_time(commit), Some(1_700_000_000));
        assert_eq!(commit_time(b"tree 0\n\ncommitter D <d> 2 +0000\n"), None);
        assert_eq!(commit_time(b""), None);
    }
}
