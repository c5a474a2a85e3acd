//! The build of one platform: check, plan, lower, prove, solve, inspect, test.

use super::answer::Desk;
use super::bridge::Bridge;
use super::context::{BuildContext, NamedContexts, is_address, local};
use super::definition::Definition;
use super::failure::Failure;
use super::options::Options;
use super::step_options;
use super::target::Target;
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::lower::{self, ContextTree, Lowered, Origin, Program, Rerun, Scanner, Setting, StepOptions};
use crate::model::{self, Image, Inputs};
use crate::name::Platform;
use crate::plan::{self, Plan, Planning, Platforms};
use crate::report::Proof;
use crate::wire::{gateway, pb};

/// Everything that the builds of all platforms share.
#[derive(Debug, Clone)]
pub(super) struct PlatformBuild {
    pub(super) bridge: Bridge,
    pub(super) options: Options,
    pub(super) definition: Definition,
    pub(super) context: BuildContext,
    pub(super) named: NamedContexts,
    pub(super) native: Platform,
    /// The platforms whose programs the daemon can run.
    pub(super) runs: Vec<Platform>,
    pub(super) program: Program,
    pub(super) can_merge: bool,
    pub(super) several: bool,
    pub(super) steps: StepOptions,
    pub(super) scanner: Option<Scanner>,
    pub(super) epoch: i64,
    pub(super) target: Target,
}

/// What came out for one platform.
#[derive(Debug, Clone)]
pub(super) struct Built {
    pub(super) platform: Platform,
    pub(super) image: gateway::Ref,
    pub(super) config: Vec<u8>,
    pub(super) base_config: Option<Vec<u8>>,
    pub(super) annotations: Vec<(String, String)>,
    pub(super) attestations: Option<gateway::Attestations>,
    pub(super) warnings: Diagnostics,
    pub(super) proof: Proof,
}

/// Why there is no plan.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The image cannot be built as it is described.
    Found(Diagnostics),
    /// Something outside did not answer.
    Failed(Failure),
}

/// Planning asks in few rounds; more than this means that it goes in a circle.
const MOST_ROUNDS: usize = 32;

impl PlatformBuild {
    /// Builds for one platform.
    pub(super) async fn run(&self, target: Platform) -> Result<Built, Failure> {
        let (image, mut warnings) = self.read(&target).map_err(|found| self.failure(&found))?;
        let plan = self.plan(&image, target, &mut warnings).await.map_err(|trouble| self.trouble(trouble))?;
        step_options::check_network(&self.options, &plan, &self.definition.source)?;
        let setting = self.setting(&plan.platform);
        let (lowered, more) = lower::lower(&plan, &setting).map_err(|found| self.failure(&found))?;
        warnings.extend(more);
        let asked = self.asked(&lowered)?;
        warnings.extend(self.verify(&image, &plan, &asked, &setting)?);
        self.check_needs(&image, &plan).await?;
        let (tree, attestations, reports) = self.solve(&lowered, asked).await?;
        let proof = self.judge(&image, &plan, reports, &mut warnings);
        let proof = proof.map_err(|failure| self.explained(failure, &image, &plan))?;
        let warnings = image.excused(warnings);
        if let Some(part) = self.part(&plan, &lowered, &tree).await? {
            return Ok(Built { platform: plan.platform, warnings, proof, ..part });
        }
        Ok(Built {
            image: tree,
            config: lower::image_config(&plan, &setting),
            base_config: base_config(&plan),
            annotations: lower::annotations(&plan, &setting),
            platform: plan.platform,
            attestations,
            warnings,
            proof,
        })
    }

    /// The image that the manifest describes for a platform.
    pub(super) fn read(&self, target: &Platform) -> Result<(Image, Diagnostics), Diagnostics> {
        let inputs = Inputs { args: self.options.build_args(), target: Target::process(&self.options) };
        model::read(&self.definition.source, &inputs, target)
    }

