//! The planner: collects nodes, questions and errors while languages and bases say what they need.

use std::fmt::Display;

use super::choice::Choice;
use super::detect::Detected;
use super::final_image::{FetchedCode, Final};
use super::node::{Node, NodeId, Selection, Tree};
use super::process::{self, Process};
use super::{Plan, Planning, Platforms};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::{Ask, ImageFact};
use crate::model::Image;
use crate::name::{ContextPath, Platform, Reference};
use crate::rule;
use crate::step::{CargoLock, Test};
use crate::text::{Span, Spanned};

/// The state of one planning.
pub(super) struct Planner<'a> {
    /// The image to plan.
    pub(super) image: &'a Image,
    /// Its platforms.
    pub(super) platforms: &'a Platforms,
    /// The door to facts.
    pub(super) ask: Ask<'a>,
    /// What the image starts, where the manifest or a `Procfile` says it.
    pub(super) processes: Vec<Process>,
    /// What told the language, where the manifest does not.
    pub(super) detected: Option<Detected>,
    /// Whether code that was fetched may run with network.
    pub(super) fetched_code: FetchedCode,
    choices: Vec<Choice>,
    /// The file that told the version of the toolchain.
    version_by: Option<String>,
    found: Diagnostics,
    /// Patterns of what no step sees of the context.
    left_out: Vec<String>,
    nodes: Vec<Node>,
    builders: Vec<ImageFact>,
    /// The lock files of Rust programs, for the bill of materials.
    pub(super) cargo_locks: Vec<CargoLock>,
}

/// What builder steps run in.
pub(super) struct Toolchain<'a> {
    /// The image as it was pulled.
    pub(super) image: Tree,
    /// The image with the manifest's packages.
    pub(super) root: Tree,
    /// What is known of the image.
    pub(super) fact: &'a ImageFact,
}

