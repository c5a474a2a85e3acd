//! The build of one platform: check, plan, lower, prove, solve, inspect, test.

use super::answer::Desk;
use super::attestation;
use super::bridge::Bridge;
use super::context::{BuildContext, NamedContexts, given, is_address, local};
use super::definition::Definition;
use super::failure::Failure;
use super::options::Options;
use super::side_by_side::side_by_side;
use super::target::Target;
use super::{step_options, verdict};
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::lower::{self, ContextTree, Lowered, Origin, Program, Rerun, Scanner, Setting, StepOptions};
use crate::model::{self, Image, Inputs};
use crate::name::Platform;
use crate::plan::{self, Plan, Planning, Platforms};
use crate::report::Proof;
use crate::rule;
use crate::step::{self, Finding, Report};
use crate::text::Span;
use crate::verify;
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

/// The definitions of everything that the daemon is asked for.
struct Asked {
    image: pb::Definition,
    inspection: pb::Definition,
    bill: pb::Definition,
    scan: Option<pb::Definition>,
    tests: Vec<pb::Definition>,
}

/// What our own steps found, or why they did not run.
struct Reports {
    inspection: Report,
    /// One for each test, with where the manifest asks for it.
    tests: Vec<(Result<Report, Failure>, Option<Span>)>,
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

    /// Asks and plans until nothing is missing.
    pub(super) async fn plan(
        &self,
        image: &Image,
        target: Platform,
        warnings: &mut Diagnostics,
    ) -> Result<Plan, Trouble> {
        let platforms = Platforms { target, build: self.native.clone() };
        let mut desk = self.desk(image);
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

    /// Has the daemon build everything side by side, and reads what our own steps found.
    async fn solve(
        &self,
        lowered: &Lowered,
        asked: Asked,
    ) -> Result<(gateway::Ref, Option<gateway::Attestations>, Reports), Failure> {
        let maybe = |definition: Option<pb::Definition>| async {
            match definition {
                Some(definition) => self.bridge.solve(definition).await.map(Some),
                None => Ok(None),
            }
        };
        let bill = Some(asked.bill).filter(|_| !self.options.without_sbom());
        let tests = side_by_side(asked.tests.into_iter().map(|test| report(self.bridge.clone(), test)));
        let (image, bill, scan, inspection, tests) = tokio::join!(
            self.bridge.solve(asked.image),
            maybe(bill),
            maybe(asked.scan),
            report(self.bridge.clone(), asked.inspection),
            tests,
        );
        let inspection = inspection?;
        let tests = tests?.into_iter().zip(lowered.tests.iter().map(|(_, span)| *span)).collect();
        let attestations = attestation::all(bill?, scan?, self.options.attest_sbom().is_some());
        Ok((image?, attestations, Reports { inspection, tests }))
    }

    /// Judges what our own steps found: the proof, or everything that breaks a rule.
    fn judge(
        &self,
        image: &Image,
        plan: &Plan,
        reports: Reports,
        warnings: &mut Diagnostics,
    ) -> Result<Proof, Failure> {
        let idle = self.idle_rules(&reports);
        let Reports { inspection, tests } = reports;
        let staged = inspection.staged.iter().zip(&plan.output.layers);
        let mut findings: Vec<(Finding, Option<Span>)> = staged
            .flat_map(|(found, layer)| found.iter().map(|finding| (finding.clone(), layer.span)))
            .collect();
        // What did not cross explains what the image lacks.
        if findings.is_empty() {
            let config = &plan.output.config;
            let blamed = |finding: &Finding| {
                let mut processes = config.processes.iter();
                let named =
                    processes.find(|one| finding.message.starts_with(&format!("the process `{}`", one.name)));
                let span = named.map(|process| process.span).or(config.entrypoint_span);
                span.filter(|_| finding.rule == rule::ENTRYPOINT_UNRESOLVABLE.name)
            };
            let found = inspection.findings.iter().cloned();
            findings.extend(
                found.map(|finding| (blamed(&finding), finding)).map(|(span, finding)| (finding, span)),
            );
        }
        let mut found = verdict::judge(image, plan, findings);
        // An image that breaks a rule is not tested: its tests would only tell what follows from that.
        if !found.has_errors() {
            for (report, span) in tests {
                found.extend(verdict::failed_test(&report?, span));
            }
        }
        if found.has_errors() {
            return Err(self.failure(&found));
        }
        warnings.extend(found);
        Ok(Proof::new(plan, &inspection, &idle))
    }

    /// The rules of what this build does not have.
    fn idle_rules(&self, reports: &Reports) -> Vec<&'static rule::Rule> {
        let tests = reports.tests.is_empty().then_some(&rule::TESTS_LEAK);
        let scanner = self.scanner.is_none().then_some(&rule::SCANNER_LEAK);
        tests.into_iter().chain(scanner).collect()
    }

