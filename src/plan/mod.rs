//! From the checked image and the facts to what will be done, without doing any of it.
//!
//! [`plan`] is pure: it returns a [`Plan`], or the [`Query`] batch whose answers it lacks, or errors.

mod assemble;
mod base;
mod choice;
mod detect;
mod final_image;
mod language;
mod node;
mod planner;
mod process;
mod product;
mod runtime_layer;
mod steps;
mod tool_versions;

use std::collections::BTreeMap;

pub use choice::Choice;
pub use detect::{Detected, detect};
pub use final_image::{Base, FetchedCode, Final, Layer, RuntimeConfig};
pub use node::{
    Access, Cache, Compartment, FileEdit, Files, Mount, Network, Node, NodeId, Script, Secret, SecretTarget,
    Selection, Step, Tree,
};

pub use process::{PROCESSES, Process};

use crate::diagnostic::Diagnostics;
use crate::facts::{Ask, Asker, Facts, ImageFact, Query};
use crate::model::Image;
use crate::name::Platform;
use crate::step::{CargoLock, Test};
use crate::text::Spanned;

/// What will be done for one platform.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The platform that the image is for.
    pub platform: Platform,
    /// The platform that builders run on where the toolchain can cross-compile.
    pub build_platform: Platform,
    /// The nodes, each after those that it uses.
    pub nodes: Vec<Node>,
    /// The image that comes out.
    pub output: Final,
    /// What told the language, where the manifest does not.
    pub detected: Option<Detected>,
    /// What else planning chose by itself.
    pub choices: Vec<Choice>,
    /// The application's name.
    pub name: String,
    /// The images that builders run from, for the bill of materials.
    pub builders: Vec<ImageFact>,
    /// The lock files of Rust programs, for the bill of materials.
    pub cargo_locks: Vec<CargoLock>,
    /// What is claimed of the image, and where the manifest says so.
    pub tests: Vec<Spanned<Test>>,
}

/// What planning came to.
#[derive(Debug)]
pub enum Planning {
    /// A plan, and warnings.
    Ready(Box<Plan>, Diagnostics),
    /// Facts are missing: the questions, and who asks each.
    Needs(BTreeMap<Query, Asker>),
    /// The image cannot be built as it is described.
    Failed(Diagnostics),
}

/// Plans one image for one platform.
pub fn plan(image: &Image, platforms: &Platforms, facts: &Facts) -> Planning {
    let mut planner = planner::Planner::new(image, platforms, Ask::new(facts));
    let output = assemble::output(&mut planner);
    planner.finish(output)
}

/// The two platforms of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platforms {
    /// What the image is for.
    pub target: Platform,
    /// What the daemon runs natively.
    pub build: Platform,
}
