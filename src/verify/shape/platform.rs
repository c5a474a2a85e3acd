//! The platform of an operation: Linux, without a version; images and steps have one, all else has none.

use super::Refusal;
use crate::wire::pb;

/// An error unless there is a plain platform.
pub(super) fn some(platform: Option<&pb::Platform>) -> Result<&pb::Platform, Refusal> {
    let platform = platform.ok_or_else(|| Refusal::shape("does not say which platform it is for"))?;
    let plain = platform.os == "linux"
        && !platform.architecture.is_empty()
        && platform.os_version.is_empty()
        && platform.os_features.is_empty();
    if plain { Ok(platform) } else { Err(Refusal::shape("is for a platform other than plain Linux")) }
}

/// An error if there is one.
pub(super) fn none(platform: Option<&pb::Platform>) -> Result<(), Refusal> {
    match platform {
        None => Ok(()),
        Some(_) => Err(Refusal::shape("is for one platform, where the operation is the same for all")),
    }
}
