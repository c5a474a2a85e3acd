//! From the plan to BuildKit's operations and the image configuration.
//!
//! One graph per platform. The final image and the reports of our own steps are outputs of the same graph, so
//! the daemon runs what they share once.

mod builder;
mod calendar;
mod config;
mod context;
mod layers;
mod nodes;
mod proof;
mod scan;
mod steps;

pub use config::{Origin, annotations, image_config};
pub use scan::Scanner;
pub use steps::{Rebuilt, StepOptions};

use std::fmt::Display;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::llb::{Graph, Location, Meta, Output, Source};
use crate::name::Platform;
use crate::plan::{Plan, Tree};
use crate::text::{self, Span};
use crate::wire::pb;

/// What lowering needs to know besides the plan.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// The manifest, which failing steps point into.
    pub manifest: &'a text::Source,
    /// The build context.
    pub context: ContextTree,
    /// Where our own binary comes from.
    pub program: Program,
    /// Whether the daemon can merge trees without copying them.
    pub can_merge: bool,
    /// Whether the daemon can run programs of the image's platform.
    pub can_run: bool,
    /// Whether progress shows the platform of each step.
    pub several_platforms: bool,
    /// Which steps run even where their results are cached.
    pub rerun: Rerun,
    /// What the client asks of builders' steps.
    pub steps: StepOptions,
    /// The scanner that the client wants to be run on the image.
    pub scanner: Option<Scanner>,
    /// The time of everything in the image, in seconds since 1970.
    pub epoch: i64,
    /// Where the image comes from, for its configuration and annotations.
    pub origin: Origin,
}

impl Setting<'_> {
    /// Whether what proves something runs even where its result is cached, and so does what it depends on to be ours.
    fn proves_anew(&self) -> bool {
        self.rerun >= Rerun::Inspection
    }
}

/// Which steps run even where their results are cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rerun {
    /// None.
    Nothing,
    /// The inspection, and all else that proves something: an imported cache could be forged.
    Inspection,
    /// All.
    Everything,
}

/// The tree of the build context.
#[derive(Debug, Clone)]
pub enum ContextTree {
    /// A directory of the client: a source that is still to be told which files are wanted.
    Local(crate::llb::Local),
    /// A definition that gives everything at once.
    Whole(pb::Definition),
}

/// Where our own binary comes from when the graph runs it.
#[derive(Debug, Clone)]
pub enum Program {
    /// The image that the frontend was started from.
    Image(Source),
    /// Its bytes.
    Bytes(Vec<u8>),
}

/// A plan as a graph, with the outputs that matter.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The graph.
    pub graph: Graph,
    /// The final file system.
    pub image: Output,
    /// What lies in its working directory.
    pub files: Output,
    /// The directory with the inspection's report.
    pub inspection: Output,
    /// The directory with the bill of materials.
    pub sbom: Output,
    /// The directory with what the client's scanner wrote; `None` where it has none.
    pub scan: Option<Output>,
    /// The builder as its last step left it; `None` where nothing is compiled.
    pub builder: Option<Output>,
    /// The directories with the stage steps' reports, and where the manifest asks for each layer.
    pub stages: Vec<(Output, Option<Span>)>,
    /// The directories with the tests' reports, and where the manifest asks for each.
    pub tests: Vec<(Output, Option<Span>)>,
}

/// Lowers a plan; the diagnostics are about daemons that lack something.
pub fn lower(plan: &Plan, setting: &Setting<'_>) -> Result<(Lowered, Diagnostics), Diagnostics> {
    let lowered = Lowering::new(plan, setting).and_then(|mut lowering| lowering.run());
    lowered.map_err(|broken| {
        let message = format!("the plan could not be lowered: {broken}");
        Diagnostics::from(Diagnostic::error("internal", message).help("please report this as a bug"))
    })
}

/// The state of one lowering.
struct Lowering<'a> {
    plan: &'a Plan,
    setting: &'a Setting<'a>,
    graph: Graph,
    /// What each node of the plan became, in the plan's order.
    lowered: Vec<nodes::LoweredNode>,
    program: Output,
    context: context::Context<'a>,
}

/// A plan refers to something that it does not have: a bug.
#[derive(Debug)]
struct Broken(String);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<crate::llb::ImportError> for Broken {
    fn from(error: crate::llb::ImportError) -> Broken {
        Broken(error.to_string())
    }
}

impl From<crate::llb::NoOutput> for Broken {
    fn from(error: crate::llb::NoOutput) -> Broken {
        Broken(error.to_string())
    }
}

impl<'a> Lowering<'a> {
    fn new(plan: &'a Plan, setting: &'a Setting<'a>) -> Result<Lowering<'a>, Broken> {
        let mut graph = Graph::new();
        let context = context::lower(&mut graph, plan, setting)?;
        let program = proof::program(&mut graph, setting, &plan.build_platform);
        Ok(Lowering { plan, setting, graph, lowered: Vec::new(), program, context })
    }

    fn run(&mut self) -> Result<(Lowered, Diagnostics), Broken> {
        let mut found = Diagnostics::new();
        self.nodes()?;
        let base = self.base()?;
        let (staged, stages) = self.stages()?;
        let image = self.assemble(base.clone(), &staged, &mut found);
        let files = self.working_directory(&image);
        let (inspection, sbom) = self.inspect(&image, &base)?;
        let scan = self.scan(&image)?;
        let tests = self.tests(&image, &mut found)?;
        let builder = self.builder()?;
        let graph = std::mem::take(&mut self.graph);
        Ok((Lowered { graph, image, files, inspection, sbom, scan, builder, stages, tests }, found))
    }

    /// The output of a tree of the plan.
    fn tree(&self, tree: &Tree) -> Result<Output, Broken> {
        let missing = || Broken(format!("there is no tree {tree:?}"));
        match tree {
            Tree::Scratch => Ok(Output::scratch()),
            Tree::Root(id) => self.lowered.get(id.0).and_then(nodes::LoweredNode::root).ok_or_else(missing),
            Tree::Output(id, path) => self.lowered.get(id.0).ok_or_else(missing)?.output(path),
        }
    }

    /// A name for progress, in the field's usual form.
    fn name(&self, stage: impl Display, text: impl Display) -> String {
        self.name_for(&self.plan.platform, stage, text)
    }

    fn name_for(&self, platform: &Platform, stage: impl Display, text: impl Display) -> String {
        match self.setting.several_platforms {
            true => format!("[{platform} {stage}] {text}"),
            false => format!("[{stage}] {text}"),
        }
    }

    /// What is said of an operation: its name, and the line of the manifest that asks for it.
    fn meta(&self, name: String, span: Option<Span>) -> Meta {
        let meta = Meta::named(name).ignoring_cache(self.setting.rerun == Rerun::Everything);
        match span {
            Some(span) => meta.at(Location::new(0, self.setting.manifest.positions(span))),
            None => meta,
        }
    }

    /// What is said of a step that makes the final image.
    fn final_meta(&self, name: String, span: Option<Span>) -> Meta {
        let meta = self.meta(name, span);
        let rerun = meta.ignore_cache || self.setting.steps.rerun.contains(&Rebuilt::Final);
        meta.ignoring_cache(rerun)
    }

    fn build_platform(&self) -> &'a Platform {
        &self.plan.build_platform
    }

    /// The time of everything in the image, in nanoseconds since 1970.
    fn timestamp(&self) -> i64 {
        self.setting.epoch.saturating_mul(1_000_000_000)
    }
}