    /// What the daemon will be asked for: what is proved is what is solved.
    fn asked(&self, lowered: &Lowered) -> Result<Asked, Failure> {
        let define = |steps: &[(crate::llb::Output, Option<Span>)]| {
            steps.iter().map(|(output, _)| self.define(lowered, output)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Asked {
            image: self.define(lowered, &lowered.image)?,
            inspection: self.define(lowered, &lowered.inspection)?,
            bill: self.define(lowered, &lowered.sbom)?,
            scan: lowered.scan.as_ref().map(|scan| self.define(lowered, scan)).transpose()?,
            tests: if self.target.is_tested() { define(&lowered.tests)? } else { Vec::new() },
        })
    }

    /// Proves the graph rules on what is about to be asked of the daemon.
    fn verify(
        &self,
        image: &Image,
        plan: &Plan,
        asked: &Asked,
        setting: &Setting<'_>,
    ) -> Result<Diagnostics, Failure> {
        let identifier;
        let program = match &self.program {
            Program::Bytes(bytes) => verify::Program::Bytes(bytes),
            Program::Image(source) => {
                identifier = source.to_wire().identifier;
                verify::Program::Image(&identifier)
            }
        };
        let sandbox = self.steps.to_wire();
        let scanner = self.scanner.as_ref().map(|scanner| scanner.image.identifier.as_str());
        let found = verify::verify(&verify::Case {
            image: &asked.image,
            reports: [&asked.inspection, &asked.bill]
                .into_iter()
                .chain(&asked.scan)
                .chain(&asked.tests)
                .collect(),
            program,
            contract: &plan.output.contract(),
            config: &lower::image_config(plan, setting),
            annotations: &lower::annotations(plan, setting),
            declared_env: image.runtime.env.iter().map(|(name, _)| name.as_str()).collect(),
            client: verify::Client {
                trees: &given::trees(plan, self.context.input.as_ref()),
                sandbox: Some(&sandbox),
                scanner,
            },
            manifest: &self.definition.source,
        });
        if found.has_errors() { Err(self.failure(&found)) } else { Ok(found) }
    }

    pub(super) fn define(
        &self,
        lowered: &Lowered,
        output: &crate::llb::Output,
    ) -> Result<pb::Definition, Failure> {
        let files = vec![self.definition.info.clone()];
        lowered.graph.definition(output, files).map_err(|error| Failure::internal(&error.to_string()))
    }

    fn desk(&self, image: &Image) -> Desk {
        let toolchain = image.language.span;
        Desk {
            bridge: self.bridge.clone(),
            context: self.context(),
            named: self.named.clone(),
            resolve_mode: self.options.resolve_mode().to_owned(),
            manifest: self.definition.source.clone(),
            toolchain: Some(toolchain).filter(|place| *place != image.runtime.base.span),
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

/// What one of our own steps wrote; solves and evaluates it.
async fn report(bridge: Bridge, definition: pb::Definition) -> Result<Report, Failure> {
    let tree = bridge.solve(definition).await?;
    let bytes = bridge.read_file(&tree, step::REPORT_FILE).await?;
    let bytes = bytes.ok_or_else(|| Failure::internal("a step left no report"))?;
    step::decode(&bytes).map_err(|error| Failure::internal(&format!("a step's report is damaged: {error}")))
}

fn base_config(plan: &Plan) -> Option<Vec<u8>> {
    match &plan.output.base {
        plan::Base::Scratch => None,
        plan::Base::Image { fact, .. } => Some(fact.config.raw.clone()),
    }
}
