//! The layers of the final image: each one copy of a staged tree, so that its digest does not depend on what is below.

use super::{Broken, Lowering};
use crate::contract::{LayerContract, LeaveOut};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::llb::{Bind, ContentCache, Copy, Exec, File, Merge, Meta, Mkfile, Mount, Network, Output};
use crate::plan::{Base, Layer};
use crate::step::{self, Step};
use crate::text::Span;

impl Lowering<'_> {
    /// The tree of the base.
    pub(super) fn base(&self) -> Result<Output, Broken> {
        match &self.plan.output.base {
            Base::Scratch => Ok(Output::scratch()),
            Base::Image { tree, .. } => self.tree(tree),
        }
    }

    /// The staged trees of all layers, and where the steps that staged them report.
    #[allow(clippy::type_complexity)]
    pub(super) fn stages(&mut self) -> Result<(Vec<Output>, Vec<(Output, Option<Span>)>), Broken> {
        let mut trees = Vec::new();
        let mut reports = Vec::new();
        for layer in &self.plan.output.layers {
            let (tree, report) = self.stage(layer)?;
            trees.push(tree);
            reports.push((report, layer.span));
        }
        Ok((trees, reports))
    }

    /// The final file system: the base, and a layer per staged tree.
    pub(super) fn assemble(&mut self, base: Output, staged: &[Output], found: &mut Diagnostics) -> Output {
        if self.setting.can_merge {
            let layers: Vec<Output> =
                staged.iter().map(|tree| self.layer(&Output::scratch(), tree)).collect();
            let meta = self.final_meta(self.name("final", "merge layers"), None);
            let trees = std::iter::once(base).chain(layers).filter(|tree| !tree.is_scratch());
            return self.graph.add(Merge::new(trees), meta);
        }
        let message = "the daemon cannot merge layers, so they are copied one onto the other";
        found.push(Diagnostic::warning("flattened", message).why("its image store has no merge operation"));
        staged.iter().fold(base, |below, tree| self.layer(&below, tree))
    }

    /// One copy of one staged tree, with nothing left to the clock or to the umask.
    fn layer(&mut self, below: &Output, staged: &Output) -> Output {
        let mut copy = Copy::new(staged, "/", "/").timestamp(self.timestamp());
        copy.contents_only = true;
        let meta = self.final_meta(self.name("final", "add layer"), None);
        self.graph.add(File::on(below).copy(copy), meta)
    }

    /// What lies in the working directory of an image, which may not be there.
    pub(super) fn working_directory(&mut self, image: &Output) -> Output {
        let mut copy = Copy::new(image, self.plan.output.config.working_directory.as_str(), "/");
        copy.contents_only = true;
        let meta = self.final_meta(self.name("final", "pick files"), None);
        self.graph.add(File::on_scratch().copy(copy), meta)
    }

    /// The step that picks exactly what the contract names out of a builder's output.
    fn stage(&mut self, layer: &Layer) -> Result<(Output, Output), Broken> {
        let request = step::encode(&stage_request(&layer.contract, &layer.seen_at));
        let what = format!("stage {} files", layer.contract.role.name());
        let request = self.request(format!("[internal] write the request to {what}"), request);
        let source = self.tree(&layer.source)?;
        // Its cache key has the content of what it reads: a builder that runs again leaves most of its files alone.
        let exec = self
            .own_step(Step::Stage, &request)
            .mount(Mount::output(step::OUTPUT_MOUNT))
            .mount(Mount::read_only(&source, step::INPUT_MOUNT));
        let execution = self.graph.add(exec, self.final_meta(self.name("final", what), layer.span));
        Ok((execution.output(step::OUTPUT_MOUNT)?, execution.output(step::REPORT_MOUNT)?))
    }

    /// A step of our own binary: an empty root, no network, a request, and a report.
    pub(super) fn own_step(&self, step: Step, request: &Output) -> Exec {
        Exec::new(self.build_platform(), step.argv())
            .network(Network::None)
            .mount(known(&self.program, step.at(step::PROGRAM_MOUNT)))
            .mount(known(request, step.at(step::REQUEST_MOUNT)))
            .mount(Mount::output(step.at(step::REPORT_MOUNT)))
    }

    /// A directory with the request of a step.
    ///
    /// An imported cache could stand in for the file, and so have the step told something else.
    pub(super) fn request(&mut self, name: String, request: Vec<u8>) -> Output {
        let file = Mkfile::new(format!("/{}", step::REQUEST_FILE), 0o444, request).timestamp(0);
        let meta = Meta::named(name).ignoring_cache(self.setting.proves_anew());
        self.graph.add(File::on_scratch().mkfile(file), meta)
    }
}

/// A tree that a step reads and whose key tells its content: the daemon need not look at every file of it again to know
/// whether the step has run on it.
pub(super) fn known(tree: &Output, at: impl Into<String>) -> Bind {
    Mount::read_only(tree, at).content_cache(ContentCache::Off)
}

/// The contract of a layer, in the words of the step that carries it out.
fn stage_request(contract: &LayerContract, seen_at: &str) -> step::StageRequest {
    let artifacts = contract.artifacts.iter().map(|artifact| step::Artifact {
        from: artifact.from.clone(),
        to: artifact.to.as_str().to_owned(),
        mode: artifact.mode,
        into: artifact.into,
        sha256: artifact.sha256.clone(),
        required: true,
        leave_out: artifact.leave_out.as_ref().map(left_out),
    });
    let directories = contract.directories.iter().map(|directory| step::Directory {
        path: directory.path.as_str().to_owned(),
        mode: directory.mode,
        uid: directory.owner.uid,
        gid: directory.owner.gid,
    });
    let bundles = contract.bundles.iter();
    let bundles =
        bundles.map(|bundle| step::Bundle { parts: bundle.parts.clone(), to: bundle.to.as_str().to_owned() });
    let links = contract.links.iter().map(|link| step::Link {
        path: link.path.as_str().to_owned(),
        target: link.target.as_str().to_owned(),
    });
    step::StageRequest {
        artifacts: artifacts.collect(),
        bundles: bundles.collect(),
        directories: directories.collect(),
        links: links.collect(),
        seen_at: seen_at.to_owned(),
    }
}

/// What of a directory stays behind, in the words of the step.
fn left_out(leave_out: &LeaveOut) -> step::LeaveOut {
    step::LeaveOut { paths: leave_out.paths.clone(), files: leave_out.files.clone() }
}
