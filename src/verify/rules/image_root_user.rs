//! `image-root-user`: the image runs as the user whom the contract names, who is not root.

use super::{Proof, user_not_numeric};
use crate::rule;
use crate::verify::findings::{Findings, Law};

static LAW: Law = Law::mendable(&rule::IMAGE_ROOT_USER);

/// Compares the configuration's user with root and with the contract's.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    let Some(user) = user_not_numeric::user(&proof.config.user) else { return };
    let declared = proof.case.contract.user;
    if user.uid == 0 {
        found.image(&LAW, "the image runs as root");
    } else if user != declared {
        found.image(&LAW, format!("the image runs as {user}, but {declared} is declared"));
    }
}
