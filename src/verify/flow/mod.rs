//! The flow of trees: what each output is, inferred from the inputs on, and which shape may use it for what.

mod file;
mod merge;
mod own;
mod scan;
mod step;

use super::findings::{Findings, Law};
use super::graph::{Graph, Link};
use super::rules::{scanner_leak, tests_leak};
use super::shape::{self, Shape, source};
use super::{Client, GivenRole, GivenTree};

/// A graph with a shape for each vertex and a kind for each output.
pub(super) struct Subject<'g> {
    /// The graph.
    pub(super) graph: &'g Graph,
    /// The shape of each vertex.
    pub(super) shapes: Vec<Shape<'g>>,
    kinds: Vec<Vec<Kind>>,
}

/// What an output is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// The file system of an image.
    Image,
    /// What a builder's step left of its root.
    Root {
        /// The image that it began with.
        image: usize,
        /// What it shows of the application.
        sight: Sight,
    },
    /// Files: of the build context, made up, or written by a builder's step below an output mount.
    Files(Sight),
    /// What a stage step picked.
    Staged,
    /// What one of our own steps found.
    Report,
    /// What a test found, beside processes of the image.
    Verdict,
    /// The bill of materials.
    Bill,
    /// What the client's scanner wrote.
    Scan,
    /// A layer by itself.
    Layer,
    /// A layer that was copied onto what is below it.
    Stack,
    /// A base and layers.
    Merged,
    /// Something that nothing may use, by this law.
    Closed(&'static Law),
    /// Something that was reported already.
    Unknown,
}

/// What a tree shows of the application, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// Nothing.
    Nothing,
    /// Dependency manifests and lock files.
    Manifests,
    /// Such files, and some that name programs to run.
    Commands,
    /// The source.
    Source,
    /// Whatever a step that saw the source wrote: a file's name says nothing about its content.
    Derived,
}

impl<'g> Subject<'g> {
    /// Finds shapes and kinds, inputs before users.
    pub(super) fn infer(graph: &'g Graph, client: Client<'_>, found: &mut Findings<'_>) -> Subject<'g> {
        let Client { trees, sandbox, .. } = client;
        let mut subject = Subject { graph, shapes: Vec::new(), kinds: Vec::new() };
        for vertex in graph.vertices() {
            let number = subject.shapes.len();
            if graph.is_hidden(number) {
                subject.shapes.push(Shape::Unknown);
                subject.kinds.push(vec![Kind::Unknown]);
                continue;
            }
            if let Some((output, tree)) = graph.given(number) {
                let mut kinds = vec![Kind::Closed(&shape::LAW); output];
                kinds.push(Self::client_kind(trees.get(tree)));
                subject.shapes.push(Shape::Given(tree));
                subject.kinds.push(kinds);
                continue;
            }
            let mut shape = shape::read(vertex, sandbox, found);
            if let Some(input) = vertex.inputs.iter().find(|&&input| !subject.has(input)) {
                let text = format!("asks for output {} of an input that has fewer", input.output);
                found.at(&vertex.digest, &shape::LAW, text);
                shape = Shape::Unknown;
            }
            let kinds = subject.outputs(&shape, subject.shapes.len(), found);
            subject.shapes.push(shape);
            subject.kinds.push(kinds);
        }
        let results = graph.image.iter().chain(&graph.reports);
        for link in results.filter(|&&link| !subject.has(link)) {
            let text = format!("has no output {}, which the definition ends in", link.output);
            found.at(&graph.vertices()[link.vertex].digest, &shape::LAW, text);
        }
        subject
    }

    /// What an output is.
    pub(super) fn kind(&self, link: Link) -> Kind {
        self.kinds.get(link.vertex).and_then(|kinds| kinds.get(link.output)).copied().unwrap_or(Kind::Unknown)
    }

    /// The shape of a vertex.
    pub(super) fn shape(&self, vertex: usize) -> &Shape<'g> {
        &self.shapes[vertex]
    }

    /// Reports that a vertex breaks a law.
    pub(super) fn report(&self, vertex: usize, law: &Law, text: impl AsRef<str>, found: &mut Findings<'_>) {
        found.at(&self.graph.vertices()[vertex].digest, law, text);
    }

    /// What a tree of the client is used as.
    fn client_kind(tree: Option<&GivenTree<'_>>) -> Kind {
        match tree.map(|tree| tree.role) {
            Some(GivenRole::Image { .. }) => Kind::Image,
            Some(GivenRole::Context) => Kind::Files(Sight::Source),
            None => Kind::Unknown,
        }
    }

    /// Whether there is such an output; of a vertex without a shape, every one is assumed.
    fn has(&self, link: Link) -> bool {
        matches!(self.shapes[link.vertex], Shape::Unknown) || link.output < self.kinds[link.vertex].len()
    }

    /// The kinds of a vertex's outputs.
    fn outputs(&self, shape: &Shape<'_>, vertex: usize, found: &mut Findings<'_>) -> Vec<Kind> {
        match shape {
            Shape::Source(source) => vec![match source.kind {
                source::Kind::Image | source::Kind::Layout => Kind::Image,
                source::Kind::Local | source::Kind::Git | source::Kind::Http => Kind::Files(Sight::Source),
            }],
            Shape::File(file) => vec![self.file(file, vertex, found)],
            Shape::Merge(trees) => vec![self.merge(trees, vertex, found)],
            Shape::Step(exec) => self.step(exec, vertex, found),
            Shape::Own(own) => self.own(own, vertex, found),
            Shape::Scan(scan) => self.scan(scan, vertex, found),
            Shape::Given(_) | Shape::Unknown => vec![Kind::Unknown],
        }
    }
}

impl Kind {
    /// What a tree shows of the application, where it is one that builders use.
    pub(super) fn sight(self) -> Sight {
        match self {
            Kind::Root { sight, .. } | Kind::Files(sight) => sight,
            _ => Sight::Nothing,
        }
    }

    /// The kind in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Image => "the file system of an image",
            Kind::Root { .. } => "a builder's root file system",
            Kind::Files(_) => "files of a builder or of the build context",
            Kind::Staged => "a staged tree",
            Kind::Report => "a report",
            Kind::Verdict => "what a test left",
            Kind::Bill => "a bill of materials",
            Kind::Scan => "what a scanner wrote",
            Kind::Layer | Kind::Stack => "a layer of the image",
            Kind::Merged => "the finished image",
            Kind::Closed(_) => "the root of a step that nothing may go on from",
            Kind::Unknown => "something unknown",
        }
    }

    /// The law that a use breaks which only `law` speaks of.
    pub(super) fn law(self, law: &'static Law) -> &'static Law {
        match self {
            Kind::Closed(own) => own,
            Kind::Verdict => &tests_leak::LAW,
            Kind::Scan => &scanner_leak::LAW,
            _ => law,
        }
    }
}
