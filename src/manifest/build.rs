//! The builder compartment.

use super::field::Format;
use super::scalar::Mode;
use super::value::{Command, Map, Text};
use crate::text::Spanned;

block! {
    /// How the application is built: offline, without secrets. Nothing of the builder ships but its artifacts.
    pub struct Build as "build" {
        /// The image that builds.
        "base" base: Option<Text> = "the official image of the language's toolchain", Format::IMAGE;
        /// Debian packages that are installed into the builder.
        "packages" packages: Vec<Text>;
        /// Variables of the builder.
        "env" env: Map<Text>, Format::VARIABLES;
        /// Commands that run after the dependencies are there and before the application is compiled. A text is run by the builder's shell, a list as it stands.
        "run" run: Vec<Command>, Format::COMMAND;
        /// Further files that cross from the builder into the image.
        "artifacts" artifacts: Vec<Artifact>;
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

block! {
    /// A file or directory that crosses from the builder into the image.
    pub struct Artifact as "artifact" {
        /// Where the builder has it, relative to the application.
        "from" from: Text, Format::PATH;
        /// Where the image has it; with a `/` at its end, the directory that a file goes into under its own name.
        "to" to: Text, Format::PATH;
        /// The permission bits of its files.
        "mode" mode: Option<Spanned<Mode>> = "`0755` for programs, `0644` for other files";
    }
    foreign {
        "src" => "write `from`",
        "source" => "write `from`",
        "path" => "write `from`",
        "dest" => "write `to`",
        "dst" => "write `to`",
        "destination" => "write `to`",
        "target" => "write `to`",
        "chmod" => "write `mode`",
        "chown" => "files belong to root; what the program may write is `runtime: {writable: […]}`",
        "owner" => "files belong to root; what the program may write is `runtime: {writable: […]}`",
    }
}
