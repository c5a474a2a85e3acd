//! Plans over files that a test makes up: the plan, or everything that is said instead.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::BTreeSet;

use cofferdam::facts::{Answer, Facts, ImageConfig, ImageFact, Query, matches};
use cofferdam::model::{self, Inputs};
use cofferdam::name::{ContextPath, Digest, Platform};
use cofferdam::plan::{self, Node, Plan, Planning, Platforms, Step};
use cofferdam::report;
use cofferdam::text::Source;

pub(crate) type Files<'f> = &'f [(&'f str, &'f str)];

/// The plan; or everything that is said instead.
pub(crate) fn planned(manifest: &str, files: Files<'_>) -> Result<Plan, String> {
    planned_with_warnings(manifest, files).map(|(plan, _)| plan)
}

/// The warnings of a plan that can be made.
pub(crate) fn warnings(manifest: &str, files: Files<'_>) -> String {
    planned_with_warnings(manifest, files).unwrap().1
}

fn planned_with_warnings(manifest: &str, files: Files<'_>) -> Result<(Plan, String), String> {
    let source = Source::new("cofferdam.yaml", manifest);
    let platform = Platform::parse("linux/amd64").unwrap();
    let told = |found| report::plain(&found, &source);
    let (image, _) = model::read(&source, &Inputs::default(), &platform).map_err(told)?;
    let platforms = Platforms { target: platform.clone(), build: platform };
    let mut facts = Facts::new();
    for _ in 0..9 {
        match plan::plan(&image, &platforms, &facts) {
            Planning::Ready(plan, warnings) => return Ok((*plan, told(warnings))),
            Planning::Failed(found) => return Err(told(found)),
            Planning::Needs(queries) => queries.into_keys().for_each(|query| {
                let answer = answer(&query, files);
                facts.insert(query, answer);
            }),
        }
    }
    panic!("planning does not come to an end")
}

/// What an outside with these files, and any image that is asked for, answers.
pub(crate) fn answer(query: &Query, files: Files<'_>) -> Answer {
    match query {
        Query::File(path) | Query::Head(path) => {
            let found = files.iter().find(|(name, _)| *name == path.as_str());
            Answer::File(found.map(|(_, text)| text.as_bytes().to_vec()))
        }
        Query::Glob(pattern) => {
            let paths = files.iter().map(|(name, _)| ContextPath::parse(name).unwrap());
            Answer::Paths(paths.filter(|path| matches(pattern, path)).collect())
        }
        Query::Libraries { .. } => Answer::Names(BTreeSet::new()),
        Query::Image { reference, platform } => {
            let digest = Digest::of(reference.to_string().as_bytes());
            Answer::Image(Box::new(ImageFact {
                reference: reference.clone(),
                platform: platform.clone(),
                identifier: format!("docker-image://{}", reference.clone().with_digest(digest.clone())),
                attributes: Vec::new(),
                digest,
                config: ImageConfig::parse(br#"{"architecture":"amd64","os":"linux"}"#).unwrap(),
                replacement: None,
            }))
        }
    }
}

pub(crate) fn refused(manifest: &str, files: Files<'_>) -> String {
    planned(manifest, files).map(|_| ()).unwrap_err()
}

pub(crate) fn steps(plan: &Plan) -> Vec<&Step> {
    plan.nodes.iter().filter_map(|node| if let Node::Step(step) = node { Some(step) } else { None }).collect()
}

/// The toolchain image.
pub(crate) fn builder(plan: &Plan) -> String {
    plan.builders[0].reference.familiar()
}
