//! The inspection of the final file system, run by our own binary, and the bill of materials that it writes.

use super::{Broken, Lowering, Program, Rerun};
use crate::llb::{File, Graph, Meta, Mkfile, Mount, Output};
use crate::name::Platform;
use crate::plan::Base;
use crate::step::{self, BaseImage, BuilderImage, InspectRequest, Process, SbomRequest, Step};

/// The tree that holds our own binary.
pub(super) fn program(graph: &mut Graph, program: &Program, platform: &Platform) -> Output {
    let meta = Meta::named("[internal] load cofferdam");
    match program {
        Program::Image(source) => graph.add(source.clone().platform(platform), meta),
        Program::Bytes(bytes) => {
            let file = Mkfile::new(step::PROGRAM_IN_IMAGE, 0o755, bytes.clone()).timestamp(0);
            graph.add(File::on_scratch().mkfile(file), meta)
        }
    }
}

impl Lowering<'_> {
    /// The step that proves the output rules; returns where it reports and where the bill of materials is.
    pub(super) fn inspect(&mut self, image: &Output, base: &Output) -> Result<(Output, Output), Broken> {
        let what = "inspect the image";
        let name = self.name("internal", format_args!("write the request to {what}"));
        let request = self.request(name, step::encode(&self.inspect_request()));
        let exec = self
            .own_step(Step::Inspect, &request)
            .mount(Mount::read_only(image, step::FINAL_MOUNT))
            .mount(Mount::read_only(base, step::BASE_MOUNT));
        let meta = self.final_meta(self.name("final", what), self.plan.output.config.entrypoint_span);
        let ignore = meta.ignore_cache || self.setting.rerun >= Rerun::Inspection;
        let execution = self.graph.add(exec, meta.ignoring_cache(ignore));
        Ok((execution.output(step::REPORT_MOUNT)?, execution.output(step::OUTPUT_MOUNT)?))
    }

    fn inspect_request(&self) -> InspectRequest {
        let output = &self.plan.output;
        let config = &output.config;
        let argv = config.entrypoint.iter().chain(&config.cmd).cloned().collect();
        let mut processes: Vec<Process> = config
            .processes
            .iter()
            .map(|process| Process { name: process.name.clone(), argv: process.argv.clone() })
            .collect();
        if processes.is_empty() {
            processes.push(Process { name: "web".to_owned(), argv });
        }
        let extended = output.layers.iter().flat_map(|layer| &layer.contract.bundles);
        let digest = match &output.base {
            Base::Scratch => None,
            Base::Image { fact, .. } => fact.vouched_digest().map(ToString::to_string),
        };
        InspectRequest {
            platform: self.plan.platform.to_string(),
            uid: config.user.uid,
            gid: config.user.gid,
            workdir: config.working_directory.clone(),
            env: config.env.iter().cloned().collect(),
            processes,
            base: BaseImage { name: output.base.name(), digest },
            extended: extended.map(|bundle| bundle.to.as_str().to_owned()).collect(),
            sbom: Some(self.sbom_request()),
        }
    }

    fn sbom_request(&self) -> SbomRequest {
        let builders = self.plan.builders.iter().map(|image| BuilderImage {
            name: image.reference.familiar(),
            digest: image.vouched_digest().map(ToString::to_string).unwrap_or_default(),
            produced: Vec::new(),
        });
        SbomRequest {
            name: self.plan.name.clone(),
            version: self.setting.origin.revision.clone(),
            created: self.setting.epoch,
            builders: builders.collect(),
            cargo_locks: self.plan.cargo_locks.clone(),
        }
    }
}
