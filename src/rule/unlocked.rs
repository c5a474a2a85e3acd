//! `unlocked`: dependencies are locked.

use super::{Exception, Proof, Rule};

/// The record of `unlocked`.
pub static RULE: Rule = Rule {
    name: "unlocked",
    title: "Dependencies are locked",
    forbids: "Dependencies that are named without their digests: ranges of versions, and exact versions whose files \
        nobody vouches for, and managers of npm packages that are declared without a checksum.",
    why: "Whatever is newest on the day of the build goes into the image: two builds of one commit may differ, and \
        nobody has seen that code together before.",
    mend: "Commit a lock file: `poetry.lock`, `uv.lock`, `Pipfile.lock`, `pylock.toml`, or a `requirements.txt` \
        with digests (`pip-compile --generate-hashes`); of a package manager, let `corepack use` write `packageManager`.",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
