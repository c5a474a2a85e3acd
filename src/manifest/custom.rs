//! The commands of applications in any other language.

use super::field::Format;
use super::value::Command;

block! {
    /// An application in any other language, under the same rules: `build.base` builds, `build.artifacts` ship, `runtime.entrypoint` starts.
    pub struct Custom as "custom" {
        /// Commands with network, one after another in one step. They see dependency manifests and lock files (`Gemfile`, `composer.lock`, `mix.exs` …) at their places and nothing else of the source; where there are secrets or SSH agents, none that is a program itself. What they write beside the manifests (`vendor`, `deps` …) stays there, below the source; so does what they install into the builder, but where there are secrets or SSH agents.
        "fetch" fetch: Vec<Command>, Format::COMMAND;
        /// Commands that build, offline, on the whole source, after those of `build.run`.
        "build" build: Vec<Command>, Format::COMMAND;
    }
    foreign {
        "base" => "write `build: {base: …}`",
        "image" => "write `build: {base: …}`",
        "artifacts" => "write `build: {artifacts: [{from: …, to: …}]}`",
        "packages" => "write `build: {packages: […]}`",
        "entrypoint" => "write `runtime: {entrypoint: […]}`",
        "run" => "write `build`",
        "install" => "write `fetch` for what needs a network, `build` for the rest",
    }
}
