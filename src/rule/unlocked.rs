//! `unlocked`: dependencies are locked.

use super::{Exception, Proof, Rule};

/// The record of `unlocked`.
pub static RULE: Rule = Rule {
    name: "unlocked",
    title: "Dependencies are locked",
    forbids: "Dependencies that a range of versions names, and no lock file.",
    why: "Whatever is newest on the day of the build goes into the image: two builds of one commit may differ, and \
        nobody has seen that code together before.",
    mend: "Commit a lock file: `poetry.lock`, `uv.lock`, `Pipfile.lock`, `pylock.toml`, or a `requirements.txt` \
        with digests (`pip-compile --generate-hashes`).",
    exception: Exception::WithReason,
    proof: Proof::Lint,
};
