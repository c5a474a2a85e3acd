//! What planning chose by itself, and what told it.

use std::fmt;

/// One thing that the manifest leaves open, as it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What was to be chosen.
    pub what: &'static str,
    /// What was chosen.
    pub value: String,
    /// The file that told it.
    pub because: String,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.what, self.value, self.because)
    }
}
