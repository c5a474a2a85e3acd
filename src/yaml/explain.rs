//! Explains what is wrong with a text that is not a YAML document we read.

use crate::diagnostic::Diagnostic;
use crate::text::Source;

/// Whether the text can be looked at all.
pub(super) fn check_text(source: &Source) -> Result<(), Diagnostic> {
    if source.text().len() > super::MAX_BYTES {
        return Err(Diagnostic::error("too-large", "too large"));
    }
    Ok(())
}
