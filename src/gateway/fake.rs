//! A daemon made up for tests: it holds files and images, answers what it is asked, and runs nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use prost::Message as _;
use tonic::codegen::tokio_stream;
use tonic::{Code, Request, Response, Status};

use super::{Bridge, Failure, Options, transport};
use crate::lower::Program;
use crate::name::Digest;
use crate::step::{self, Report};
use crate::wire::gateway::llb_bridge_server::{LlbBridge, LlbBridgeServer};
use crate::wire::{caps, decode_op, fsutil, gateway, pb, rpc, worker};

/// What the daemon has and does, and what it was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Fake {
    /// The files of the client's context, and the definition file among them.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Symbolic links in the context, with what they say.
    pub(super) links: BTreeMap<String, String>,
    /// Images by what they are asked for.
    pub(super) images: BTreeMap<String, Vec<u8>>,
    /// What every URL gives.
    pub(super) download: Vec<u8>,
    /// When every download was changed, as its server says.
    pub(super) changed: Option<i64>,
    /// The trees that the client sends along.
    pub(super) inputs: BTreeMap<String, pb::Definition>,
    /// Capabilities that it lacks.
    pub(super) lacks: Vec<&'static str>,
    /// Secrets that the client does not have.
    pub(super) secretless: Vec<&'static str>,
    /// What its steps report.
    pub(super) report: Report,
    /// Why its steps fail.
    pub(super) broken: Option<rpc::Status>,
    /// What it was asked.
    pub(super) log: Arc<Mutex<Log>>,
}

/// What a daemon was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    /// The definitions that were solved.
    pub(super) solved: Vec<pb::Definition>,
    /// The cache imports that came with each of them.
    pub(super) imports: Vec<Vec<gateway::CacheOptionsEntry>>,
    /// The images that were asked for, each with the mode of resolving it.
    pub(super) resolved: Vec<(String, String)>,
    /// The warnings that were shown.
    pub(super) warnings: Vec<String>,
}

/// The commit that every repository is at.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// What daemons before BuildKit 0.26 lack, without a capability that would tell.
pub(super) const GIT_METADATA: &str = "metadata of git sources";

/// The largest file that is answered whole (BuildKit `cache/util`, "`ReadFile`").
const LARGEST_ANSWER: usize = 16 << 20;

/// Whether an action makes a context out of an archive, or out of a directory of another context.
fn unpacks(action: &pb::FileAction) -> bool {
    let Some(pb::file_action::Action::Copy(copy)) = &action.action else { return false };
    copy.attempt_unpack_docker_compatibility || (copy.dest == "/" && copy.src != "/")
}

impl Fake {
    /// A daemon with a definition file.
    pub(super) fn with(manifest: &str) -> Fake {
        let mut fake = Fake::default();
        fake.files.insert("cofferdam.yaml".to_owned(), manifest.as_bytes().to_vec());
        let config =
            br#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin"],"User":"0"}}"#;
        for image in ["gcr.io/distroless/static-debian13:nonroot", "docker.io/library/golang:1.26-trixie"] {
            fake.images.insert(format!("docker-image://{image}"), config.to_vec());
        }
        fake
    }

    /// The same daemon with one more file in the context.
    pub(super) fn file(mut self, path: &str, content: &str) -> Fake {
        self.files.insert(path.to_owned(), content.as_bytes().to_vec());
        self
    }

    /// Runs one build against it.
    pub(super) fn build(&self, options: &[(&str, &str)]) -> (Result<gateway::Result, Failure>, Log) {
        let raw = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let options = Options::new(raw, "session");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcome = runtime.block_on(async {
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            let service = LlbBridgeServer::new(self.clone()).max_decoding_message_size(64 << 20);
            let incoming = tokio_stream::once(Ok::<_, std::io::Error>(theirs));
            tokio::spawn(
                tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming),
            );
            let channel = transport::channel(ours).await.unwrap();
            let bridge = Bridge::new(channel, options.cache_imports()?);
            super::build(&bridge, &options, Program::Bytes(b"program".to_vec())).await
        });
        (outcome, self.log.lock().unwrap().clone())
    }

    fn content(&self, tree: &str, path: &str) -> Option<Vec<u8>> {
        match tree {
            "download" => (path.trim_start_matches('/') == "context").then(|| self.download.clone()),
            "files" => self.files.get(path.trim_start_matches('/')).cloned(),
            _ if path.ends_with(step::REPORT_FILE) => Some(step::encode(&self.report)),
            _ => None,
        }
    }
}

