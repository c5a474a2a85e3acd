//! The rules: one record per rule, from which errors, exceptions and the reference page are made.

mod base_file_replaced;
mod compile_network;
mod entrypoint_unresolvable;
mod env_loader;
mod fetch_executes;
mod final_package_manager;
mod final_setuid;
mod final_shell;
mod flattened;
mod image_root_user;
mod inherited_config;
mod latest_tag;
mod local_replacement;
mod merge_shadows_base;
mod missing_library;
mod page;
mod reserved_label;
mod scanner_leak;
mod secret_outside_fetch;
mod shared_cache_mount;
mod staging_leak;
mod tests_leak;
mod tests_not_run;
mod undeclared_arg;
mod uninspected;
mod unknown_shape;
mod unlocked;
mod unpinned_source;
mod user_not_numeric;

pub use base_file_replaced::RULE as BASE_FILE_REPLACED;
pub use compile_network::RULE as COMPILE_NETWORK;
pub use entrypoint_unresolvable::RULE as ENTRYPOINT_UNRESOLVABLE;
pub use env_loader::RULE as ENV_LOADER;
pub use fetch_executes::RULE as FETCH_EXECUTES;
pub use final_package_manager::RULE as FINAL_PACKAGE_MANAGER;
pub use final_setuid::RULE as FINAL_SETUID;
pub use final_shell::RULE as FINAL_SHELL;
pub use flattened::RULE as FLATTENED;
pub use image_root_user::RULE as IMAGE_ROOT_USER;
pub use inherited_config::RULE as INHERITED_CONFIG;
pub use latest_tag::RULE as LATEST_TAG;
pub use local_replacement::RULE as LOCAL_REPLACEMENT;
pub use merge_shadows_base::RULE as MERGE_SHADOWS_BASE;
pub use missing_library::RULE as MISSING_LIBRARY;
pub use page::page;
pub use reserved_label::RULE as RESERVED_LABEL;
pub use scanner_leak::RULE as SCANNER_LEAK;
pub use secret_outside_fetch::RULE as SECRET_OUTSIDE_FETCH;
pub use shared_cache_mount::RULE as SHARED_CACHE_MOUNT;
pub use staging_leak::RULE as STAGING_LEAK;
pub use tests_leak::RULE as TESTS_LEAK;
pub use tests_not_run::RULE as TESTS_NOT_RUN;
pub use undeclared_arg::RULE as UNDECLARED_ARG;
pub use uninspected::RULE as UNINSPECTED;
pub use unknown_shape::RULE as UNKNOWN_SHAPE;
pub use unlocked::RULE as UNLOCKED;
pub use unpinned_source::RULE as UNPINNED_SOURCE;
pub use user_not_numeric::RULE as USER_NOT_NUMERIC;

/// What a rule forbids, why, and how to keep it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable name that errors, exceptions and policies use.
    pub name: &'static str,
    /// What holds when the rule is kept, in a few words.
    pub title: &'static str,
    /// What it forbids.
    pub forbids: &'static str,
    /// Why.
    pub why: &'static str,
    /// How to mend a breach.
    pub mend: &'static str,
    /// Whether a manifest may make an exception.
    pub exception: Exception,
    /// Where it is proved.
    pub proof: Proof,
}

/// Whether a manifest may make an exception from a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// No.
    Never,
    /// Yes, by the option that the rule speaks of: what it names is the exception.
    Named,
    /// Yes, with a written reason, unless a policy forbids it.
    WithReason,
}

/// Where a rule is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// On the marshalled graph, before anything runs; a breach fails the build.
    Graph,
    /// On the finished file system, by a step inside the graph; a breach fails the build.
    Output,
    /// While reading the manifest and the daemon's answers; a breach is a warning.
    Lint,
}

static RULES: &[&Rule] = &[
    &STAGING_LEAK,
    &COMPILE_NETWORK,
    &FETCH_EXECUTES,
    &UNPINNED_SOURCE,
    &SECRET_OUTSIDE_FETCH,
    &USER_NOT_NUMERIC,
    &IMAGE_ROOT_USER,
    &INHERITED_CONFIG,
    &MERGE_SHADOWS_BASE,
    &ENV_LOADER,
    &RESERVED_LABEL,
    &SHARED_CACHE_MOUNT,
    &UNINSPECTED,
    &TESTS_LEAK,
    &SCANNER_LEAK,
    &UNKNOWN_SHAPE,
    &BASE_FILE_REPLACED,
    &FINAL_SHELL,
    &FINAL_PACKAGE_MANAGER,
    &FINAL_SETUID,
    &ENTRYPOINT_UNRESOLVABLE,
    &MISSING_LIBRARY,
    &LATEST_TAG,
    &LOCAL_REPLACEMENT,
    &FLATTENED,
    &UNDECLARED_ARG,
    &UNLOCKED,
    &TESTS_NOT_RUN,
];

/// Every rule: those of the graph, then those of the output, then the lints.
pub fn all() -> &'static [&'static Rule] {
    RULES
}

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_rules_stand_in_the_order_of_their_proof() {
        assert!(RULES.is_sorted_by_key(|rule| rule.proof));
        for rule in all() {
            assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.name);
            assert!(std::ptr::eq(find(rule.name).unwrap(), *rule), "{} is there twice", rule.name);
        }
        assert_eq!(find("no-such-rule"), None);
    }

    #[test]
    fn every_record_is_written_in_whole_sentences() {
        for rule in all() {
            for text in [rule.forbids, rule.why, rule.mend] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", rule.name);
            }
            assert!(!rule.title.ends_with('.'), "{}", rule.name);
        }
    }

    #[test]
    fn staging_root_and_secret_rules_have_no_exception() {
        for name in ["staging-leak", "image-root-user", "secret-outside-fetch"] {
            assert_eq!(find(name).unwrap().exception, Exception::Never);
        }
    }
}
