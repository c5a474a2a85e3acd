//! What is proved of a platform's image: the rules of the graph before anything runs, those of the output after.

use super::attestation;
use super::bridge::Bridge;
use super::failure::Failure;
use super::platform_build::PlatformBuild;
use super::side_by_side::side_by_side;
use super::{context::given, verdict};
use crate::diagnostic::Diagnostics;
use crate::lower::{self, Lowered, Program, Setting};
use crate::model::Image;
use crate::plan::Plan;
use crate::report::Proof;
use crate::rule;
use crate::step::{self, Finding, Report};
use crate::text::Span;
use crate::verify;
use crate::wire::{gateway, pb};

/// The definitions of everything that the daemon is asked for.
pub(super) struct Asked {
    image: pb::Definition,
    inspection: pb::Definition,
    bill: pb::Definition,
    scan: Option<pb::Definition>,
    stages: Vec<pb::Definition>,
    tests: Vec<pb::Definition>,
}

/// What our own steps found, or why they did not run.
pub(super) struct Reports {
    inspection: Result<Report, Failure>,
    /// One for each layer, with where the manifest asks for it.
    stages: Vec<(Result<Report, Failure>, Option<Span>)>,
    /// One for each test, with where the manifest asks for it.
    tests: Vec<(Result<Report, Failure>, Option<Span>)>,
}

impl PlatformBuild {
    /// What the daemon will be asked for: what is proved is what is solved.
    pub(super) fn asked(&self, lowered: &Lowered) -> Result<Asked, Failure> {
        let define = |steps: &[(crate::llb::Output, Option<Span>)]| {
            steps.iter().map(|(output, _)| self.define(lowered, output)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Asked {
            image: self.define(lowered, &lowered.image)?,
            inspection: self.define(lowered, &lowered.inspection)?,
            bill: self.define(lowered, &lowered.sbom)?,
            scan: lowered.scan.as_ref().map(|scan| self.define(lowered, scan)).transpose()?,
            stages: define(&lowered.stages)?,
            tests: if self.target.is_tested() { define(&lowered.tests)? } else { Vec::new() },
        })
    }

    /// Proves the graph rules on what is about to be asked of the daemon.
    pub(super) fn verify(
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
                .chain(&asked.stages)
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

    /// Has the daemon build everything side by side, and reads what our own steps found.
    pub(super) async fn solve(
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
        let reports = |steps: Vec<pb::Definition>| {
            side_by_side(steps.into_iter().map(|step| report(self.bridge.clone(), step)))
        };
        let (image, bill, scan, inspection, stages, tests) = tokio::join!(
            self.bridge.solve(asked.image),
            maybe(bill),
            maybe(asked.scan),
            report(self.bridge.clone(), asked.inspection),
            reports(asked.stages),
            reports(asked.tests),
        );
        let located = |reports: Vec<_>, steps: &[(crate::llb::Output, Option<Span>)]| {
            reports.into_iter().zip(steps.iter().map(|(_, span)| *span)).collect()
        };
        let stages = located(stages?, &lowered.stages);
        let tests = located(tests?, &lowered.tests);
        let attestations = attestation::all(bill?, scan?, self.options.attest_sbom().is_some());
        Ok((image?, attestations, Reports { inspection, stages, tests }))
    }

    /// Judges what our own steps found: the proof, or everything that breaks a rule.
    pub(super) fn judge(
        &self,
        image: &Image,
        plan: &Plan,
        reports: Reports,
        warnings: &mut Diagnostics,
    ) -> Result<Proof, Failure> {
        let idle = self.idle_rules(&reports);
        let mut findings = Vec::new();
        for (report, span) in reports.stages {
            // Where a stage step did not even run, the inspection's failure says why.
            let Ok(report) = report else { break };
            findings.extend(report.findings.into_iter().map(|finding| (finding, span)));
        }
        // What did not cross explains what the image lacks.
        let staged = findings.is_empty();
        let inspection = if staged { reports.inspection? } else { reports.inspection.unwrap_or_default() };
        if staged {
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
            for (report, span) in reports.tests {
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
}

/// What one of our own steps wrote; solves and evaluates it.
async fn report(bridge: Bridge, definition: pb::Definition) -> Result<Report, Failure> {
    let read = async {
        let tree = bridge.solve(definition).await?;
        bridge.read_file(&tree, step::REPORT_FILE).await
    };
    let bytes = read.await.map_err(Failure::where_own_step_died)?;
    let bytes = bytes.ok_or_else(|| Failure::internal("a step left no report"))?;
    step::decode(&bytes).map_err(|error| Failure::internal(&format!("a step's report is damaged: {error}")))
}