    /// The part of the build that the client wants instead of the image; `None` when it wants the image.
    async fn part(
        &self,
        plan: &Plan,
        lowered: &Lowered,
        image: &gateway::Ref,
    ) -> Result<Option<Built>, Failure> {
        let mut config = Vec::new();
        let tree = match self.target {
            Target::Image => return Ok(None),
            Target::Test if plan.tests.is_empty() => {
                return Err(Failure::plain("there is nothing to test: the manifest has no `tests`"));
            }
            Target::Test => gateway::Ref::default(),
            Target::Rootfs => image.clone(),
            Target::Files => self.files(plan, lowered, image).await?,
            Target::Sbom => self.bridge.solve(self.define(lowered, &lowered.sbom)?).await?,
            Target::Report => self.bridge.solve(self.define(lowered, &lowered.inspection)?).await?,
            Target::Builder => {
                let Some(builder) = &lowered.builder else {
                    return Err(Failure::plain("there is no builder: nothing is compiled"));
                };
                config = plan.builders.first().map(|fact| fact.config.raw.clone()).unwrap_or_default();
                self.bridge.solve(self.define(lowered, builder)?).await?
            }
        };
        Ok(Some(Built {
            platform: plan.platform.clone(),
            image: tree,
            config,
            base_config: None,
            annotations: Vec::new(),
            attestations: None,
            warnings: Diagnostics::new(),
            proof: Proof::default(),
        }))
    }

    /// What lies in the working directory of an image.
    async fn files(
        &self,
        plan: &Plan,
        lowered: &Lowered,
        image: &gateway::Ref,
    ) -> Result<gateway::Ref, Failure> {
        let directory = &plan.output.config.working_directory;
        if self.bridge.read_dir(image, directory).await?.is_empty() {
            return Err(Failure::plain(format!("there are no files: the image has none in `{directory}`")));
        }
        self.bridge.solve(self.define(lowered, &lowered.files)?).await
    }

    /// Asks and plans until nothing is missing.
    pub(super) async fn plan(
        &self,
        image: &Image,
        target: Platform,
        warnings: &mut Diagnostics,
    ) -> Result<Plan, Trouble> {
        let platforms = Platforms { target, build: self.native.clone() };
        let mut desk = self.desk();
        let mut facts = Facts::new();
        for _ in 0..MOST_ROUNDS {
            match plan::plan(image, &platforms, &facts) {
                Planning::Ready(plan, more) => {
                    warnings.extend(more);
                    return Ok(*plan);
                }
                Planning::Failed(found) => return Err(Trouble::Found(found)),
                Planning::Needs(questions) if questions.is_empty() => break,
                Planning::Needs(questions) => {
                    desk.answer(questions, &mut facts).await.map_err(Trouble::Failed)?;
                }
            }
        }
        Err(Trouble::Failed(Failure::internal("planning neither ends nor asks for anything new")))
    }

    pub(super) fn define(
        &self,
        lowered: &Lowered,
        output: &crate::llb::Output,
    ) -> Result<pb::Definition, Failure> {
        let files = vec![self.definition.info.clone()];
        lowered.graph.definition(output, files).map_err(|error| Failure::internal(&error.to_string()))
    }

    fn desk(&self) -> Desk {
        Desk {
            bridge: self.bridge.clone(),
            context: self.context(),
            named: self.named.clone(),
            resolve_mode: self.options.resolve_mode().to_owned(),
            manifest: self.definition.source.clone(),
            looks: Vec::new(),
        }
    }

    fn context(&self) -> ContextTree {
        match &self.context.tree {
            Some(tree) => ContextTree::Whole(tree.clone()),
            None => ContextTree::Local(
                local::directory(&self.options, "context")
                    .shared_key_hint("context")
                    .exclude_patterns(&self.definition.exclude),
            ),
        }
    }

    pub(super) fn setting(&self, target: &Platform) -> Setting<'_> {
        let option = |key: &str| self.options.get(key).map(str::to_owned);
        let origin = Origin {
            source: option("vcs:source").filter(|source| is_address(source)),
            revision: option("vcs:revision"),
            labels: self.options.labels(),
        };
        Setting {
            manifest: &self.definition.source,
            context: self.context(),
            program: self.program.clone(),
            can_merge: self.can_merge,
            can_run: self.runs.contains(target),
            several_platforms: self.several,
            rerun: match (self.options.no_cache(), self.bridge.imports_caches()) {
                (true, _) => Rerun::Everything,
                (false, true) => Rerun::Inspection,
                (false, false) => Rerun::Nothing,
            },
            steps: self.steps.clone(),
            scanner: self.scanner.clone(),
            epoch: self.epoch,
            origin,
        }
    }

    fn trouble(&self, trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Found(found) => self.failure(&found),
            Trouble::Failed(failure) => failure,
        }
    }

    pub(super) fn failure(&self, found: &Diagnostics) -> Failure {
        Failure::diagnostics(found, &self.definition.source)
    }
}

fn base_config(plan: &Plan) -> Option<Vec<u8>> {
    match &plan.output.base {
        plan::Base::Scratch => None,
        plan::Base::Image { fact, .. } => Some(fact.config.raw.clone()),
    }
}
