//! The table of languages: one line here and one file each.

macro_rules! languages {
    ($($(#[doc = $doc:literal])+ $word:literal $module:ident: $Name:ident;)+) => {
        $(pub use super::$module::$Name;)+

        words! {
            /// A language that applications are written in.
            pub enum Language {
                $($(#[doc = $doc])+ $Name = $word,)+
            }
        }

        block! {
            /// The options of each language.
            pub struct LanguageBlocks as "languages" {
                $($(#[doc = $doc])+ $word $module: Option<super::$module::$Name>;)+
            }
        }

        impl LanguageBlocks {
            /// The languages whose block was written, with its place.
            pub fn given(&self) -> Vec<Spanned<Language>> {
                let mut given = Vec::new();
                $(given.extend(
                    self.$module.as_ref().map(|block| Spanned::new(Language::$Name, block.span)),
                );)+
                given
            }
        }
    };
}

use crate::text::Spanned;

languages! {
    /// A Go program, built from its module or workspace.
    "go" go: Go;
    /// A Rust program, built with Cargo from its package or workspace.
    "rust" rust: Rust;
    /// A Python application, with the packages that its lock file names.
    "python" python: Python;
    /// A Node application, with the production packages that its lock file names.
    "node" node: Node;
    /// A Java application, built with Maven.
    "java" java: Java;
    /// A site of files, plain or built by Node, served by nginx.
    "static" site: Site;
    /// A program that was built elsewhere and lies in the context.
    "binary" binary: Binary;
    /// An application in any other language, by commands of its own.
    "custom" custom: Custom;
}
