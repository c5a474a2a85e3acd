//! The real shapes: one graph for each, as the product's lowering makes them today.

use std::collections::BTreeMap;

use cofferdam::contract::{Artifact, Bundle, Contract, Directory, LayerContract, Role, User};
use cofferdam::name::ImagePath;
use cofferdam::step::{self, InspectRequest, Process, StageRequest, Step};
use cofferdam::text::Source;
use cofferdam::wire::pb;
use cofferdam::wire::pb::file_action::Action;
use serde_json::json;

use super::{Build, Link, PROGRAM};

pub(crate) const GOLANG: &str = "1111111111111111111111111111111111111111111111111111111111111111";
pub(crate) const BASE: &str = "2222222222222222222222222222222222222222222222222222222222222222";

pub(crate) fn image(reference: &str, digest: &str) -> pb::op::Op {
    source(&format!("docker-image://{reference}@sha256:{digest}"), &[])
}

pub(crate) fn source(identifier: &str, attrs: &[(&str, &str)]) -> pb::op::Op {
    let attrs = attrs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    pb::op::Op::Source(pb::SourceOp { identifier: identifier.to_owned(), attrs })
}

pub(crate) fn actions(actions: Vec<(i64, i64, Action)>) -> pb::op::Op {
    let last = actions.len() - 1;
    let wire = |(number, (input, secondary_input, action))| pb::FileAction {
        input,
        secondary_input,
        output: if number == last { 0 } else { -1 },
        action: Some(action),
    };
    pb::op::Op::File(pb::FileOp { actions: actions.into_iter().enumerate().map(wire).collect() })
}

pub(crate) fn copy(src: &str, dest: &str) -> pb::FileActionCopy {
    pb::FileActionCopy {
        src: src.to_owned(),
        dest: dest.to_owned(),
        mode: -1,
        dir_copy_contents: true,
        timestamp: -1,
        ..Default::default()
    }
}

pub(crate) fn mkfile(path: &str, data: &[u8]) -> Action {
    let (path, data) = (path.to_owned(), data.to_vec());
    Action::Mkfile(pb::FileActionMkFile { path, mode: 0o644, data, owner: None, timestamp: -1 })
}

pub(crate) fn mkdir(path: &str) -> Action {
    let path = path.to_owned();
    Action::Mkdir(pb::FileActionMkDir { path, mode: 0o755, make_parents: true, owner: None, timestamp: -1 })
}

pub(crate) fn select(patterns: &[&str]) -> pb::op::Op {
    let include_patterns = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    actions(vec![(-1, 0, Action::Copy(pb::FileActionCopy { include_patterns, ..copy("/", "/") }))])
}

pub(crate) fn layer_copy(over: i64, from: i64) -> pb::op::Op {
    actions(vec![(over, from, Action::Copy(pb::FileActionCopy { timestamp: 0, ..copy("/", "/") }))])
}

pub(crate) fn request_file(data: Vec<u8>) -> pb::op::Op {
    fixed_file("/request.json", 0o444, data)
}

pub(crate) fn fixed_file(path: &str, mode: i32, data: Vec<u8>) -> pb::op::Op {
    let path = path.to_owned();
    actions(vec![(
        -1,
        -1,
        Action::Mkfile(pb::FileActionMkFile { path, mode, data, owner: None, timestamp: 0 }),
    )])
}

pub(crate) fn merge(count: i64) -> pb::op::Op {
    pb::op::Op::Merge(pb::MergeOp { inputs: (0..count).map(|input| pb::MergeInput { input }).collect() })
}

pub(crate) fn stage_request(contract: &LayerContract, seen_at: &str) -> StageRequest {
    let artifacts = contract.artifacts.iter().map(|artifact| step::Artifact {
        from: artifact.from.clone(),
        to: artifact.to.to_string(),
        mode: artifact.mode,
        into: artifact.into,
        sha256: artifact.sha256.clone(),
        required: true,
        leave_out: artifact
            .leave_out
            .clone()
            .map(|out| step::LeaveOut { paths: out.paths, files: out.files }),
    });
    let directories = contract.directories.iter().map(|directory| step::Directory {
        path: directory.path.to_string(),
        mode: directory.mode,
        uid: directory.owner.uid,
        gid: directory.owner.gid,
    });
    let bundles = contract.bundles.iter();
    let bundles =
        bundles.map(|bundle| step::Bundle { parts: bundle.parts.clone(), to: bundle.to.to_string() });
    let links = contract.links.iter();
    let links = links.map(|link| step::Link { path: link.path.to_string(), target: link.target.to_string() });
    StageRequest {
        artifacts: artifacts.collect(),
        bundles: bundles.collect(),
        directories: directories.collect(),
        links: links.collect(),
        seen_at: seen_at.to_owned(),
    }
}

