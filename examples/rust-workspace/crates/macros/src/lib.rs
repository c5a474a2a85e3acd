//! A procedural macro of the workspace's own.

use proc_macro::TokenStream;

/// The length of the named table.
#[proc_macro]
pub fn count(table: TokenStream) -> TokenStream {
    format!("{table}.len()").parse().expect("a path followed by a call is an expression")
}
