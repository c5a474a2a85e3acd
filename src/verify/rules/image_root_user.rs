//! `image-root-user`: the image runs as the user whom the contract names, who is not root.

use super::{Proof, user_not_numeric};
use crate::verify::findings::{Findings, Law};

static LAW: Law = Law {
    name: "image-root-user",
    why: "who breaks out of a container as root is root outside",
    help: "leave out `runtime.user`, or give another number than 0",
};

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
