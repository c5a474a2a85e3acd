//! The planner: collects nodes, questions and errors while languages and bases say what they need.

use std::sync::Arc;

use super::final_image::Final;
use super::node::{
    Access, Compartment, Mount, Node, NodeId, Script, Secret, SecretTarget, Selection, Step, Tree,
};
use super::product::WORK_TREE;
use super::{Plan, Planning, Platforms};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::{Ask, ImageFact};
use crate::model::{self, Command, Image, SecretKind};
use crate::name::{ContextPath, Platform, Reference};
use crate::step::CargoLock;
use crate::text::{Span, Spanned};

/// Where fetch steps find certificate authorities that a secret adds.
const CA_SECRET: &str = "/run/secrets/ca-certificates";
/// Where they find these together with the builder's own; it is memory, so nothing of it stays.
const CA_TOGETHER: &str = "/tmp/ca-certificates.crt";
/// The variables by which Go, Cargo, Git and OpenSSL are told of authorities.
const CA_VARIABLES: [&str; 3] = ["SSL_CERT_FILE", "CARGO_HTTP_CAINFO", "GIT_SSL_CAINFO"];

/// The state of one planning.
pub(super) struct Planner<'a> {
    /// The image to plan.
    pub(super) image: &'a Image,
    /// Its platforms.
    pub(super) platforms: &'a Platforms,
    /// The door to facts.
    pub(super) ask: Ask<'a>,
    found: Diagnostics,
    nodes: Vec<Node>,
    builders: Vec<ImageFact>,
    /// The lock files of Rust programs, for the bill of materials.
    pub(super) cargo_locks: Vec<CargoLock>,
}

impl<'a> Planner<'a> {
    /// A planner that has planned nothing yet.
    pub(super) fn new(image: &'a Image, platforms: &'a Platforms, ask: Ask<'a>) -> Planner<'a> {
        Planner {
            image,
            platforms,
            ask,
            found: Diagnostics::new(),
            nodes: Vec::new(),
            builders: Vec::new(),
            cargo_locks: Vec::new(),
        }
    }

    /// Adds a node.
    pub(super) fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    /// Notes an error or a warning.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// The tree of files and directories of the build context.
    pub(super) fn context(&mut self, paths: Vec<ContextPath>) -> Tree {
        let exclude = self.image.source.exclude.clone();
        Tree::Root(self.add(Node::Context(Selection { paths, exclude })))
    }

    /// The tree of an image, with its facts; `None` while they are not known.
    pub(super) fn pull(
        &mut self,
        reference: &Spanned<Reference>,
        platform: &Platform,
    ) -> Option<(Tree, &'a ImageFact)> {
        let fact = self.ask.image(reference, platform)?;
        let known = self.nodes.iter().position(|node| matches!(node, Node::Image(image) if **image == *fact));
        let id = known.map_or_else(|| self.add(Node::Image(Box::new(fact.clone()))), NodeId);
        Some((Tree::Root(id), fact))
    }

    /// The file system in which builder steps run: the manifest's image or the given one, with packages.
    pub(super) fn builder(&mut self, usual: Reference, platform: &Platform) -> Option<(Tree, &'a ImageFact)> {
        let span = self.image.language.span;
        let reference = self.image.build.base.clone().unwrap_or(Spanned::new(usual, span));
        let (root, fact) = self.pull(&reference, platform)?;
        self.builders.push(fact.clone());
        if self.image.build.packages.is_empty() {
            return Some((root, fact));
        }
        let step = self.install(root);
        Some((Tree::Output(self.add(Node::Step(step)), "/".to_owned()), fact))
    }

    /// Where the manifest says which application it is: `source` where it is written, else the language.
    pub(super) fn source_span(&self) -> Span {
        let span = self.image.source.path.span;
        if span.is_empty() { self.image.language.span } else { span }
    }

    /// The secrets of a fetch step.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let secrets = self.image.fetch.secrets.iter();
        secrets.map(secret).collect()
    }

    /// The agents that a fetch step's ssh may ask.
    pub(super) fn ssh(&self) -> Vec<String> {
        self.image.fetch.ssh.iter().map(|id| id.value.clone()).collect()
    }

