//! The inspection of the final file system, run by our own binary, and the bill of materials that it writes; the tests.

use super::layers::known;
use super::{Broken, Lowering, Program, Setting};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::llb::{ContentCache, File, Graph, Meta, Mkfile, Mount, Output, Root};
use crate::name::Platform;
use crate::plan::Base;
use crate::rule;
use crate::step::{self, BaseImage, BuilderImage, InspectRequest, Process, SbomRequest, Step, TestRequest};
use crate::text::{Span, Spanned};

/// The tree that holds our own binary, for which an imported cache could stand in.
pub(super) fn program(graph: &mut Graph, setting: &Setting<'_>, platform: &Platform) -> Output {
    let meta = Meta::named("[internal] load cofferdam").ignoring_cache(setting.proves_anew());
    match &setting.program {
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
            .mount(Mount::output(step::OUTPUT_MOUNT))
            .mount(known(image, step::FINAL_MOUNT))
            .mount(known(base, step::BASE_MOUNT));
        let meta = self.proof_meta(self.name("final", what), self.plan.output.config.entrypoint_span);
        let execution = self.graph.add(exec, meta);
        Ok((execution.output(step::REPORT_MOUNT)?, execution.output(step::OUTPUT_MOUNT)?))
    }

    /// The tests, each with where it reports and where the manifest asks for it; none where nothing can run them.
    pub(super) fn tests(
        &mut self,
        image: &Output,
        found: &mut Diagnostics,
    ) -> Result<Vec<(Output, Option<Span>)>, Broken> {
        let plan = self.plan;
        if let (Some(first), false) = (plan.tests.first(), self.setting.can_run) {
            let message = format!("the daemon cannot run programs for {}", plan.platform);
            let warning = Diagnostic::warning(rule::TESTS_NOT_RUN.name, message).at(first.span);
            found.push(warning.why(rule::TESTS_NOT_RUN.why).help(rule::TESTS_NOT_RUN.mend));
            return Ok(Vec::new());
        }
        let tests = plan.tests.iter().enumerate();
        tests.map(|(index, test)| self.test(image, index + 1, test)).collect()
    }

    /// A test runs in the image, without changing it: it has memory at one place, and sees the directories that the
    /// user may write with everything that is in them.
    fn test(
        &mut self,
        image: &Output,
        number: usize,
        test: &Spanned<step::Test>,
    ) -> Result<(Output, Option<Span>), Broken> {
        let config = &self.plan.output.config;
        let request = TestRequest {
            uid: config.user.uid,
            gid: config.user.gid,
            workdir: config.working_directory.clone(),
            env: config.env.iter().cloned().collect(),
            argv: config.entrypoint.iter().chain(&config.cmd).cloned().collect(),
            test: test.value.clone(),
        };
        let stage = format!("test {number}/{}", self.plan.tests.len());
        let name = self.name("internal", format_args!("write the request of {stage}"));
        let request = self.request(name, step::encode(&request));
        let layers = self.plan.output.layers.iter();
        let directories = layers.flat_map(|layer| &layer.contract.directories);
        let writable = directories
            .filter(|directory| directory.owner == config.user)
            .map(|directory| directory.path.as_str())
            .filter(|path| *path != step::TEST_MEMORY);
        let own_copy =
            |path: &str| Mount::discarded(image, path).selector(path).content_cache(ContentCache::Off).into();
        let exec = self
            .own_step(Step::Test, &request)
            .root(image, Root::ReadOnly)
            .mount(known(image, Step::Test.at(step::FINAL_MOUNT)))
            .mount(Mount::tmpfs(step::TEST_MEMORY))
            .mounts(writable.map(own_copy));
        let meta = self.proof_meta(self.name(stage, &test.value), Some(test.span));
        let report = self.graph.add(exec, meta).output(&Step::Test.at(step::REPORT_MOUNT))?;
        Ok((report, Some(test.span)))
    }

    /// What is said of a step that proves something of the image.
    pub(super) fn proof_meta(&self, name: String, span: Option<Span>) -> Meta {
        let meta = self.final_meta(name, span);
        let ignore = meta.ignore_cache || self.setting.proves_anew();
        meta.ignoring_cache(ignore)
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