impl<'a> Planner<'a> {
    /// A planner that has planned nothing yet.
    pub(super) fn new(image: &'a Image, platforms: &'a Platforms, ask: Ask<'a>) -> Planner<'a> {
        Planner {
            image,
            platforms,
            ask,
            processes: Vec::new(),
            detected: None,
            fetched_code: FetchedCode::Rests,
            choices: Vec::new(),
            version_by: None,
            found: Diagnostics::new(),
            left_out: Vec::new(),
            nodes: Vec::new(),
            builders: Vec::new(),
            cargo_locks: Vec::new(),
        }
    }

    /// Whether it is said what the image starts, so that a language need not find it.
    pub(super) fn is_started(&self) -> bool {
        self.image.runtime.entrypoint.is_some() || !self.processes.is_empty()
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

    /// Warns that code that was fetched may run with network, and keeps the report from calling the contrary proved.
    pub(super) fn run_fetched_code(&mut self, how: FetchedCode, span: Span, message: String, help: &str) {
        self.fetched_code = how;
        let warning = Diagnostic::warning(rule::FETCH_EXECUTES.name, message).at(span);
        self.report(warning.why(rule::FETCH_EXECUTES.why).help(help));
    }

    /// Notes what the manifest leaves open and a file tells.
    pub(super) fn chose(&mut self, what: &'static str, value: &dyn Display, because: &dyn Display) {
        self.choices.push(Choice { what, value: value.to_string(), because: because.to_string() });
    }

    /// Notes a version that a file tells; where the manifest names the builder's image, that has whichever it has.
    pub(super) fn chose_version(&mut self, what: &'static str, value: &dyn Display, because: &dyn Display) {
        if self.image.build.base.is_none() {
            self.version_by = Some(because.to_string());
            self.chose(what, value, because);
        }
    }

    /// Leaves what builds and tools made out of all that steps see of the context from now on: it is not even sent.
    pub(super) fn leave_out(&mut self, patterns: impl IntoIterator<Item = impl Into<String>>) {
        self.left_out.extend(patterns.into_iter().map(Into::into));
    }

    /// What the manifest gives to steps of builders, besides their image.
    pub(super) fn builder_setting(&self) -> String {
        let build = &self.image.build;
        let packages = build.packages.iter().map(|package| package.value.clone());
        let env = build.env.iter().map(|(name, value)| format!("{name}={value}"));
        packages.chain(env).collect::<Vec<_>>().join("\n")
    }

    /// The tree of files and directories of the build context.
    pub(super) fn context(&mut self, paths: Vec<ContextPath>) -> Tree {
        // The manifest has the last word: `!` takes something back.
        let exclude = self.left_out.iter().chain(&self.image.source.exclude).cloned().collect();
        Tree::Root(self.add(Node::Context(Selection { paths, exclude })))
    }

    /// The tree of an image, with its facts; `None` while they are not known.
    pub(super) fn pull(
        &mut self,
        reference: &Spanned<Reference>,
        platform: &Platform,
    ) -> Option<(Tree, &'a ImageFact)> {
        self.pull_or(reference, platform, None)
    }

    /// The same, with help where there is no such image.
    fn pull_or(
        &mut self,
        reference: &Spanned<Reference>,
        platform: &Platform,
        help: Option<String>,
    ) -> Option<(Tree, &'a ImageFact)> {
        let fact = self.ask.image(reference, platform, help)?;
        let known = self.nodes.iter().position(|node| matches!(node, Node::Image(image) if **image == *fact));
        let id = known.map_or_else(|| self.add(Node::Image(Box::new(fact.clone()))), NodeId);
        Some((Tree::Root(id), fact))
    }

    /// What builder steps run in: the manifest's image or the given one, with packages.
    pub(super) fn toolchain(&mut self, usual: Reference, platform: &Platform) -> Option<Toolchain<'a>> {
        let span = self.image.language.span;
        let (image, fact) = match &self.image.build.base {
            Some(written) => self.pull(written, platform)?,
            None => self.pull_or(
                &Spanned::new(usual, span),
                platform,
                Some(if_not_found(self.version_by.as_deref())),
            )?,
        };
        self.builders.push(fact.clone());
        let mut root = image.clone();
        if !self.image.build.packages.is_empty() {
            let step = self.install(&image);
            root = Tree::Output(self.add(Node::Step(step)), "/".to_owned());
        }
        Some(Toolchain { image, root, fact })
    }

    /// The tree of an image that a server is copied out of.
    pub(super) fn server(&mut self, reference: &Spanned<Reference>) -> Option<Tree> {
        let (tree, fact) = self.pull(reference, &self.platforms.target)?;
        self.builders.push(fact.clone());
        Some(tree)
    }

    /// Where the manifest says which application it is: `source` where it is written, else the language.
    pub(super) fn source_span(&self) -> Span {
        let span = self.image.source.path.span;
        if span.is_empty() { self.image.language.span } else { span }
    }

    /// The end of planning.
    pub(super) fn finish(mut self, output: Option<Final>) -> Planning {
        self.tell_links();
        let missing = self.ask.into_missing();
        if self.found.has_errors() {
            return Planning::Failed(self.found);
        }
        let starts_other = process::is_other(&self.processes, self.image.runtime.target.as_deref());
        // A request is answered by what is usually started, and by no other process.
        let answers = |test: &&Spanned<Test>| !starts_other || !matches!(test.value, Test::Http { .. });
        let tests = self.image.tests.iter().filter(answers).cloned().collect();
        match output {
            Some(output) if missing.is_empty() => {
                let Platforms { target: platform, build: build_platform } = self.platforms.clone();
                let plan = Plan {
                    platform,
                    build_platform,
                    nodes: self.nodes,
                    output,
                    detected: self.detected,
                    choices: self.choices,
                    name: self.image.name.clone(),
                    builders: self.builders,
                    cargo_locks: self.cargo_locks,
                    tests,
                };
                Planning::Ready(Box::new(plan), self.found)
            }
            _ => Planning::Needs(missing),
        }
    }

    /// Says where a link stands in the place of a file: an error where planning failed, perhaps for that reason.
    fn tell_links(&mut self) {
        let (failed, at) = (self.found.has_errors(), self.source_span());
        let links = self.ask.links().map(|(path, target)| {
            let message = format!("`{path}` is a symbolic link to `{target}`, so it counts as not there");
            let told = match failed {
                true => Diagnostic::error("link", message),
                false => Diagnostic::warning("link", message),
            };
            told.at(at)
                .why(
                    "what decides how to build is read and fetched under its own name, without anything else",
                )
                .help("put the file itself in the link's place")
        });
        let links: Vec<Diagnostic> = links.collect();
        self.found.extend(links);
    }
}

/// What to do where there is no image of a toolchain, whose version a file may tell.
fn if_not_found(version_by: Option<&str>) -> String {
    let told = version_by.map_or("mend its version".to_owned(), |file| format!("mend its version in {file}"));
    format!(
        "it is the image of the language's toolchain: {told}, or name an image that builds with `build: {{base: …}}`"
    )
}

/// A few names for people: all of them while they are few.
pub(super) fn names<'n>(all: impl Iterator<Item = &'n str>) -> String {
    let all: Vec<&str> = all.collect();
    match all.len() {
        0..=3 => all.join(", "),
        more => format!("{}, {} and {} more", all[0], all[1], more - 2),
    }
}
