//! Builds the operations of `golden/ops.json` through `llb` and compares them byte for byte.
//!
//! BuildKit's own client made the file; `go run ./golden -check ../tests/golden/ops.json` in `lab/` tells whether it
//! is fresh, and `make test` asks that.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cofferdam::llb::{
    Blob, Build, ContentCache, Copy, Diff, Exec, File, Git, Graph, Http, Image, Local, Location, Merge, Meta,
    Mkdir, Mkfile, Mode, Mount, Network, OciLayout, Operation, Output, Owner, Passthrough, Remove,
    ResolveMode, Root, Security, Sharing, Symlink, required_caps,
};
use cofferdam::name::{Digest, Platform, Reference};
use cofferdam::text::Position;
use cofferdam::wire::{decode_op, encode_op, pb};
use prost::Message;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    name: String,
    digest: String,
    output: u32,
    bytes: String,
    #[serde(default)]
    caps: BTreeSet<String>,
    #[serde(default)]
    order: Vec<String>,
}

/// A graph under construction, and the outputs that cases end in, by name.
#[derive(Default)]
struct Cases {
    graph: Graph,
    outputs: BTreeMap<&'static str, Output>,
}

/// What we ask for and BuildKit's client does not: it forgets those of file actions and of the layer limit of a
/// store, asks for the default path only when it knows the daemon, and for the rest never.
const MORE_CAPS: [&str; 8] = [
    "exec.meta.setsdefaultpath",
    "exec.meta.cgroup.parent",
    "exec.mount.bind.readwrite-nooutput",
    "file.copy.includeexcludepatterns",
    "file.copy.requiredpaths",
    "file.copy.alwaysreplaceexistingdestpaths",
    "file.rm.wildcard",
    "file.symlink.create",
];

const BASE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const BLOB: &str = "2222222222222222222222222222222222222222222222222222222222222222";
const COMMIT: &str = "3333333333333333333333333333333333333333";
/// The first second of 2026 and five nanoseconds.
const TIME: i64 = 1_767_225_600_000_000_005;
const NONROOT: Owner = Owner { uid: 65532, gid: 65532 };

#[test]
fn operations_are_those_of_buildkit() {
    let golden: Vec<Golden> = serde_json::from_str(include_str!("golden/ops.json")).unwrap();
    let cases = cases();
    let names: BTreeSet<_> = golden.iter().map(|golden| golden.name.as_str()).collect();
    assert_eq!(names, cases.outputs.keys().copied().collect());
    assert_eq!(names.len(), golden.len());
    for golden in &golden {
        let output = &cases.outputs[golden.name.as_str()];
        let definition = cases.graph.definition(output, vec![]).unwrap();
        let (terminal, operations) = definition.def.split_last().unwrap();
        let bytes = operations.last().unwrap();
        let name = &golden.name;
        assert_eq!(decode_op(bytes), decode_op(&unhex(&golden.bytes)), "{name}: fields");
        assert_eq!(*bytes, unhex(&golden.bytes), "{name}: bytes");
        assert_eq!(encode_op(&decode_op(bytes).unwrap()), *bytes, "{name}: decoded and encoded");
        assert_eq!(output.digest().unwrap().as_str(), golden.digest, "{name}: digest");
        assert_eq!(output.index(), golden.output, "{name}: output");
        let terminal = decode_op(terminal).unwrap();
        assert_eq!(
            terminal.inputs,
            [pb::Input { digest: golden.digest.clone(), index: golden.output.into() }]
        );
        if !golden.order.is_empty() {
            assert_order(&definition, &golden.order, name);
            assert_caps(&definition.metadata[&golden.digest], &golden.caps, name);
        }
    }
}

fn assert_order(definition: &pb::Definition, order: &[String], name: &str) {
    let ours: Vec<_> = definition.def.iter().map(|bytes| Digest::of(bytes).to_string()).collect();
    assert_eq!(ours, order, "{name}: order");
}

fn assert_caps(meta: &pb::OpMetadata, caps: &BTreeSet<String>, name: &str) {
    let ours: BTreeSet<_> = meta.caps.keys().cloned().collect();
    let missing: Vec<_> = caps.difference(&ours).collect();
    let more: Vec<_> = ours.difference(caps).filter(|cap| !MORE_CAPS.contains(&cap.as_str())).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "{name}: capabilities missing {missing:?}, too many {more:?}"
    );
}

