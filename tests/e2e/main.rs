//! Whole builds against a real BuildKit daemon: `make e2e` stands it up and runs these tests.
//!
//! `support` knows how to build, look at images and run them; every other module is one subject.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::disallowed_methods,
    reason = "what a build must not read, its tests vary: clocks and environments"
)]

mod archives;
mod attestations;
mod authorities;
mod bad_input;
mod bake;
mod broken_rules;
mod builder_libraries;
mod caches;
mod clients;
mod contexts;
mod custom;
mod debugging;
mod detection;
mod documents;
mod downloads;
mod examples;
mod exporters;
mod frontend_image;
mod interrupted;
mod java;
mod lab_run;
mod layers;
mod node_managers;
mod node_many;
mod node_plain;
mod node_scripts;
mod oldest;
mod options;
mod platforms;
mod progress;
mod published;
mod python;
mod reproducible;
mod rust_stub;
mod secrets;
mod signing;
mod ssh;
mod static_site;
mod support;
mod tests;
