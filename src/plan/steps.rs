//! The steps of builders: what all fetches and all compilations have in common.

use std::path::Path;
use std::sync::Arc;

use super::node::{
    Access, Cache, Compartment, FileEdit, Files, Mount, Node, NodeId, Script, Secret, SecretTarget, Step,
    Tree,
};
use super::planner::{Planner, names};
use super::product::{WORK_TREE, in_work_tree};
use crate::diagnostic::Diagnostic;
use crate::model::{self, Command, SecretKind};
use crate::name::{ContextPath, Digest};
use crate::rule;
use crate::text::Spanned;

/// What names the packages of Debian that a builder lacks, wherever something is compiled.
pub(super) const LACKING: (&str, &str) = ("lacking.sh", include_str!("lacking.sh"));
/// Where fetch steps find certificate authorities that a secret adds.
const CA_SECRET: &str = "/run/secrets/ca-certificates";
/// Where they find these together with the builder's own; it is memory, so nothing of it stays.
const CA_TOGETHER: &str = "/tmp/ca-certificates.crt";
/// The variables by which Go, Cargo, Git, OpenSSL, Node, pip and its like are told of authorities.
const CA_VARIABLES: [&str; 6] = [
    "SSL_CERT_FILE",
    "CARGO_HTTP_CAINFO",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
];

impl Planner<'_> {
    /// A compile step that sees nothing yet.
    pub(super) fn step(&self, name: impl Into<String>, root: &Tree, script: Script) -> Step {
        Step {
            name: name.into(),
            compartment: Compartment::Compile,
            root: root.clone(),
            script,
            directory: "/".to_owned(),
            env: Arc::default(),
            mounts: Vec::new(),
            caches: Vec::new(),
            secrets: Vec::new(),
            ssh: Vec::new(),
            span: Some(self.image.language.span),
        }
    }

    /// Adds a step with network, and with the secrets, agents and variables that the manifest gives to fetches.
    pub(super) fn add_fetch(&mut self, step: Step) -> NodeId {
        let fetch = &self.image.fetch;
        let mut step = Step {
            compartment: Compartment::Fetch,
            secrets: fetch.secrets.iter().map(secret).collect(),
            ssh: fetch.ssh.iter().map(|id| id.value.clone()).collect(),
            ..step
        };
        Arc::make_mut(&mut step.env).extend(fetch.env.iter().cloned());
        self.refuse_handed_on(&step);
        self.trust(&mut step);
        self.add(Node::Step(step))
    }

    /// A cache of what fetches of this project downloaded, for a step in the given toolchain; what comes out of it must
    /// be held against digests of a lock file again.
    ///
    /// `None` beside secrets and agents: what these open stays with who has them.
    pub(super) fn downloads(&self, manager: &str, toolchain: &Digest, at: &str) -> Option<Cache> {
        let image = self.image;
        let project =
            Digest::of([image.name.as_str(), image.source.path.value.as_str()].join("\n").as_bytes());
        let id = format!("{manager}-downloads-{}-{}", &project.hex()[..12], &toolchain.hex()[..12]);
        image.fetch.is_public().then(|| Cache { id, at: at.to_owned(), exclusive: false })
    }

    /// A secret in what a step hands on would go with it.
    fn refuse_handed_on(&mut self, step: &Step) {
        let outputs = step.mounts.iter().filter(|mount| mount.access == Access::Output);
        for secret in &step.secrets {
            let SecretTarget::File(path) = &secret.target else { continue };
            if let Some(mount) = outputs.clone().find(|mount| Path::new(path).starts_with(&mount.at)) {
                let message = format!(
                    "the secret `{}` would lie in what the fetch hands on, `{}`",
                    secret.id, mount.at
                );
                let error = Diagnostic::error(rule::SECRET_OUTSIDE_FETCH.name, message).at(secret.span);
                self.report(error.help("choose another `target`, such as below /run/secrets"));
            }
        }
    }

    /// Adds an offline step, with the variables that the manifest gives to compilations.
    pub(super) fn add_compile(&mut self, mut step: Step) -> NodeId {
        // What many steps share is copied only for a reason.
        if !self.image.build.env.is_empty() {
            Arc::make_mut(&mut step.env).extend(self.image.build.env.iter().cloned());
        }
        self.add(Node::Step(step))
    }

    /// Makes a fetch step trust the authorities that a secret adds, besides the builder's own.
    fn trust(&self, step: &mut Step) {
        const TEXT: &str = r#"together=$1 added=$2; shift 2
{ cat /etc/ssl/certs/ca-certificates.crt || :; echo; cat "$added"; } > "$together"
exec "$@""#;
        let is_added = |secret: &model::Secret| secret.kind == SecretKind::CaCertificates;
        if !self.image.fetch.secrets.iter().any(is_added) {
            return;
        }
        let mut arguments = vec![CA_TOGETHER.to_owned(), CA_SECRET.to_owned()];
        arguments.extend(step.script.argv());
        step.script = Script::Shell { text: TEXT.to_owned(), arguments };
        let told = CA_VARIABLES.iter().map(|name| ((*name).to_owned(), CA_TOGETHER.to_owned()));
        // In front: what the manifest says of the same variables wins.
        Arc::make_mut(&mut step.env).splice(0..0, told);
    }

    /// What compile steps may do with the work tree: its changes are kept only when something asks for them.
    pub(super) fn work_access(&self) -> Access {
        if self.image.build.artifacts.is_empty() { Access::Discarded } else { Access::Output }
    }

    /// The work tree that compile steps begin with where a fetch wrote into it: the source of a directory, over that.
    pub(super) fn lay_source(&mut self, over: Tree, directory: ContextPath) -> Tree {
        let tree = self.context(vec![directory]);
        let (from, to) = ("/".to_owned(), "/".to_owned());
        let edits = vec![FileEdit::Copy { tree, from, to, exclude: Vec::new() }];
        let (name, span) = ("lay the source over the packages".to_owned(), Some(self.image.language.span));
        Tree::Root(self.add(Node::Files(Files { name, over, edits, span })))
    }

    /// The work tree after the commands of `build.run`.
    pub(super) fn run_commands(&mut self, like: &Step, source: Tree) -> Tree {
        self.run_each(&self.image.build.run, like, source)
    }

    /// The work tree after some commands, each a step of its own in the builder of another step.
    pub(super) fn run_each(&mut self, commands: &[Spanned<Command>], like: &Step, source: Tree) -> Tree {
        let mut work = source;
        let directory = in_work_tree(&self.image.source.path.value);
        for command in commands {
            let (name, script) = script(&command.value);
            let mut step = Step {
                directory: directory.clone(),
                env: Arc::clone(&like.env),
                mounts: like.mounts.clone(),
                span: Some(command.span),
                ..self.step(name, &like.root, script)
            };
            step.mounts.push(work_tree(work, Access::Output));
            work = Tree::Output(self.add_compile(step), WORK_TREE.to_owned());
        }
        work
    }

    /// A step that installs Debian packages into a builder, by its own package manager.
    pub(super) fn install(&self, root: &Tree) -> Step {
        let packages = &self.image.build.packages;
        let script = Script::Shell {
            text: "apt-get update && apt-get install -y --no-install-recommends -- \"$@\" && \
                   rm -rf /var/lib/apt/lists/*"
                .to_owned(),
            arguments: packages.iter().map(|package| package.value.clone()).collect(),
        };
        let name = format!("install {}", names(packages.iter().map(|package| package.value.as_str())));
        Step {
            compartment: Compartment::Fetch,
            env: vec![("DEBIAN_FRONTEND".to_owned(), "noninteractive".to_owned())].into(),
            span: packages.first().map(|package| package.span),
            ..self.step(name, root, script)
        }
    }
}

