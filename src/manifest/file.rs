//! Files that go into the image: those of the context, and those that the builder makes.

use super::field::Format;
use super::scalar::Mode;
use super::value::Text;
use crate::text::Spanned;

block! {
    /// A file or directory that goes into the image: of the context (`runtime.files`), or of what the builder makes (`build.artifacts`).
    pub struct File as "file" {
        /// Where it comes from, relative to the context, or to the application where the builder makes it.
        "from" from: Text, Format::PATH;
        /// Where the image has it; with a `/` at its end, the directory that a file goes into under its own name.
        "to" to: Text, Format::PATH;
        /// The permission bits of its files.
        "mode" mode: Option<Spanned<Mode>> = "`0444`; where the builder makes it, `0755` for programs and `0644` for other files";
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
    later { "sha256", }
}
