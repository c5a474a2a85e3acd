//! The options of programs that were built elsewhere.

use super::field::Format;
use super::value::Text;

block! {
    /// A program that lies in the context, ready to run.
    pub struct Binary as "binary" {
        /// The file, relative to the application; `${TARGETARCH}` chooses among architectures.
        "from" from: Text, Format::PATH;
        /// The file's SHA-256 digest in hexadecimal digits; another content fails the build.
        "sha256" sha256: Option<Text>;
    }
    foreign {
        "path" => "write `from`",
        "file" => "write `from`",
        "url" => "this version takes files of the context only; `from` names one",
        "checksum" => "write `sha256`",
        "digest" => "write `sha256`",
    }
}
