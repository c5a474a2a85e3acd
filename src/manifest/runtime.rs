//! The compartment that ships.

use std::num::NonZeroU16;

use super::field::{Format, Keys};
use super::file::File;
use super::scalar::Id;
use super::value::{Map, Text};
use crate::text::Spanned;

block! {
    /// What the image consists of beside the application, and how it runs.
    pub struct Runtime as "runtime" {
        /// What the image stands on: `scratch`, `distroless`, or an image reference with a `/`.
        "base" base: Option<Text> = "chosen by the language", Format::IMAGE;
        /// Certificates in the context that are added to the bundle of authorities.
        "ca-certificates" ca_certificates: Vec<Text>, Format::PATH;
        /// Whether the time zone database is part of an image on `scratch`.
        "tzdata" tzdata: Option<Spanned<bool>> = "`false`";
        /// Files of the context that are copied into the image.
        "files" files: Vec<File>;
        /// The user that runs the program, never root.
        "user" user: User = "`{uid: 65532, gid: 65532, name: nonroot}`";
        /// The directory in which the program starts.
        "workdir" workdir: Option<Text> = "`/app`", Format::PATH;
        /// Variables of the program.
        "env" env: Map<Text>, Format::VARIABLES;
        /// The program and its first arguments.
        "entrypoint" entrypoint: Vec<Text> = "the program that was built; of Python the one program that the application installs, else `main.py`, `app.py` or `__main__.py`; of Node the `start` script, which must be of the form `node …`, else the one program in `bin`, else `main`, else `server.js`";
        /// The programs that the image can start, by the names of their targets, in place of `entrypoint`; `web` is the usual one.
        "processes" processes: Map<Vec<Text>> = "the lines of a `Procfile`", Format { keys: Keys::Target, ..Format::TEXT };
        /// Further arguments, which whoever starts the container can replace.
        "cmd" cmd: Vec<Text>;
        /// Ports on which the program listens.
        "ports" ports: Vec<Spanned<NonZeroU16>> = "none; of a static site `[8080]`";
        /// The only directories that the user may write, beside `/tmp`.
        "writable" writable: Vec<Text>, Format::PATH;
        /// The signal that asks the program to stop.
        "stop-signal" stop_signal: Option<Text> = "`SIGTERM`; of a static site `SIGQUIT`";
        /// Labels of the image.
        "labels" labels: Map<Text>, Format::LABELS;
        /// Annotations of the image's manifest.
        "annotations" annotations: Map<Text>, Format::LABELS;
    }
    foreign {
        "image" => "write `base`",
        "from" => "write `base`",
        "environment" => "write `env`",
        "command" => "write `cmd` for arguments that can be replaced, `entrypoint` for the program",
        "args" => "arguments of the program are `cmd`; build arguments are `args` at the top of the manifest",
        "volumes" => "directories that the program may write are `writable: […]`; volumes are declared where the container is run",
        "volume" => "directories that the program may write are `writable: […]`; volumes are declared where the container is run",
        "expose" => "write `ports`",
        "port" => "write `ports: […]`",
        "copy" => "write `files: [{from: …, to: …}]`",
        "add" => "write `files: [{from: …, to: …}]`",
        "run" => "nothing runs in the image itself; commands of the builder are `build: {run: […]}`",
        "healthcheck" => "health is asked by whoever runs the container, such as an orchestrator's probes",
        "onbuild" => "an image triggers nothing in later builds",
        "shell" => "there is no shell; `entrypoint` and `cmd` are lists of words",
        "uid" => "write `user: {uid: …}`",
        "gid" => "write `user: {gid: …}`",
        "working-dir" => "write `workdir`",
        "working-directory" => "write `workdir`",
        "stopsignal" => "write `stop-signal`",
        "maintainer" => "write `labels: {org.opencontainers.image.authors: …}`",
        "secrets" => "secrets exist in `fetch: {secrets: […]}` only; an image never holds one",
        "network-mode" => "networks are declared where the container is run",
        "restart" => "restarts are declared where the container is run",
        "paths" => "directories that the program may write are `writable: […]`, files are `files: […]`",
        "certificates" => "write `ca-certificates`",
        "timezone" => "write `tzdata: true` and set `env: {TZ: …}`",
    }
    later { "packages", "repositories", "keyring", }
}

block! {
    /// The user that runs the program.
    pub struct User as "user" {
        /// The user's number; 0 is refused.
        "uid" uid: Option<Spanned<Id>> = "`65532`";
        /// The group's number.
        "gid" gid: Option<Spanned<Id>> = "the user's number";
        /// The user's name in `/etc/passwd`, and the group's in `/etc/group`.
        "name" name: Option<Text> = "`nonroot`", Format::LITERAL;
    }
    shorthand "uid";
    foreign {
        "id" => "write `uid`",
        "group" => "write `gid`",
        "home" => "the user has no home; what the program may write is `writable: […]`",
        "shell" => "the user has no shell",
        "username" => "write `name`",
    }
}