#[tonic::async_trait]
impl LlbBridge for Fake {
    async fn ping(
        &self,
        _: Request<gateway::PingRequest>,
    ) -> Result<Response<gateway::PongResponse>, Status> {
        let cap = |id: &&str| caps::ApiCap { id: (*id).to_owned(), enabled: true, ..Default::default() };
        let all = [
            "solve.base",
            "readfile",
            "readdir",
            "frontend.inputs",
            "return",
            "proto.refarray",
            "source.metaresolver",
            "source.image",
            "file.base",
            "exec.meta.base",
            "exec.mount.bind.readwrite-nooutput",
            "exec.mount.cache.content",
            "mergeop",
            "exec.meta.linux.resources",
        ];
        let enabled: Vec<_> = all.iter().filter(|cap| !self.lacks.contains(cap)).map(cap).collect();
        let platform =
            pb::Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), ..Default::default() };
        let own = worker::WorkerRecord { platforms: vec![platform], ..Default::default() };
        Ok(Response::new(gateway::PongResponse {
            frontend_api_caps: enabled.clone(),
            llb_caps: enabled,
            workers: vec![own],
        }))
    }

    async fn resolve_source_meta(
        &self,
        request: Request<gateway::ResolveSourceMetaRequest>,
    ) -> Result<Response<gateway::ResolveSourceMetaResponse>, Status> {
        let request = request.into_inner();
        let source = request.source.unwrap_or_default();
        if source.identifier.starts_with("git://") {
            let object = b"tree 0\ncommitter A <a@example.com> 1700000000 +0100\n\nmessage\n".to_vec();
            let git = gateway::ResolveSourceGitResponse {
                checksum: COMMIT.to_owned(),
                commit_object: if request.git.is_some() { object } else { Vec::new() },
                ..Default::default()
            };
            let git = Some(git).filter(|_| !self.lacks.contains(&GIT_METADATA));
            return Ok(Response::new(gateway::ResolveSourceMetaResponse { git, ..Default::default() }));
        }
        if source.identifier.starts_with("http") {
            let checksum = Digest::of(&self.download).to_string();
            let last_modified = self.changed.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 });
            let http =
                Some(gateway::ResolveSourceHttpResponse { checksum, last_modified, ..Default::default() });
            return Ok(Response::new(gateway::ResolveSourceMetaResponse { http, ..Default::default() }));
        }
        let asked = (source.identifier.clone(), request.resolve_mode);
        self.log.lock().unwrap().resolved.push(asked);
        let config = self.images.get(&source.identifier);
        let config = config.ok_or_else(|| Status::not_found(format!("{}: not found", source.identifier)))?;
        let image = gateway::ResolveSourceImageResponse {
            digest: Digest::of(source.identifier.as_bytes()).to_string(),
            config: config.clone(),
        };
        let (source, image) = (Some(source), Some(image));
        Ok(Response::new(gateway::ResolveSourceMetaResponse { source, image, ..Default::default() }))
    }

    async fn solve(
        &self,
        request: Request<gateway::SolveRequest>,
    ) -> Result<Response<gateway::SolveResponse>, Status> {
        let request = request.into_inner();
        let definition = request.definition.unwrap_or_default();
        let last = definition.def.iter().rev().nth(1).map(|bytes| decode_op(bytes).unwrap());
        let id = match last.and_then(|op| op.op) {
            None => String::new(),
            Some(pb::op::Op::Source(source)) if source.identifier.starts_with("http") => {
                "download".to_owned()
            }
            Some(pb::op::Op::Source(_)) => "files".to_owned(),
            Some(pb::op::Op::File(file)) if file.actions.iter().any(unpacks) => "files".to_owned(),
            Some(_) => format!("tree-{}", Digest::of(definition.def.last().unwrap())),
        };
        let mut log = self.log.lock().unwrap();
        log.imports.push(request.cache_imports);
        log.solved.push(definition);
        let handle = gateway::Ref { id, def: None };
        let result =
            gateway::Result { result: Some(gateway::result::Result::Ref(handle)), ..Default::default() };
        Ok(Response::new(gateway::SolveResponse { result: Some(result) }))
    }

    async fn read_file(
        &self,
        request: Request<gateway::ReadFileRequest>,
    ) -> Result<Response<gateway::ReadFileResponse>, Status> {
        let request = request.into_inner();
        if let Some(why) = self.broken.as_ref().filter(|_| request.file_path.ends_with(step::REPORT_FILE)) {
            return Err(Status::with_details(Code::Unknown, &why.message, why.encode_to_vec().into()));
        }
        let data = self.content(&request.r#ref, &request.file_path);
        let mut data = data.ok_or_else(|| {
            Status::unknown(format!("open {}: no such file or directory", request.file_path))
        })?;
        if let Some(range) = request.range {
            data.drain(..data.len().min(usize::try_from(range.offset).unwrap()));
            data.truncate(usize::try_from(range.length).unwrap());
        }
        if data.len() > LARGEST_ANSWER {
            return Err(Status::unknown(format!("{} exceeds maximum allowed size", request.file_path)));
        }
        Ok(Response::new(gateway::ReadFileResponse { data }))
    }

    async fn read_dir(
        &self,
        request: Request<gateway::ReadDirRequest>,
    ) -> Result<Response<gateway::ReadDirResponse>, Status> {
        let directory = request.into_inner().dir_path.trim_matches('/').to_owned();
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let mut entries = BTreeMap::new();
        for rest in self.files.keys().filter_map(|path| path.strip_prefix(&prefix)) {
            let (name, mode) = match rest.split_once('/') {
                Some((name, _)) => (name, 1 << 31),
                None => (rest, 0o644),
            };
            // An hour after 1970.
            let mod_time = 3_600_000_000_000;
            entries
                .insert(name, fsutil::Stat { path: name.to_owned(), mode, mod_time, ..Default::default() });
        }
        for (path, target) in &self.links {
            let Some(name) = path.strip_prefix(&prefix).filter(|name| !name.contains('/')) else { continue };
            let (path, linkname) = (name.to_owned(), target.clone());
            entries.insert(name, fsutil::Stat { path, mode: 1 << 27, linkname, ..Default::default() });
        }
        Ok(Response::new(gateway::ReadDirResponse { entries: entries.into_values().collect() }))
    }

    async fn warn(
        &self,
        request: Request<gateway::WarnRequest>,
    ) -> Result<Response<gateway::WarnResponse>, Status> {
        let text = String::from_utf8(request.into_inner().short).unwrap();
        self.log.lock().unwrap().warnings.push(text);
        Ok(Response::new(gateway::WarnResponse {}))
    }

    async fn new_container(
        &self,
        request: Request<gateway::NewContainerRequest>,
    ) -> Result<Response<gateway::NewContainerResponse>, Status> {
        let mounts = request.into_inner().mounts;
        let mut secrets = mounts.iter().filter_map(|mount| mount.secret_opt.as_ref());
        match secrets.find(|secret| self.secretless.contains(&secret.id.as_str())) {
            Some(secret) => Err(Status::unknown(format!("secret {}: not found", secret.id))),
            None => Ok(Response::new(gateway::NewContainerResponse {})),
        }
    }

    async fn release_container(
        &self,
        _: Request<gateway::ReleaseContainerRequest>,
    ) -> Result<Response<gateway::ReleaseContainerResponse>, Status> {
        Ok(Response::new(gateway::ReleaseContainerResponse {}))
    }

    async fn stat_file(
        &self,
        _: Request<gateway::StatFileRequest>,
    ) -> Result<Response<gateway::StatFileResponse>, Status> {
        Err(Status::unimplemented("stat"))
    }

    async fn evaluate(
        &self,
        _: Request<gateway::EvaluateRequest>,
    ) -> Result<Response<gateway::EvaluateResponse>, Status> {
        Err(Status::unimplemented("evaluate"))
    }

    async fn inputs(
        &self,
        _: Request<gateway::InputsRequest>,
    ) -> Result<Response<gateway::InputsResponse>, Status> {
        Ok(Response::new(gateway::InputsResponse { definitions: self.inputs.clone() }))
    }

    async fn r#return(
        &self,
        _: Request<gateway::ReturnRequest>,
    ) -> Result<Response<gateway::ReturnResponse>, Status> {
        Ok(Response::new(gateway::ReturnResponse {}))
    }
}
