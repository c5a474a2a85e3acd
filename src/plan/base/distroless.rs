//! Distroless: the C library or less, no shell, no package manager.

use crate::name::Reference;
use crate::plan::product::Needs;

/// The smallest distroless image that has what the application needs.
pub(super) fn reference(needs: Needs) -> Reference {
    Reference::distroless(match needs {
        Needs::Nothing => "static-debian13",
        Needs::CLibrary => "cc-debian13",
    })
}
