//! What a step reports: findings that break a rule, notes that do not, and counts for the summary.

use serde::{Deserialize, Serialize};

/// The report of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What breaks a rule, in the order of the rules and then of the paths.
    pub findings: Vec<Finding>,
    /// What the user should know although it breaks nothing.
    pub notes: Vec<Finding>,
    /// The names of the rules that were examined, whether or not they held.
    pub examined: Vec<String>,
    /// What was seen, in numbers.
    pub summary: Summary,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule's name, or the kind of error such as `artifact-missing`.
    pub rule: String,
    /// Where: a path in the image or in the builder's output; bytes that are not UTF-8 are escaped as `\xNN`.
    pub path: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// How to mend it; empty where there is nothing to say.
    pub help: String,
}

/// What a step saw, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Regular files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Programs and shared libraries whose needs were followed.
    pub binaries: u64,
    /// Components in the SBOM.
    pub components: u64,
}

impl Finding {
    /// A finding of a rule at a path.
    pub fn new(rule: &str, path: &dyn std::fmt::Display, message: impl Into<String>) -> Finding {
        Finding {
            rule: rule.to_owned(),
            path: path.to_string(),
            message: message.into(),
            help: String::new(),
        }
    }

    /// The same finding with a way to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = help.into();
        self
    }
}