pub(crate) fn bind(dest: &str, input: i64) -> pb::Mount {
    pb::Mount { dest: dest.to_owned(), input, output: -1, ..Default::default() }
}

pub(crate) fn read_only(dest: &str, input: i64) -> pb::Mount {
    pb::Mount { readonly: true, ..bind(dest, input) }
}

pub(crate) fn known(mount: pb::Mount) -> pb::Mount {
    pb::Mount { content_cache: pb::MountContentCache::Off.into(), ..mount }
}

pub(crate) fn output(dest: &str, input: i64, output: i64) -> pb::Mount {
    pb::Mount { output, ..bind(dest, input) }
}

pub(crate) fn tmpfs(dest: &str) -> pb::Mount {
    pb::Mount {
        mount_type: pb::MountType::Tmpfs.into(),
        tmpfs_opt: Some(pb::TmpfsOpt { size: 0 }),
        ..bind(dest, -1)
    }
}

pub(crate) fn cache(dest: &str, id: &str) -> pb::Mount {
    pb::Mount {
        mount_type: pb::MountType::Cache.into(),
        cache_opt: Some(pb::CacheOpt { id: id.to_owned(), sharing: 0 }),
        ..bind(dest, -1)
    }
}

pub(crate) fn secret(dest: &str, id: &str) -> pb::Mount {
    let options = pb::SecretOpt { id: id.to_owned(), uid: 0, gid: 0, mode: 0o400, optional: false };
    pb::Mount { mount_type: pb::MountType::Secret.into(), secret_opt: Some(options), ..output(dest, -1, 0) }
}

pub(crate) fn ssh(dest: &str, id: &str) -> pb::Mount {
    let options = pb::SshOpt { id: id.to_owned(), uid: 0, gid: 0, mode: 0o600, optional: false };
    pb::Mount { mount_type: pb::MountType::Ssh.into(), ssh_opt: Some(options), ..output(dest, -1, 0) }
}

pub(crate) fn exec(network: pb::NetMode, args: &[&str], mounts: Vec<pb::Mount>) -> pb::op::Op {
    let meta = pb::Meta {
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        env: vec!["PATH=/usr/bin".to_owned()],
        cwd: "/src".to_owned(),
        remove_mount_stubs_recursive: true,
        ..Default::default()
    };
    pb::op::Op::Exec(pb::ExecOp { meta: Some(meta), mounts, network: network.into(), ..Default::default() })
}

/// What is left out of a directory where tests are.
pub(crate) fn tests() -> step::LeaveOut {
    step::LeaveOut { paths: vec!["test".to_owned()], files: Vec::new() }
}

pub(crate) fn artifact(from: &str, to: &str) -> LayerContract {
    let to = ImagePath::parse(to).unwrap();
    let artifact = Artifact { mode: Some(0o755), ..Artifact::new(from, to) };
    LayerContract::of(Role::Application, vec![artifact])
}

pub(crate) fn directory(path: &str) -> LayerContract {
    let path = ImagePath::parse(path).unwrap();
    let directory = Directory { path, mode: 0o755, owner: User::NONROOT };
    LayerContract { directories: vec![directory], ..LayerContract::new(Role::Configuration) }
}

pub(crate) fn bundle(parts: &[&str], to: &str) -> LayerContract {
    let parts = parts.iter().map(|&part| part.to_owned()).collect();
    let bundles = vec![Bundle { parts, to: ImagePath::parse(to).unwrap() }];
    LayerContract { bundles, ..LayerContract::new(Role::Configuration) }
}