    /// Makes a fetch step trust the authorities that a secret adds, besides the builder's own.
    pub(super) fn trust(&self, step: &mut Step) {
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

    /// The work tree after the commands of `build.run`, each a step of its own.
    pub(super) fn run_commands(
        &mut self,
        root: &Tree,
        source: Tree,
        directory: &str,
        env: &Arc<Vec<(String, String)>>,
        mounts: &[Mount],
    ) -> Tree {
        let mut work = source;
        for command in &self.image.build.run {
            let (name, script) = script(&command.value);
            let step = Step {
                name,
                compartment: Compartment::Compile,
                root: root.clone(),
                script,
                directory: directory.to_owned(),
                env: Arc::clone(env),
                mounts: std::iter::once(work_tree(work, Access::Output))
                    .chain(mounts.iter().cloned())
                    .collect(),
                caches: Vec::new(),
                secrets: Vec::new(),
                ssh: Vec::new(),
                span: Some(command.span),
            };
            work = Tree::Output(self.add(Node::Step(step)), WORK_TREE.to_owned());
        }
        work
    }

    /// The end of planning.
    pub(super) fn finish(mut self, output: Option<Final>) -> Planning {
        self.tell_links();
        let missing = self.ask.into_missing();
        if self.found.has_errors() {
            return Planning::Failed(self.found);
        }
        match output {
            Some(output) if missing.is_empty() => {
                let Platforms { target: platform, build: build_platform } = self.platforms.clone();
                let plan = Plan {
                    platform,
                    build_platform,
                    nodes: self.nodes,
                    output,
                    name: self.image.name.clone(),
                    builders: self.builders,
                    cargo_locks: self.cargo_locks,
                };
                Planning::Ready(Box::new(plan), self.found)
            }
            _ => Planning::Needs(missing),
        }
    }

    /// Says where a link stands in the place of a file: an error where planning failed, perhaps for that reason.
    fn tell_links(&mut self) {
        let failed = self.found.has_errors();
        let at = self.source_span();
        let told: Vec<Diagnostic> = self.ask.links().map(|(path, target)| {
            let message = format!("`{path}` is a symbolic link to `{target}`, so it counts as not there");
            let told = if failed { Diagnostic::error("link", message) } else { Diagnostic::warning("link", message) };
            told.at(at)
                .why("a file that decides how to build is read under its own name, and fetched without anything else")
                .help("put the file itself in the link's place")
        }).collect();
        self.found.extend(told);
    }

    /// A step that installs Debian packages into a builder, by its own package manager.
    fn install(&self, root: Tree) -> Step {
        let packages = &self.image.build.packages;
        Step {
            name: format!("install {}", names(packages.iter().map(|package| package.value.as_str()))),
            compartment: Compartment::Fetch,
            root,
            script: Script::Shell {
                text: "apt-get update && apt-get install -y --no-install-recommends -- \"$@\" && \
                       rm -rf /var/lib/apt/lists/*"
                    .to_owned(),
                arguments: packages.iter().map(|package| package.value.clone()).collect(),
            },
            directory: "/".to_owned(),
            env: vec![("DEBIAN_FRONTEND".to_owned(), "noninteractive".to_owned())].into(),
            mounts: Vec::new(),
            caches: Vec::new(),
            secrets: Vec::new(),
            ssh: Vec::new(),
            span: packages.first().map(|package| package.span),
        }
    }
}

/// A mount that every fetch or compile step of a language starts from.
pub(super) fn work_tree(tree: Tree, access: Access) -> Mount {
    Mount { tree, selector: String::new(), at: WORK_TREE.to_owned(), access }
}

/// A few names for people: all of them while they are few.
pub(super) fn names<'n>(all: impl Iterator<Item = &'n str>) -> String {
    let all: Vec<&str> = all.collect();
    match all.len() {
        0..=3 => all.join(", "),
        more => format!("{}, {} and {} more", all[0], all[1], more - 2),
    }
}

/// A secret at the place where the tools of the builder look for it.
fn secret(secret: &model::Secret) -> Secret {
    let file = |path: &str| SecretTarget::File(path.to_owned());
    let target = match &secret.kind {
        SecretKind::Netrc => file("/root/.netrc"),
        SecretKind::CargoCredentials => file("/usr/local/cargo/credentials.toml"),
        SecretKind::CaCertificates => file(CA_SECRET),
        SecretKind::File(path) => file(path.as_str()),
        SecretKind::Env(name) => SecretTarget::Env(name.clone()),
    };
    Secret { id: secret.id.value.clone(), target, required: secret.required, span: secret.id.span }
}

/// A command's name for people, and what runs.
fn script(command: &Command) -> (String, Script) {
    match command {
        Command::Shell(text) => {
            let name = format!("run {}", text.lines().next().unwrap_or_default());
            (name, Script::Shell { text: text.clone(), arguments: Vec::new() })
        }
        Command::Program(words) => (format!("run {}", words.join(" ")), Script::Program(words.clone())),
    }
}
