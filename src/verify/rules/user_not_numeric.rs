//! `user-not-numeric`: the configuration's user is `uid:gid` in digits.

use super::Proof;
use crate::contract::User;
use crate::rule;
use crate::verify::findings::{Findings, Law, quoted};

static LAW: Law = Law::mendable(&rule::USER_NOT_NUMERIC);

/// Looks at the configuration's user.
pub(super) fn check(proof: &Proof<'_>, found: &mut Findings<'_>) {
    if user(&proof.config.user).is_none() {
        let message = format!(
            "the image's user is `{}`, not a user and a group as numbers",
            quoted(&proof.config.user)
        );
        found.image(&LAW, message);
    }
}

/// The user that a text names by numbers, written in the shortest way.
pub(super) fn user(text: &str) -> Option<User> {
    let (uid, gid) = text.split_once(':')?;
    let user = User { uid: uid.parse().ok()?, gid: gid.parse().ok()? };
    (user.to_string() == text).then_some(user)
}
