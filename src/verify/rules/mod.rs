//! The rules, one per file: what each forbids, and where it looks.

pub(super) mod compile_network;
mod env_loader;
mod fetch_executes;
mod image_root_user;
pub(super) mod inherited_config;
mod local_replacement;
pub(super) mod merge_shadows_base;
mod reserved_label;
pub(super) mod scanner_leak;
pub(super) mod secret_outside_fetch;
pub(super) mod shared_cache_mount;
pub(super) mod staging_leak;
pub(super) mod tests_leak;
pub(super) mod uninspected;
mod unpinned_source;
mod user_not_numeric;

use super::Case;
use super::config::ImageConfig;
use super::final_image::FinalImage;
use super::findings::Findings;
use super::flow::Subject;
use super::shape::{Exec, Shape};

/// All that rules look at.
pub(super) struct Proof<'a> {
    /// What was asked.
    pub(super) case: &'a Case<'a>,
    /// The graph, understood.
    pub(super) subject: &'a Subject<'a>,
    /// The image, taken apart.
    pub(super) image: &'a FinalImage,
    /// Its configuration.
    pub(super) config: &'a ImageConfig,
}

/// Checks every rule.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    for rule in [
        staging_leak::check,
        merge_shadows_base::check,
        compile_network::check,
        fetch_executes::check,
        secret_outside_fetch::check,
        shared_cache_mount::check,
        unpinned_source::check,
        uninspected::check,
        tests_leak::check,
        scanner_leak::check,
        user_not_numeric::check,
        image_root_user::check,
        inherited_config::check,
        env_loader::check,
        reserved_label::check,
        local_replacement::check,
    ] {
        rule(proof, found);
    }
}

impl<'a> Proof<'a> {
    /// The steps of builders, with their vertices.
    fn steps(&self) -> impl Iterator<Item = (usize, &'a Exec<'a>)> {
        self.subject.shapes.iter().enumerate().filter_map(|(vertex, shape)| match shape {
            Shape::Step(exec) => Some((vertex, exec)),
            _ => None,
        })
    }
}