impl Build {
    /// A graph that holds nothing but our own binary.
    pub(crate) fn empty() -> Build {
        let mut build = Build {
            drafts: Vec::new(),
            image: None,
            reports: Vec::new(),
            contract: Contract { user: User::NONROOT, ..Contract::default() },
            config: json!({
                "architecture": "amd64",
                "os": "linux",
                "config": {
                    "User": "65532:65532",
                    "Env": ["PATH=/usr/bin"],
                    "WorkingDir": "/app",
                    "Entrypoint": ["/app/web"],
                    "Cmd": ["--port=8080"],
                    "Labels": {"org.opencontainers.image.source": "https://example.com/acme"},
                    "ExposedPorts": {"8080/tcp": {}},
                    "StopSignal": "SIGTERM"
                },
                "rootfs": {"type": "layers", "diff_ids": []},
                "history": [],
                "created": "1970-01-01T00:00:00Z"
            }),
            annotations: vec![(
                "org.opencontainers.image.created".to_owned(),
                "1970-01-01T00:00:00Z".to_owned(),
            )],
            declared_env: Vec::new(),
            program_image: None,
            scanner: None,
            manifest: Source::new("cofferdam.yaml", "name: web\ngo: {}\n# ç\nruntime: {}\n"),
            lines: BTreeMap::new(),
        };
        build.add("program", &[], fixed_file(step::PROGRAM_IN_IMAGE, 0o755, PROGRAM.to_vec()));
        build
    }

    /// A step of our own binary.
    pub(crate) fn own(
        &mut self,
        name: &str,
        step: Step,
        request: usize,
        trees: &[(&str, Option<Link>)],
    ) -> usize {
        let program = self.find("program");
        let mut inputs: Vec<Link> = Vec::new();
        let mut index = |link: Link| {
            let known = inputs.iter().position(|known| *known == link);
            let index = known.unwrap_or_else(|| {
                inputs.push(link);
                inputs.len() - 1
            });
            i64::try_from(index).unwrap()
        };
        let mut mounts = vec![
            output("/", -1, 0),
            known(read_only(step::PROGRAM_MOUNT, index((program, 0)))),
            known(read_only(step::REQUEST_MOUNT, index((request, 0)))),
        ];
        for (at, tree) in trees {
            let tree = read_only(at, tree.map_or(-1, &mut index));
            mounts.push(if *at == step::INPUT_MOUNT { tree } else { known(tree) });
        }
        mounts.push(output(step::OUTPUT_MOUNT, -1, 1));
        mounts.push(output(step::REPORT_MOUNT, -1, 2));
        let argv = step.argv();
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        let vertex = self.add(name, &inputs, exec(pb::NetMode::None, &argv, mounts));
        self.meta(name, |meta| {
            meta.env.clear();
            meta.cwd.truncate(1);
        });
        vertex
    }

    /// Ends the graph in an image, with its inspection.
    pub(crate) fn finish(mut self, image: Option<Link>, base: Option<&str>) -> Build {
        self.image = image;
        let bundles = self.contract.layers.iter().flat_map(|layer| &layer.bundles);
        let request = InspectRequest {
            platform: "linux/amd64".to_owned(),
            uid: 65532,
            gid: 65532,
            workdir: "/app".to_owned(),
            env: BTreeMap::from([("PATH".to_owned(), "/usr/bin".to_owned())]),
            processes: vec![Process {
                name: "web".to_owned(),
                argv: vec!["/app/web".to_owned(), "--port=8080".to_owned()],
            }],
            base: step::BaseImage {
                name: "base".to_owned(),
                digest: base.map(|digest| format!("sha256:{digest}")),
            },
            extended: bundles.map(|bundle| bundle.to.to_string()).collect(),
            sbom: None,
        };
        let request = self.add("inspect request", &[], request_file(step::encode(&request)));
        let base = base.map(|_| (self.find("base"), 0));
        let trees = [(step::FINAL_MOUNT, image), (step::BASE_MOUNT, base)];
        let inspect = self.own("inspect", Step::Inspect, request, &trees);
        self.reports.extend([(inspect, 2), (inspect, 1)]);
        self
    }

    /// A Go service on a base: fetch, compile, a layer with the program and one with a directory.
    pub(crate) fn go() -> Build {
        let mut build = Build::empty();
        let compile = build.go_builder();
        let base = build.add("base", &[], image("gcr.io/distroless/static:nonroot", BASE));
        let app = build.layer("app", Some((compile, 1)), "/out", artifact("web", "/app/web"));
        let data = build.layer("data", None, "/", directory("/data"));
        let merged = build.add("merge", &[(base, 0), (app, 0), (data, 0)], merge(3));
        build.lines.insert("compile".to_owned(), 2);
        build.finish(Some((merged, 0)), Some(BASE))
    }