/// All cases as one definition, for the laboratory to load as the daemon does: `go run ./conformance/load
/// ../target/tmp/golden.definition` in `lab/`.
#[test]
fn all_operations_are_written_for_the_laboratory() {
    let mut cases = cases();
    let outputs = cases.outputs.values().cloned().collect::<BTreeSet<_>>();
    let place = Position { line: 1, column: 1 };
    let meta = Meta::named("everything").at(Location::new(0, (place, place)));
    let all = cases.graph.add(Merge::new(outputs.clone()), meta);
    let file =
        pb::SourceInfo { filename: "image.yaml".into(), data: b"a: 1\n".to_vec(), ..Default::default() };
    let definition = cases.graph.definition(&all, vec![file]).unwrap();
    assert!(definition.def.len() > outputs.len());
    // Cargo says where its tests may write: `target/tmp`.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden.definition");
    std::fs::write(path, definition.encode_to_vec()).unwrap();
}

/// BuildKit declares them but never registers them, so that a definition that asks for one is refused.
#[test]
fn unregistered_capabilities_are_never_asked_for() {
    let cases = cases();
    let definitions = cases.outputs.values().map(|output| cases.graph.definition(output, vec![]).unwrap());
    for definition in definitions {
        let caps = required_caps(&definition);
        assert!(!caps.contains("file.copy.modestring"));
        assert!(!caps.contains("exec.meta.removemountstubs.recursive"));
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn cases() -> Cases {
    let mut cases = Cases::default();
    sources(&mut cases);
    gits(&mut cases);
    execs(&mut cases);
    outputs(&mut cases);
    mounts(&mut cases);
    files(&mut cases);
    copies(&mut cases);
    graphs(&mut cases);
    cases
}

impl Cases {
    fn add<O: Operation>(&mut self, operation: O) -> O::Added {
        self.graph.add(operation, Meta::named("a name changes no digest"))
    }

    fn case(&mut self, name: &'static str, output: Output) -> Output {
        assert!(self.outputs.insert(name, output.clone()).is_none(), "{name} is there already");
        output
    }

    /// A case of one operation with one output.
    fn one(&mut self, name: &'static str, operation: impl Operation<Added = Output>) -> Output {
        let output = self.add(operation);
        self.case(name, output)
    }

    /// A case of a step whose root is the output.
    fn step(&mut self, name: &'static str, exec: Exec) -> Output {
        let output = self.add(exec).output("/").unwrap();
        self.case(name, output)
    }

    fn base(&mut self) -> Output {
        self.add(Image::new(&reference(&format!("golang:1.26@sha256:{BASE}")), &platform("linux/amd64")))
    }

    fn source(&mut self) -> Output {
        self.add(Local::new("context", "s1").shared_key_hint("context"))
    }

    /// A step on the base.
    fn exec(&mut self, command: &[&str]) -> Exec {
        let base = self.base();
        exec(command).root(&base, Root::Output)
    }
}

fn exec(command: &[&str]) -> Exec {
    Exec::new(&platform("linux/amd64"), command.iter().copied()).network(Network::Sandbox)
}

fn platform(text: &str) -> Platform {
    Platform::parse(text).unwrap()
}

fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

fn digest(hex: &str) -> Digest {
    Digest::parse(&format!("sha256:{hex}")).unwrap()
}

fn sources(cases: &mut Cases) {
    let amd64 = platform("linux/amd64");
    let base = cases.base();
    cases.case("image", base);
    cases.one("image-tag", Image::new(&reference("debian:bookworm-slim"), &amd64));
    let pinned = reference(&format!("registry.example:5000/team/app@sha256:{BASE}"));
    cases.one("image-variant", Image::new(&pinned, &platform("linux/arm")));
    let alpine = reference("alpine");
    let image = Image::new(&alpine, &platform("linux/arm64")).resolve_mode(ResolveMode::Pull);
    cases.one("image-pull", image);
    let image = Image::new(&alpine, &amd64).resolve_mode(ResolveMode::Local);
    cases.one("image-local-limited", image.layer_limit(2.try_into().unwrap()));
    let app = reference("app");
    cases.one("oci-layout", OciLayout::new(&app, &digest(BASE), "store", "s1", &amd64));
    cases.one("blob", Blob::new(&app, &digest(BLOB)).filename("a.tar").mode(0o644));
    let source = cases.source();
    cases.case("local", source);
    let local = || Local::new("context", "s1");
    let patterns = local()
        .include_patterns(["cmd", "a<b>&c", "quote\"d", "ü\u{2028}"])
        .exclude_patterns([".git", "**/*.md"])
        .shared_key_hint("context");
    cases.one("local-patterns", patterns);
    let definition = Local::new("dockerfile", "s1")
        .follow_paths(["image.yaml", "image.yaml.dockerignore"])
        .shared_key_hint("dockerfile")
        .without_differ();
    cases.one("local-definition", definition);
    cases.one("local-metadata", local().metadata_only(["go.mod"]));
    let http = || Http::new("https://example.com/a/b.tar.gz");
    cases.one("http", http());
    let checked = http().checksum(&digest(BLOB)).filename("b.tgz").mode(0o755).owner(65532, 0);
    cases.one("http-checked", checked.auth_header_secret("token"));
}

fn gits(cases: &mut Cases) {
    let git = Git::new("https://git.example/team/app.git").unwrap();
    cases.one("git", git.reference("v1.2").subdirectory("sub/dir").checksum(COMMIT));
    cases.one("git-default", Git::new("https://user@git.example:8443/team//app").unwrap());
    let ssh = Git::new("git@git.example:team/app.git").unwrap().reference("main");
    let ssh = ssh.known_ssh_hosts("git.example ssh-ed25519 AAAA").keep_git_dir().skip_submodules();
    cases.one("git-ssh", ssh.commit_times());
    let ssh = Git::new("ssh://git@git.example/team/app.git").unwrap().subdirectory("docs/");
    cases.one("git-ssh-url", ssh.known_ssh_hosts("h k v"));
}

fn execs(cases: &mut Cases) {
    let command = ["go", "build", "./..."];
    let plain = cases.exec(&command);
    cases.step("exec", plain.clone());
    let meta = plain.clone().cwd("/src").env("PATH", "/bin").env("A", "1").env("B", "").env("A", "2");
    let meta = meta.user("65532:65532").hostname("builder").cgroup_parent("parent");
    let meta = meta.extra_host("db.example", "10.0.0.7".parse().unwrap());
    let meta = meta.extra_host("v6.example", "2001:db8::1".parse().unwrap());
    let meta = meta.ulimit("nofile", 1024, 2048).ulimit("core", -1, -1).valid_exit_codes([0, 3, 200]);
    let meta = meta.device("vendor.example/gpu=0", false).device("vendor.example/gpu=1", true);
    cases.step("exec-meta", meta);
    let proxy = pb::ProxyEnv {
        http_proxy: "http://p:1".into(),
        https_proxy: "http://p:2".into(),
        ftp_proxy: "http://p:3".into(),
        no_proxy: "localhost".into(),
        all_proxy: "http://p:4".into(),
    };
    cases.step("exec-proxy", plain.clone().proxy(proxy));
    cases.step("exec-offline", plain.clone().network(Network::None));
    cases.step("exec-host-insecure", plain.clone().network(Network::Host).security(Security::Insecure));
    let empty = Exec::new(&platform("linux/arm64"), command).network(Network::Sandbox);
    cases.step("exec-scratch", empty.root(&Output::scratch(), Root::Output));
}

fn outputs(cases: &mut Cases) {
    let (base, source) = (cases.base(), cases.source());
    let step = exec(&["make"])
        .root(&base, Root::ReadOnly)
        .mount(Mount::read_only(&source, "/src"))
        .mount(Mount::output("/out"))
        .mount(Mount::output("/b/out").from(&source));
    let step = cases.add(step);
    cases.case("mount-output", step.output("/out").unwrap());
    cases.case("mount-first-output", step.output("/b/out").unwrap());
    assert!(step.output("/").is_err() && step.output("/src").is_err());
    let helper = Exec::new(&platform("linux/amd64"), ["/h/helper", "check"])
        .mount(Mount::read_only(&source, "/h"))
        .mount(Mount::output("/out"));
    let helper = cases.add(helper);
    cases.case("exec-empty-root", helper.output("/").unwrap());
}

fn mounts(cases: &mut Cases) {
    let (base, source, step) = (cases.base(), cases.source(), cases.exec(&["make"]));
    let read = Mount::read_only(&source, "/z").selector("/go.mod").content_cache(ContentCache::Off);
    let discarded = Mount::discarded(&base, "/a").content_cache(ContentCache::On);
    cases.step("mount-selector", step.clone().mount(read).mount(discarded));
    let filled = Mount::cache("p/x", "/c/filled", Sharing::Shared).from(&source).selector("/cache");
    let caches = step.clone().mount(filled);
    let caches = caches.mount(Mount::cache("p/go", "/c/locked", Sharing::Locked));
    cases.step("mount-caches", caches.mount(Mount::cache("p/npm", "/c/private", Sharing::Private)));
    let memory = step.clone().mount(Mount::tmpfs("/tmp")).mount(Mount::tmpfs("/dev/shm").size(64 << 20));
    cases.step("mount-tmpfs", memory);
    let secret = Mount::secret("key", "/run/secrets/key").owner(65532, 65533).mode(0o440).optional();
    let secrets = step.clone().mount(Mount::secret("token", "/run/secrets/token")).mount(secret);
    let secrets = secrets.secret_env("npm", "NPM_TOKEN", false).secret_env("pip", "PIP_TOKEN", true);
    cases.step("mount-secrets", secrets.mount(Mount::read_only(&source, "/z")));
    let other = Mount::ssh("other", "/run/other").owner(1, 2).mode(0o660).optional();
    cases.step("mount-ssh", step.mount(Mount::ssh("default", "")).mount(other));
}

fn files(cases: &mut Cases) {
    let base = cases.base();
    let (on_scratch, on_base) = (File::on_scratch, || File::on(&base));
    cases.one("file-mkdir", on_scratch().mkdir(Mkdir::new("/app", 0o755)));
    let mkdir = Mkdir::new("/a/b", 0o700).parents().owner(NONROOT).timestamp(TIME);
    cases.one("file-mkdir-full", on_base().mkdir(mkdir));
    cases.one("file-mkfile", on_scratch().mkfile(Mkfile::new("/empty", 0o644, "")));
    let mkfile = Mkfile::new("/etc/x", 0o600, b"hello\n\x00\xff").owner(NONROOT).timestamp(TIME);
    cases.one("file-mkfile-full", on_base().mkfile(mkfile));
    let large = "0123456789abcdef".repeat(1024);
    cases.one("file-mkfile-large", on_scratch().mkfile(Mkfile::new("/large", 0o755, large)));
    let symlink = Symlink::new("/lib64", "../lib").owner(NONROOT).timestamp(TIME);
    cases.one("file-symlink", on_base().symlink(symlink));
    cases.one("file-remove", on_base().remove(Remove::new("/var/cache")));
    let wildcard = Remove::new("/var/cache/*").allow_missing().wildcard();
    cases.one("file-remove-wildcard", on_base().remove(wildcard));
}

fn copies(cases: &mut Cases) {
    let (base, source) = (cases.base(), cases.source());
    let on_base = || File::on(&base);
    cases.one("file-copy", File::on_scratch().copy(Copy::new(&source, "/a", "/b/")));
    let full = Copy {
        owner: Some(Owner { uid: 65532, gid: 0 }),
        mode: Some(Mode::Bits(0o755)),
        timestamp: Some(TIME),
        follow_symlink: true,
        contents_only: true,
        unpack: true,
        create_parents: true,
        wildcard: true,
        empty_wildcard: true,
        replace: true,
        include: vec!["*.go".into(), "go.*".into()],
        exclude: vec!["*_test.go".into()],
        required: vec!["go.mod".into()],
        ..Copy::new(&source, "/", "/src")
    };
    cases.one("file-copy-full", on_base().copy(full));
    let symbolic = Copy::new(&source, "/a", "/b").mode(Mode::Symbolic("u=rwX,go=rX".into()));
    cases.one("file-copy-symbolic", on_base().copy(symbolic));
    cases.one("file-copy-same", on_base().copy(Copy::new(&base, "/a", "/b")));
    let chain = on_base()
        .mkdir(Mkdir::new("/x", 0o755))
        .copy(Copy::new(&source, "/a", "/x/a"))
        .symlink(Symlink::new("/x/b", "a"))
        .copy(Copy::new(&Output::scratch(), "/", "/y"))
        .copy(Copy::new(&source, "/c", "/x/c"))
        .mkfile(Mkfile::new("/x/d", 0o644, "d"))
        .remove(Remove::new("/x/a"));
    cases.one("file-chain", chain);
}

fn graphs(cases: &mut Cases) {
    let base = cases.base();
    let app = cases.exec(&["build"]);
    let app = cases.add(app).output("/").unwrap();
    let config = cases.add(File::on_scratch().mkdir(Mkdir::new("/etc", 0o755)));
    let two = cases.exec(&["two"]).mount(Mount::output("/out"));
    let two = cases.add(two);
    let (root, out) = (two.output("/").unwrap(), two.output("/out").unwrap());

    let trees = [base.clone(), Output::scratch(), config.clone(), base.clone()];
    cases.one("merge", Merge::new(trees));
    let difference = cases.one("diff", Diff::new(&base, &app));
    cases.one("diff-upper-scratch", Diff::new(&base, &Output::scratch()));
    cases.one("merge-diff", Merge::new([config.clone(), difference.clone(), out.clone()]));
    let copy = File::on_scratch().copy(Copy::new(&out, "/", "/")).copy(Copy::new(&root, "/x", "/x"));
    cases.one("copy-second-output", copy);
    let passthrough = Passthrough::new("checked", [base.clone(), config.clone()]).after([app.clone()]);
    let handed = cases.add(passthrough);
    cases.case("passthrough", handed[1].clone());
    cases.one("build", Build::new(&config, "/llb.bin", &platform("linux/amd64")));
    cases.one("build-default", Build::new(&config, "", &platform("linux/amd64")));
    let [first, second] =
        ["/1", "/2"].map(|to| cases.add(File::on(&app).copy(Copy::new(&config, "/etc", to))));
    cases.one("diamond", Merge::new([first, second, difference]));
}
