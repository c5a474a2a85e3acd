//! The manifest's top level.

use super::build::Build;
use super::exception::Exception;
use super::fetch::Fetch;
use super::field::Format;
use super::language::{Language, LanguageBlocks};
use super::runtime::Runtime;
use super::test::Test;
use super::value::{Map, Nullable, Text};
use crate::text::Spanned;

block! {
    /// A manifest says what the application is. Cofferdam decides how it becomes an image.
    pub struct Manifest as "manifest" {
        /// The application's name. It names the program where nothing else does.
        "name" name: Option<Text> = "`app`";
        /// The application's language. A block of the same name implies it.
        "language" language: Option<Spanned<Language>> = "the one whose block is written, else the one that the files in `source` tell (`go.mod`, `Cargo.toml`, `pyproject.toml`, `package.json`, `pom.xml` …; `index.html` where there is none of them)";
        /// The directory of the application, from which a workspace root (`go.work`, a Cargo workspace) is found upwards.
        "source" source: SourceDirectory = "`.`";
        /// Build arguments that the build may be given, each with its default; `null` makes an argument required. `TARGETOS`, `TARGETARCH` and `TARGETVARIANT` are always there.
        "args" args: Map<Nullable<Text>>, Format::ARGUMENTS;
        /// The platforms that the image may be built for, such as `linux/amd64`.
        "platforms" platforms: Vec<Text> = "any", Format::LITERAL;
        /// The compartment with a network, which runs no code of the application.
        "fetch" fetch: Fetch;
        /// The builder compartment: offline, without secrets, never shipped.
        "build" build: Build;
        /// The compartment that ships.
        "runtime" runtime: Runtime;
        /// What the finished image must do.
        "tests" tests: Vec<Test>;
        /// Rules that may be broken, each with its reason.
        "exceptions" exceptions: Vec<Exception>;
    }
    flattened languages: LanguageBlocks;
    foreign {
        "image" => "the image is named by the build's `--tag`; what it stands on is `runtime: {base: …}`",
        "from" => "what the image stands on is `runtime: {base: …}`, what builds it is `build: {base: …}`",
        "base" => "what the image stands on is `runtime: {base: …}`, what builds it is `build: {base: …}`",
        "env" => "variables of the running program are `runtime: {env: {NAME: value}}`, those of commands stand under `fetch` or `build`",
        "environment" => "variables of the running program are `runtime: {env: {NAME: value}}`",
        "command" => "the program is `runtime: {entrypoint: […], cmd: […]}`",
        "run" => "commands of the builder are `build: {run: […]}`; nothing runs in the image itself",
        "volumes" => "directories that the program may write are `runtime: {writable: […]}`",
        "port" => "ports are `runtime: {ports: [8080]}`",
        "ports" => "ports are `runtime: {ports: [8080]}`",
        "expose" => "ports are `runtime: {ports: […]}`",
        "copy" => "further files are `runtime: {files: [{from: …, to: …}]}`",
        "add" => "further files are `runtime: {files: [{from: …, to: …}]}`",
        "arg" => "build arguments are `args: {NAME: default}`",
        "services" => "a manifest describes one image; a composition refers to it as a build",
        "version" => "the version of a toolchain stands in the language's block, such as `go: {version: \"1.26\"}`",
        "steps" => "how the image is built follows from the language; extra commands are `build: {run: […]}`",
        "stages" => "there are always two compartments, `build` and `runtime`",
        "context" => "the application's directory within the context is `source: …`",
        "dependencies" => "dependencies come from the application's own lock file; Debian packages of the builder are `build: {packages: […]}`",
        "contents" => "the parts of the image stand under `runtime`",
        "accounts" => "the user is `runtime: {user: {uid: …, name: …}}`",
        "archs" => "platforms are `platforms: [linux/amd64, linux/arm64]`",
    }
}

block! {
    /// Where the application lies in the build context.
    pub struct SourceDirectory as "source" {
        /// The directory, relative to the context.
        "path" path: Option<Text> = "`.`", Format::PATH;
        /// Patterns of files that the build does not see, in the syntax of `.dockerignore`; `!` takes back something of what
        /// is left out anyway: what tools make, such as `**/node_modules`, and `**/.git`.
        "exclude" exclude: Vec<Text>, Format::PATTERN;
    }
    shorthand "path";
    foreign {
        "ignore" => "write `exclude`",
        "include" => "everything is included; name what is not with `exclude`",
        "dir" => "write `path`",
    }
}
