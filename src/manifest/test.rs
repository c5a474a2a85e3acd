//! Tests of the finished image.

use std::num::NonZeroU16;

use super::field::Format;
use super::scalar::Mode;
use super::value::Text;
use crate::text::Spanned;

block! {
    /// A test: `run`, `file` or `http`. It runs in the finished image, as its user and with its variables (and `HOME`, as container runtimes set it), in a container of its own: without network but for loopback, on a file system that cannot be changed but for `/tmp` and `runtime.writable`, and nothing that it leaves there ships. A test that fails fails the build.
    pub struct Test as "test" {
        /// A program and its arguments; no shell reads them.
        "run" run: Vec<Text>;
        /// The exit code that the program must end with.
        "exit" exit: Option<Spanned<u8>> = "`0`";
        /// What it must write to its standard output, of which the last MiB is looked at.
        "stdout" stdout: Output;
        /// What it must write to its standard error.
        "stderr" stderr: Output;
        /// How long it may take, from `1s` to `5m`.
        "timeout" timeout: Option<Text> = "`20s`";
        /// A file or directory of the image, links followed.
        "file" file: Option<Text>, Format::PATH;
        /// Whether it must not be there.
        "absent" absent: Option<Spanned<bool>> = "`false`";
        /// The permission bits that it must have.
        "mode" mode: Option<Spanned<Mode>>;
        /// The user's number that it must belong to, and after a `:` the group's.
        "owner" owner: Option<Text>;
        /// A GET request to what the image starts; it is left out where another process than the usual one is built (`--target worker`).
        "http" http: Option<Http>;
    }
    foreign {
        "command" => "write `run`",
        "path" => "write `file`",
        "url" => "write `http: {path: …}`",
        "output" => "write `stdout`",
    }
}

block! {
    /// What a program must write.
    pub struct Output as "output" {
        /// A text that it must have in it.
        "contains" contains: Option<Text>, Format { lines: true, ..Format::TEXT };
        /// The whole of it, but for a line break at its end.
        "equals" equals: Option<Text>, Format::LABELS;
        /// The same as a pattern in which each `*` stands for anything.
        "matches" matches: Option<Text>, Format::LABELS;
    }
}

block! {
    /// A request that the started image must answer.
    pub struct Http as "http" {
        /// The path, with a query if need be.
        "path" path: Text;
        /// The port on which the image listens.
        "port" port: Option<Spanned<NonZeroU16>> = "the first of `runtime.ports`";
        /// The status code of the answer.
        "status" status: Option<Spanned<NonZeroU16>> = "`200`";
        /// How long it may take until the answer is there, from `1s` to `5m`.
        "timeout" timeout: Option<Text> = "`20s`";
    }
    shorthand "path";
}
