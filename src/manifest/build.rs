//! The builder compartment.

use super::field::Format;
use super::file::File;
use super::value::{Command, Map, Text};

block! {
    /// How the application is built: offline, without secrets. Nothing of the builder ships but its artifacts.
    pub struct Build as "build" {
        /// The image that builds.
        "base" base: Option<Text> = "the official image of the language's toolchain", Format::IMAGE;
        /// Debian packages that are installed into the builder. Where something that Python, a Node package's install script, Rust or Go compiles lacks a usual one, the error names that.
        "packages" packages: Vec<Text>;
        /// Variables of the builder.
        "env" env: Map<Text>, Format::VARIABLES;
        /// Commands that run after the dependencies are there and before the application is compiled. A text is run by the builder's shell, a list as it stands.
        "run" run: Vec<Command>, Format::COMMAND;
        /// Further files that cross from the builder into the image.
        "artifacts" artifacts: Vec<File>;
    }
    foreign {
        "image" => "write `base`",
        "from" => "write `base`",
        "environment" => "write `env`",
        "command" => "write `run`",
        "commands" => "write `run`",
        "apt" => "write `packages`",
        "args" => "build arguments are `args: {NAME: default}` at the top of the manifest",
        "secrets" => "secrets exist in `fetch: {secrets: […]}` only; the builder never sees one",
        "context" => "the application's directory within the context is `source: …` at the top of the manifest",
        "dockerfile" => "there is no Dockerfile; the language decides how the application is built",
        "target" => "a target is chosen by the build's `--target`",
        "output" => "write `artifacts: [{from: …, to: …}]`",
        "outputs" => "write `artifacts: [{from: …, to: …}]`",
    }
}
