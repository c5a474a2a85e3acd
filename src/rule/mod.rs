//! The rules: one record per rule, from which errors, exceptions and the reference page are made.
#![allow(missing_docs)]
pub struct Rule {
    pub name: &'static str,
    pub exceptable: bool,
}
pub fn find(_: &str) -> Option<&'static Rule> {
    None
}
pub fn all() -> &'static [&'static Rule] {
    &[]
}