    /// Fetch, dependencies and program of a Go service; returns the compile step, whose output 1 is `/out`.
    pub(crate) fn go_builder(&mut self) -> usize {
        let golang = self.add("golang", &[], image("docker.io/library/golang:1.26-trixie", GOLANG));
        let context = self.add(
            "context",
            &[],
            source("local://context", &[("local.session", "s"), ("local.includepattern", "[\"src\"]")]),
        );
        let manifests = self.add("manifests", &[(context, 0)], select(&["go.mod", "lib/go.sum"]));
        let tree = self.add("source", &[(context, 0)], select(&["."]));
        let fetch = exec(
            pb::NetMode::Unset,
            &["/bin/sh", "-euc", "go mod download"],
            vec![
                output("/", 0, 0),
                output("/go/pkg/mod", -1, 1),
                read_only("/src", 1),
                tmpfs("/tmp"),
                secret("/root/.netrc", "netrc"),
                ssh("/run/buildkit/ssh_agent.0", "default"),
            ],
        );
        let fetch = self.add("fetch", &[(golang, 0), (manifests, 0)], fetch);
        self.exec("fetch", |exec| {
            exec.secretenv =
                vec![pb::SecretEnv { id: "token".to_owned(), name: "TOKEN".to_owned(), optional: true }];
        });
        let list = exec(
            pb::NetMode::None,
            &["sh", "list.sh"],
            vec![output("/", 0, 0), output("/run/listed", -1, 1), read_only("/src", 1)],
        );
        let list = self.add("list", &[(golang, 0), (tree, 0)], list);
        let own = |what: &str| cache("/root/.cache/go-build", &format!("go-{what}-web-{}", &GOLANG[..12]));
        let dependencies = exec(
            pb::NetMode::None,
            &["sh", "dependencies.sh"],
            vec![
                output("/", 0, 0),
                bind("/go/pkg/mod", 2),
                own("dependencies"),
                output("/run/dependencies", -1, 1),
                read_only("/run/listed", 3),
                bind("/src", 1),
            ],
        );
        let inputs = [(golang, 0), (manifests, 0), (fetch, 1), (list, 1)];
        let dependencies = self.add("dependencies", &inputs, dependencies);
        self.mount("dependencies", "/root/.cache/go-build", |mount| {
            mount.cache_opt.as_mut().unwrap().sharing = pb::CacheSharingOpt::Locked.into();
        });
        let compile = exec(
            pb::NetMode::None,
            &["go", "build"],
            vec![
                output("/", 0, 0),
                bind("/go/pkg/mod", 1),
                output("/out", -1, 1),
                own("build"),
                read_only("/run/dependencies", 3),
                bind("/src", 2),
                tmpfs("/tmp"),
            ],
        );
        let inputs = [(golang, 0), (fetch, 1), (tree, 0), (dependencies, 1)];
        self.add("compile", &inputs, compile)
    }

    /// The same on an empty base: a scaffold of made-up files and of some that another image has.
    pub(crate) fn scratch() -> Build {
        let mut build = Build::empty();
        let compile = build.go_builder();
        let donor = build.add("donor", &[], image("gcr.io/distroless/static:nonroot", BASE));
        let certificates = pb::FileActionCopy {
            follow_symlink: true,
            ..copy("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt")
        };
        let edits = vec![
            (-1, -1, mkdir("/etc/ssl/certs")),
            (1, -1, mkfile("/etc/passwd", b"root:x:0:0")),
            (2, 0, Action::Copy(certificates)),
        ];
        let files = build.add("scaffold files", &[(donor, 0)], actions(edits));
        let scaffold = build.layer("scaffold", Some((files, 0)), "/", artifact("etc/passwd", "/etc/passwd"));
        let app = build.layer("app", Some((compile, 1)), "/out", artifact("web", "/app/web"));
        let parts = ["etc/ssl/certs/ca-certificates.crt", "etc/passwd"];
        let bundle = bundle(&parts, "/etc/ssl/certs/ca-certificates.crt");
        let bundle = build.layer("bundle", Some((files, 0)), "/", bundle);
        let merged = build.add("merge", &[(scaffold, 0), (app, 0), (bundle, 0)], merge(3));
        build.finish(Some((merged, 0)), None)
    }

