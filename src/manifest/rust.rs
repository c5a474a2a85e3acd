//! The options of Rust applications.

use super::value::Text;
use crate::text::Spanned;

block! {
    /// Options of Cargo. The build is locked and offline.
    pub struct Rust as "rust" {
        /// The toolchain's version.
        "version" version: Option<Text> = "the release that `rust-toolchain.toml` or `.tool-versions` names, else the newest";
        /// The binary that is built.
        "bin" bin: Option<Text> = "all of the package";
        /// Features that are turned on.
        "features" features: Vec<Text>;
        /// Whether the default features are on.
        "default-features" default_features: Option<Spanned<bool>> = "`true`";
        /// The build profile.
        "profile" profile: Option<Text> = "`release`";
    }
    foreign {
        "toolchain" => "write `version`",
        "channel" => "write `version`",
        "bins" => "write `bin`",
        "package" => "the package is the one in `source`; its binary is `bin`",
        "target" => "the target follows from the platform and the base",
        "no-default-features" => "write `default-features: false`",
        "all-features" => "name the features with `features: […]`",
    }
}
