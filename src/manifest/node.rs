//! The options of Node applications.

use super::decode::Decoder;
use super::field::{Format, Shape};
use super::value::{Text, Value};
use crate::text::Spanned;
use crate::yaml::{Kind, Node as YamlNode};

words! {
    /// A manager of npm packages, by whose lock file dependencies are fetched.
    pub enum NodeManager {
        /// `package-lock.json` or `npm-shrinkwrap.json`.
        Npm = "npm",
        /// `yarn.lock`, of Yarn 1 or newer.
        Yarn = "yarn",
        /// `pnpm-lock.yaml`.
        Pnpm = "pnpm",
    }
    later { "bun", "deno", }
}

words! {
    /// A framework whose build puts together by itself what runs.
    pub enum Framework {
        /// Next.js, whose `output: "standalone"` ships.
        Next = "next",
        /// Nuxt and what else is built with Nitro, whose `.output` ships.
        Nitro = "nitro",
        /// None: the application's files and its production dependencies ship.
        None = "none",
    }
    later { "remix", "sveltekit", "astro", }
}

/// Whose install scripts may use the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchScripts {
    /// Those of all packages, or of none.
    All(Spanned<bool>),
    /// Those of these packages.
    Packages(Vec<Text>),
}

block! {
    /// Options of Node. Dependencies are fetched without running their scripts; scripts and the build run offline. The
    /// application ships as `files` in its `package.json` says; where it says nothing, without tests, `.env` files, what was
    /// compiled from (TypeScript), and at its top hidden files, documents and what developers' tools keep there.
    pub struct Node as "node" {
        /// The version of Node.
        "version" version: Option<Text> = "the one that `.nvmrc`, `.node-version`, `.tool-versions` or `engines` asks for, else `22`";
        /// Which lock file counts.
        "package-manager" package_manager: Option<Spanned<NodeManager>> = "the one that `packageManager` names, or whose lock file is there";
        /// The script of `package.json` that builds the application.
        "script" script: Option<Text> = "`build`, if there is one";
        /// The framework whose own output ships.
        "framework" framework: Option<Spanned<Framework>> = "the one among the dependencies";
        /// Packages whose install scripts may use the network (`true` for all): they then run as the exception `fetch-executes`, without any secret. Packages that come from repositories are fetched only if they are named.
        "fetch-scripts" fetch_scripts: Option<FetchScripts> = "`false`";
    }
    foreign {
        "manager" => "write `package-manager`",
        "build" => "write `script`",
        "command" => "name a script of `package.json` with `script`",
        "main" => "write `runtime: {entrypoint: [node, …]}`, or `main` in `package.json`",
        "entrypoint" => "write `runtime: {entrypoint: [node, …]}`",
        "workspace" => "name the application's directory in `source`; its workspace is found upward",
        "production" => "development dependencies never ship",
        "ignore-scripts" => "fetching never runs scripts, unless `fetch-scripts` names their packages",
        "trusted-dependencies" => "install scripts always run, offline; `fetch-scripts` names those that need the network",
    }
}

impl Value for FetchScripts {
    const REQUIRED: bool = true;

    fn decode(node: &YamlNode, format: &'static Format, decoder: &mut Decoder) -> Option<FetchScripts> {
        match node.kind {
            Kind::Sequence(_) => Vec::decode(node, format, decoder).map(FetchScripts::Packages),
            Kind::Scalar { .. } => Spanned::decode(node, format, decoder).map(FetchScripts::All),
            Kind::Null | Kind::Mapping(_) => {
                decoder.wrong_type(node, &FetchScripts::shape(format));
                None
            }
        }
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::Either(vec![Shape::Bool, Vec::<Text>::shape(format)])
    }
}
