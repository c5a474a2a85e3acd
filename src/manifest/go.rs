//! The options of Go applications.

use super::field::Format;
use super::value::Text;
use crate::text::Spanned;

block! {
    /// Options of the Go toolchain. The program is built with `-trimpath` and without debugging symbols.
    pub struct Go as "go" {
        /// The toolchain's version.
        "version" version: Option<Text> = "the one that `go.mod` asks for, else the one in `.tool-versions`";
        /// The main package, relative to the application.
        "main" main: Option<Text> = "the application itself, or the directory below `cmd` that is alone there or called as the module", Format::PATH;
        /// Build tags.
        "tags" tags: Vec<Text>;
        /// Further flags of the linker, one argument or several in one text.
        "ldflags" ldflags: Vec<Text>;
        /// Whether C code is linked in; the program is then dynamic and needs a base with a C library.
        "cgo" cgo: Option<Spanned<bool>> = "`false`";
        /// Patterns of module paths that are fetched from their own hosts, without proxy and checksum database.
        "private" private: Vec<Text>;
    }
    foreign {
        "package" => "the main package is `main`",
        "flags" => "flags of the linker are `ldflags`, build tags are `tags`",
        "goprivate" => "write `private`",
        "env" => "variables of the build are `build: {env: {NAME: value}}`",
    }
}
