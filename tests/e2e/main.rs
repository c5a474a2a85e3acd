//! Whole builds against a real BuildKit daemon: `make e2e` stands it up and runs these tests.
//!
//! `support` knows how to build, look at images and run them; every other module is one subject.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "what a build must not read, its tests vary: clocks and environments"
)]

mod attestations;
mod bad_input;
mod broken_rules;
mod clients;
mod contexts;
mod documents;
mod examples;
mod interrupted;
mod layers;
mod node_scripts;
mod options;
mod platforms;
mod python;
mod reproducible;
mod rust_stub;
mod secrets;
mod support;