    /// One layer and nothing else; our own binary comes from an image.
    pub(crate) fn single_layer() -> Build {
        let mut build = Build::empty();
        let program = image("ghcr.io/cofferdam/cofferdam:1", BASE);
        if let pb::op::Op::Source(source) = &program {
            build.program_image = Some(source.identifier.clone());
        }
        build.drafts.clear();
        build.add("program", &[], program);
        let context = build.add("context", &[], source("local://context", &[("local.session", "s")]));
        let files = build.add("files", &[(context, 0)], select(&["bin/web"]));
        let app = build.layer("app", Some((files, 0)), "/", artifact("bin/web", "/app/web"));
        build.finish(Some((app, 0)), None)
    }

    /// Layers copied one onto the other, for daemons that cannot merge.
    pub(crate) fn flattened() -> Build {
        let mut build = Build::empty();
        let compile = build.go_builder();
        let base = build.add("base", &[], image("gcr.io/distroless/static:nonroot", BASE));
        let app = build.stacked("app", (compile, 1), (base, 0), artifact("web", "/app/web"));
        let more = build.stacked("more", (compile, 1), (app, 0), artifact("cli", "/app/cli"));
        build.finish(Some((more, 0)), Some(BASE))
    }

    /// A base without layers.
    pub(crate) fn base_alone() -> Build {
        let mut build = Build::empty();
        let base = build.add("base", &[], image("gcr.io/distroless/static:nonroot", BASE));
        build.finish(Some((base, 0)), Some(BASE))
    }

    /// A Rust program in a builder with packages: stubs, dependencies first, artifacts out of the work tree.
    pub(crate) fn rust() -> Build {
        let mut build = Build::empty();
        let rust = build.add("rust", &[], image("docker.io/library/rust:1-trixie", GOLANG));
        let install =
            exec(pb::NetMode::Unset, &["apt-get", "install"], vec![output("/", 0, 0), tmpfs("/tmp")]);
        let root = build.add("install", &[(rust, 0)], install);
        let context = build.add("context", &[], source("local://context", &[("local.session", "s")]));
        let manifests = build.add(
            "manifests",
            &[(context, 0)],
            select(&["Cargo.toml", "Cargo.lock", r"\[a\]/Cargo.toml"]),
        );
        let stubs = actions(vec![(0, -1, mkdir("/src")), (1, -1, mkfile("/src/main.rs", b"fn main() {}\n"))]);
        let skeleton = build.add("skeleton", &[(manifests, 0)], stubs);
        let fetch = exec(
            pb::NetMode::Unset,
            &["cargo", "fetch"],
            vec![output("/", 0, 0), read_only("/src", 1), output("/usr/local/cargo/registry", -1, 1)],
        );
        let fetch = build.add("fetch", &[(root, 0), (skeleton, 0)], fetch);
        let dependencies = exec(
            pb::NetMode::None,
            &["cargo", "build"],
            vec![
                output("/", 0, 0),
                bind("/src", 1),
                output("/target", -1, 1),
                bind("/usr/local/cargo/registry", 2),
            ],
        );
        let inputs = [(root, 0), (skeleton, 0), (fetch, 1)];
        let dependencies = build.add("dependencies", &inputs, dependencies);
        let run = exec(pb::NetMode::None, &["make"], vec![output("/", 0, 0), output("/src", 1, 1)]);
        let run = build.add("run", &[(root, 0), (context, 0)], run);
        let compile = exec(
            pb::NetMode::None,
            &["cargo", "build", "--offline"],
            vec![
                output("/", 0, 0),
                output("/out", -1, 1),
                output("/src", 1, 2),
                bind("/target", 2),
                bind("/usr/local/cargo/registry", 3),
            ],
        );
        let inputs = [(root, 0), (run, 1), (dependencies, 1), (fetch, 1)];
        let compile = build.add("compile", &inputs, compile);
        let app = build.layer("app", Some((compile, 1)), "/out", artifact("web", "/app/web"));
        let extra = build.layer("extra", Some((compile, 2)), "/src", artifact("assets", "/app/assets"));
        let merged = build.add("merge", &[(app, 0), (extra, 0)], merge(2));
        build.finish(Some((merged, 0)), None)
    }
}