/// A mount that every fetch or compile step of a language starts from.
pub(super) fn work_tree(tree: Tree, access: Access) -> Mount {
    Mount { tree, selector: String::new(), at: WORK_TREE.to_owned(), access }
}

/// A secret at the place where the tools of the builder look for it.
fn secret(secret: &model::Secret) -> Secret {
    let file = |path: &str| SecretTarget::File(path.to_owned());
    let target = match &secret.kind {
        SecretKind::Netrc => file("/root/.netrc"),
        SecretKind::CargoCredentials => file("/usr/local/cargo/credentials.toml"),
        SecretKind::Npmrc => file("/root/.npmrc"),
        SecretKind::MavenSettings => file("/root/.m2/settings.xml"),
        SecretKind::PipConf => file("/root/.config/pip/pip.conf"),
        SecretKind::KnownHosts => file("/root/.ssh/known_hosts"),
        SecretKind::CaCertificates => file(CA_SECRET),
        SecretKind::File(path) => file(path.as_str()),
        SecretKind::Env(name) => SecretTarget::Env(name.clone()),
    };
    Secret { id: secret.id.value.clone(), target, required: secret.required, span: secret.id.span }
}

/// A command's name for people, and what runs.
pub(super) fn script(command: &Command) -> (String, Script) {
    match command {
        Command::Shell(text) => {
            let name = format!("run {}", text.lines().next().unwrap_or_default());
            (name, Script::Shell { text: text.clone(), arguments: Vec::new() })
        }
        Command::Program(words) => (format!("run {}", words.join(" ")), Script::Program(words.clone())),
    }
}
