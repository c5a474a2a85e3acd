//! How tests build, look at what came out, and run it.

mod build;
mod container;
mod context;
mod image;
mod lab;
mod process;
mod server;

pub(crate) use build::{AS_JSON, Build, Failed, buildx, buildx_inspect, cached, said, steps};
pub(crate) use container::{Answer, Service, run, try_run};
pub(crate) use context::{Context, new_word};
pub(crate) use image::{File, Image};
pub(crate) use lab::{Daemon, lab};
pub(crate) use process::{Finished, Process};
pub(crate) use server::{Files, Private, Repository};
