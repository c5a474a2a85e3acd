//! Whole builds against a real BuildKit daemon: `make e2e` stands it up and runs these tests.
//!
//! `support` knows how to build, look at images and run them; every other module is one subject.

mod attestations;
mod bad_input;
mod broken_rules;
mod clients;
mod documents;
mod examples;
mod interrupted;
mod layers;
mod platforms;
mod reproducible;
mod rust_stub;
mod support;
