//! The report of a build: what was decided, what was proved, what came out.

use serde::Serialize;

use crate::plan::{Base, FetchedCode, Plan};
use crate::rule::{self, Rule};
use crate::step::Report;

/// What a build decided and proved for one platform, in the order in which people ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// What told the language, where the manifest does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<String>,
    /// The base, pinned.
    pub base: String,
    /// The images that builders ran from, pinned.
    pub builders: Vec<String>,
    /// Who runs the image.
    pub user: String,
    /// What it runs.
    pub entrypoint: Vec<String>,
    /// The roles of the layers above the base.
    pub layers: Vec<&'static str>,
    /// The rules that hold, where there was something to hold for: those of the graph, then those of the output.
    pub rules: Vec<String>,
    /// The rules that the image, or a fetch, breaks where the manifest excepts it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excepted: Vec<String>,
    /// How many regular files the image has.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many components the bill of materials lists.
    pub components: u64,
}

impl Proof {
    /// The report of a plan whose graph was verified, and whose image was built and inspected. `idle` are the rules
    /// of what that graph has nothing of: they hold, but nobody should take that for a proof.
    pub fn new(plan: &Plan, inspection: &Report, idle: &[&Rule]) -> Proof {
        let of_graph = rule::all().iter().filter(|rule| rule.proof == rule::Proof::Graph);
        let excused = (plan.output.fetched_code != FetchedCode::Rests).then_some(&rule::FETCH_EXECUTES);
        let of_graph = of_graph.filter(|rule| !idle.contains(rule) && excused != Some(*rule));
        let graph_rules: Vec<String> = of_graph.map(|rule| rule.name.to_owned()).collect();
        // An image that breaks a rule is reported only where the manifest excepts it.
        let (excepted, held) = (inspection.examined.iter().cloned())
            .partition::<Vec<_>, _>(|rule| inspection.findings.iter().any(|finding| finding.rule == *rule));
        // Some rules have a half on the graph and a half on the output.
        let output_rules = held.into_iter().filter(|rule| !graph_rules.contains(rule)).collect();
        let base = match &plan.output.base {
            Base::Scratch => "scratch".to_owned(),
            Base::Image { fact, .. } => fact.pinned(),
        };
        Proof {
            detected: plan.detected.as_ref().map(ToString::to_string),
            base,
            builders: plan.builders.iter().map(crate::facts::ImageFact::pinned).collect(),
            user: plan.output.config.user.to_string(),
            entrypoint: plan.output.config.entrypoint.clone(),
            layers: plan.output.layers.iter().map(|layer| layer.contract.role.name()).collect(),
            rules: [graph_rules, output_rules].concat(),
            excepted: excused.into_iter().map(|rule| rule.name.to_owned()).chain(excepted).collect(),
            files: inspection.summary.files,
            bytes: inspection.summary.bytes,
            components: inspection.summary.components,
        }
    }
}
