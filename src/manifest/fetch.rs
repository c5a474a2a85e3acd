//! The compartment with a network.

use super::decode::Decoder;
use super::field::{Format, Shape};
use super::scalar::Scalar as _;
use super::value::{Map, Text, Value};
use crate::text::Spanned;
use crate::yaml::{Kind, Node};

block! {
    /// How dependencies are fetched. Only these steps have a network and secrets, and they run no code of the application.
    pub struct Fetch as "fetch" {
        /// Variables of the fetching steps.
        "env" env: Map<Text>, Format::VARIABLES;
        /// Secrets of the build that fetching may read.
        "secrets" secrets: Vec<Secret>, Format::LITERAL;
        /// SSH agents of the build that fetching may use, by their ids; which hosts they are for, `known-hosts` says.
        "ssh" ssh: Vec<Text>, Format::LITERAL;
    }
    foreign {
        "environment" => "write `env`",
        "secret" => "write `secrets`",
        "run" => "fetching runs the language's own commands only; commands of the builder are `build: {run: […]}`",
        "network" => "fetching always has a network and nothing else does",
    }
}

words! {
    /// A secret whose place and use are known.
    pub enum KnownSecret {
        /// Passwords of hosts, for `git` and `curl`.
        Netrc = "netrc",
        /// Tokens of Cargo registries.
        CargoCredentials = "cargo-credentials",
        /// Indexes and passwords of pip, in the form of a `pip.conf`.
        PipConf = "pip-conf",
        /// Tokens and addresses of npm registries, in the form of an `.npmrc`; Yarn reads it up to version 1 only.
        Npmrc = "npmrc",
        /// Repositories and passwords of Maven, in the form of a `settings.xml`.
        MavenSettings = "maven-settings",
        /// Keys of hosts that are reached by ssh, in the form of a `known_hosts`; a host without one is not talked to.
        KnownHosts = "known-hosts",
        /// Further authorities to trust while fetching.
        CaCertificates = "ca-certificates",
    }
}

block! {
    /// A secret with a use of its own.
    pub struct CustomSecret as "secret" {
        /// The id under which the build is given the secret.
        "id" id: Text, Format::LITERAL;
        /// The file that the secret is mounted as.
        "target" target: Option<Text> = "`/run/secrets/` and the id", Format { interpolated: false, ..Format::PATH };
        /// The variable that holds the secret, instead of a file.
        "env" env: Option<Text>, Format::LITERAL;
        /// Whether the build fails without it.
        "required" required: Option<Spanned<bool>> = "`true`";
    }
    foreign {
        "src" => "where the secret comes from is said when building: `--secret id=…,src=…`",
        "source" => "where the secret comes from is said when building: `--secret id=…,src=…`",
        "file" => "write `target`",
        "path" => "write `target`",
        "name" => "write `id`",
    }
}

/// A secret that fetching may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// One whose use is known.
    Known(Spanned<KnownSecret>),
    /// One whose use the manifest tells.
    Custom(CustomSecret),
}

impl Value for Secret {
    const REQUIRED: bool = true;

    fn decode(node: &Node, format: &'static Format, decoder: &mut Decoder) -> Option<Secret> {
        match node.kind {
            Kind::Mapping(_) => CustomSecret::decode(node, format, decoder).map(Secret::Custom),
            Kind::Scalar { .. } => Spanned::decode(node, format, decoder).map(Secret::Known),
            Kind::Null | Kind::Sequence(_) => {
                decoder.wrong_type(node, &Secret::shape(format));
                None
            }
        }
    }

    fn shape(format: &'static Format) -> Shape {
        Shape::Either(vec![KnownSecret::shape(format), Shape::Block(CustomSecret::BLOCK)])
    }
}
